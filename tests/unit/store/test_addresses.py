from __future__ import annotations

from pathlib import Path

import pytest

from genaudit.errors import DDError, Reason
from genaudit.store.addresses import is_url, local_root, shown


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("s3://bucket/prefix", "s3://bucket/prefix"),
        ("ftp://user:password@host/store", "ftp://***@host/store"),
        ("ftp://user@host/store", "ftp://***@host/store"),
        ("s3://KEY:se/cret+with/slashes@bucket/prefix", "s3://***@bucket/prefix"),
        ("https://host/store?token=abc&x=1#part", "https://host/store?***"),
        ("https://host/store#token", "https://host/store#***"),
        ("ftp://u:p@ss@host/s?X-Amz-Signature=a@b", "ftp://***@host/s?***"),
        ("ftp://u:p?ss@host/s", "ftp://***"),
        ("https://host:8080/s?mail=a@b", "https://host:8080/s?***"),
        ("https://host/a:b?mail=a@b", "https://host/a:b?***"),
        ("simplecache::ftp://user:password@host/store", "simplecache::ftp://***@host/store"),
        ("zip://a.zip::https://u:secret@host/x?token=1", "zip://a.zip::https://***@host/x?***"),
        ("s3://bucket/a@b/c", "s3://bucket/a@b/c"),
        ("data/with:colon@sign", "data/with:colon@sign"),
    ],
)
def test_a_url_is_shown_without_its_secrets(address, expected):
    assert shown(address) == expected


@pytest.mark.parametrize("address", ["data", "/data", "./s3:/x", "C:/data", "://x", Path("s3://bucket")])
def test_a_path_is_no_url(address):
    assert not is_url(address)


def test_a_command_that_writes_refuses_a_url_and_does_not_show_its_secrets():
    assert local_root("data") == Path("data")
    with pytest.raises(DDError) as refused:
        local_root("s3://key:secret@bucket/prefix?token=1")
    assert refused.value.reason is Reason.ROOT_IS_REMOTE
    assert "secret" not in str(refused.value)
    assert "token" not in str(refused.value)
