from __future__ import annotations

import pytest

from genaudit.legible import legible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("d_5ezrffv9uf3lr37d", "d_5ezrffv9uf3lr37d"),
        ("Straße 🚀", "Straße 🚀"),
        ("a\nb\tc", r"a\nb\tc"),
        ("abc\u202egnp.exe", r"abc\u202egnp.exe"),
        ("zero\u200bwidth", r"zero\u200bwidth"),
        ("nul\x00", r"nul\x00"),
        ("half\udc80", r"half\udc80"),
        ("", ""),
    ],
)
def test_misleading_characters_are_escaped(text, shown):
    assert legible(text) == shown
    assert legible(text).encode().decode() == shown


def test_long_text_is_cut_with_a_mark():
    assert legible("x" * 1500, 10) == "xxxxxxxxxx… (1,500 characters)"
    assert legible("x" * 10, 10) == "xxxxxxxxxx"
