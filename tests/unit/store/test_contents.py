import gzip
import os
from functools import partial

import pytest

from genaudit.store.contents import Content, Limits, UnscannedError, content_of, find_in_chunks
from genaudit.store.tokens import MAX_RUN, IdIndex

# Without the time, so that the same bytes come out for every worker.
pack = partial(gzip.compress, mtime=0)
SMALL = Limits(chunk=7, whole=20, unpacked=1000)
TEXT = "Ein Satz über d_1.\r\nUnd noch einer: 😀\n"


@pytest.fixture
def opened(tmp_path):
    handles = []

    def begin(data, limits=SMALL):
        path = tmp_path / "file"
        path.write_bytes(data)
        handles.append(os.open(path, os.O_RDONLY))
        return content_of(handles[-1], limits)

    yield begin
    for handle in handles:
        os.close(handle)


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (TEXT.encode(), "plain"),
        (b"", "plain"),
        (b"x", "plain"),
        (b"caf\xe9 latin-1", "plain"),
        (TEXT.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "utf-16"),
        (pack(TEXT.encode()), "gzip"),
        (pack(TEXT.encode("utf-16")), "gzip+utf-16"),
        (pack(b"one ") + pack(b"two") + b"\0" * 9, "gzip"),
        (pack(b""), "gzip"),
    ],
)
def test_content_comes_as_utf8(opened, data, form):
    content = opened(data)
    due = gzip.decompress(data) if "gzip" in form else data
    due = due.decode("utf-16").encode() if "utf-16" in form else due
    assert b"".join(content.chunks) == due
    assert (content.form, content.read) == (form, len(data))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"text and then \0", "binary"),
        (pack(b"a\0b"), "binary"),
        (pack(b"x" * 1001), "gzip_too_large"),
        (pack(TEXT.encode())[:-4], "gzip_damaged"),
        (b"\x1f\x8b but no gzip", "gzip_damaged"),
        (b"\xff\xfea", "not_utf16"),
        (b"\xff\xfe\x00\xd8a\x00", "not_utf16"),
        (TEXT.encode("utf-32"), "binary"),
    ],
)
def test_a_file_that_is_no_text_is_refused(opened, data, reason):
    with pytest.raises(UnscannedError) as caught:
        b"".join(opened(data).chunks)
    assert caught.value.reason == reason


def test_a_bomb_is_not_unpacked(opened):
    bomb = pack(b"\x20" * 50_000_000)
    content = opened(bomb, Limits(chunk=1 << 16, unpacked=1 << 20))
    sizes = []
    with pytest.raises(UnscannedError) as caught:
        sizes.extend(map(len, content.chunks))
    assert caught.value.reason == "gzip_too_large"
    assert max(sizes) <= 1 << 16
    assert sum(sizes) <= 1 << 20


def test_a_failed_read_gives_the_reason():
    pipe, other = os.pipe()
    os.close(other)
    os.close(pipe)
    with pytest.raises(UnscannedError) as caught:
        content_of(pipe, SMALL)
    assert caught.value.reason == "unreadable"


def test_a_content_is_taken_whole_up_to_the_limit(opened):
    assert opened(b"x" * 20).whole(SMALL.whole) == b"x" * 20
    larger = opened(b"x" * 21)
    assert larger.whole(SMALL.whole) is None
    assert b"".join(larger.chunks) == b"x" * 21


def test_memory_does_not_grow_with_the_content():
    index = IdIndex({"d_1": ("draft",)})
    alive = []

    class Chunk(bytes):
        __slots__ = ()

        def __del__(self):
            alive.pop()

    def chunks():
        for _ in range(300):
            alive.append(None)
            assert len(alive) <= 3
            yield Chunk(b"x" * 4000 + b" d_1\n")

    assert sum(1 for _ in find_in_chunks(chunks(), index)) == 300


def test_a_run_without_end_is_not_kept_whole():
    index = IdIndex({"d_1": ("draft",)})
    chunks = [b"x" * 50_000] * 20 + [b" d_1"]
    hits = [*find_in_chunks(chunks, index)]
    assert [(hit.start, line, column) for hit, line, column, _ in hits] == [(1_000_001, 1, 1_000_002)]
    assert [hit.start for hit, *_ in find_in_chunks([b"".join(chunks)], index)] == [1_000_001]
    assert MAX_RUN < 1_000_000


def test_lines_end_with_a_line_feed_and_columns_count_characters():
    data = "é d_1\r\nd_1\rd_1\n\n\td_1".encode()
    hits = find_in_chunks(Content(iter([data])).chunks, IdIndex({"d_1": ("draft",)}))
    assert [(hit.start, line, column) for hit, line, column, _ in hits] == [
        (3, 1, 3),
        (8, 2, 1),
        (12, 2, 5),
        (18, 4, 2),
    ]
