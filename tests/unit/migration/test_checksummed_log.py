"""Files of lines that were cut off, and that were damaged."""

from __future__ import annotations

import pytest

from genaudit.errors import DDError
from genaudit.migration.checksummed_log import append_line, read_lines
from genaudit.migration.files import Files
from genaudit.store.checksummed_log import parse_lines, render_line

LINES = [{"event": "one", "n": 1}, {"event": "two"}, {"event": "three", "text": "a b\n"}]


def test_a_file_of_lines_survives_being_cut_anywhere(tmp_path):
    data = b"".join(map(render_line, LINES))
    ends = [sum(len(render_line(entry)) for entry in LINES[:count]) for count in range(len(LINES) + 1)]
    (tmp_path / "x").mkdir()
    for size in range(len(data) + 1):
        read = parse_lines(data[:size], "lines")
        whole = sum(end <= size for end in ends) - 1
        assert read.entries == LINES[:whole]
        assert read.end == ends[whole]
        (tmp_path / "lines").write_bytes(data[:size])
        with Files(tmp_path) as files:
            append_line(files, "lines", {"event": "more"})
            assert read_lines(files, "lines").entries == [*LINES[:whole], {"event": "more"}]


def test_a_last_line_with_a_hole_is_unfinished_and_any_other_difference_is_damage():
    data = b"".join(map(render_line, LINES))
    assert parse_lines(data[:-3] + b"\0\0\n", "lines").entries == LINES[:2]
    with pytest.raises(DDError) as caught:
        parse_lines(data[:-3] + b"xx\n", "lines")
    assert caught.value.ctx["line"] == 3
    with pytest.raises(DDError) as caught:
        parse_lines(data.replace(b"two", b"too"), "lines")
    ctx = caught.value.ctx
    assert (ctx["reason"], ctx["path"], ctx["line"]) == ("workspace_damaged", "lines", 2)
    assert "backup" in ctx["next"]
