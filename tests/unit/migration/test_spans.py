from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genaudit.migration.spans import (
    Span,
    _nested_text_values,
    csv_rows,
    csv_rows_with,
    may_name,
    path_spans,
    rewritten,
    text_at,
    text_values,
    trimmed,
)

IDS = {"draft": {"abc": "d_1", "abcd": "d_2"}, "essay": {"abc": "e_1"}, "evaluation": {}}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


def test_only_the_given_bytes_change():
    data = b'{"a": "abc", "b": "abcd"}'
    spans = [Span(7, "abc", "longer"), Span(19, "abcd", "x")]
    assert rewritten(data, spans) == b'{"a": "longer", "b": "x"}'
    assert rewritten(data, []) == data


@pytest.mark.parametrize(
    "spans", [[Span(0, "abc", "x")], [Span(19, "abcd", "x"), Span(7, "abc", "y")], [Span(7, "abc", "x")] * 2]
)
def test_text_that_does_not_match_is_not_rewritten(spans):
    with pytest.raises(ValueError, match="is not at"):
        rewritten(b'{"a": "abc", "b": "abcd"}', spans)


@given(st.dictionaries(st.text(max_size=6), json_values, max_size=5), st.sampled_from([None, 2]), st.booleans())
def test_the_text_values_of_an_object_are_found(document, indent, ascii_only):
    data = json.dumps(document, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    found = text_values(data)
    assert found.keys() == {key for key, value in document.items() if isinstance(value, str)}
    for key, place in found.items():
        written = json.dumps(document[key], ensure_ascii=ascii_only)[1:-1].encode("utf-8", "surrogatepass")
        assert data[place.start : place.end] == written.strip()


@given(
    st.lists(st.lists(st.text('ab ,"\n\r', max_size=4), min_size=2, max_size=3), min_size=1, max_size=5),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.booleans(),
)
def test_cells_are_those_that_a_csv_reader_finds(rows, ends, quoting, has_mark):
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=ends, quoting=quoting).writerows(rows)
    data = (b"\xef\xbb\xbf" if has_mark else b"") + text.getvalue().encode()
    read = [row for row in csv.reader(io.StringIO(text.getvalue(), newline="")) if any(map(str.strip, row))]
    found = [[text_at(data, trimmed(data, place)).replace('""', '"') for place in row] for row in csv_rows(data)]
    assert found == [[cell.strip() for cell in row] for row in read]


@pytest.mark.parametrize(
    ("path", "spans"),
    [
        ("gens/draft/abc/parsed.txt", [Span(12, "abc", "d_1")]),
        ("gens/draft/abcd", [Span(12, "abcd", "d_2")]),
        ("/data/gens/essay/abc/raw.txt", [Span(18, "abc", "e_1")]),
        (r"gens\/draft\/abc\/parsed.txt", [Span(14, "abc", "d_1")]),
        ("gens/evaluation/abc/raw.txt", []),
        ("gens/draft/abcde", []),
        ("mygens/draft/abc/x", []),
        ("abc", []),
        ("gens/draft/", []),
    ],
)
def test_ids_in_paths(path, spans):
    data = b'"' + path.encode() + b'"'
    place = text_values(b'{"p":' + data + b"}")["p"]._replace(start=1, end=len(data) - 1)
    assert list(path_spans(data, place, IDS)) == spans


@given(
    st.lists(st.tuples(st.text(max_size=4), json_values), max_size=4),
    st.sampled_from([("", ""), (" ", "\n"), ("\t\r\n", " ")]),
    st.booleans(),
)
def test_flat_and_nested_objects_are_read_alike(pairs, blanks, ascii_only):
    before, after = blanks
    written = [
        f"{before}{json.dumps(key, ensure_ascii=ascii_only)}{after}:{before}"
        f"{json.dumps(value, ensure_ascii=ascii_only)}{after}"
        for key, value in pairs
    ]
    data = f"{before}{{{','.join(written) or after}}}{after}".encode("utf-8", "surrogatepass")
    assert text_values(data) == _nested_text_values(data)


def test_a_deep_object_takes_time_in_proportion_to_its_length():
    value = b'{"a":' * 50_000 + b"1" + b"}" * 50_000
    assert text_values(b'{"gen_id": "abc", "deep": ' + value + b"}").keys() == {"gen_id"}


@given(
    st.sampled_from(
        ["gens/draft/abc/raw.txt", "/x/gens/essay/abc", "gens/draft/other/raw.txt", "gens\\/draft\\/abcd"]
    )
)
def test_values_with_a_span_may_name_a_renamed_generation(path):
    data = b'{"p": "' + path.encode() + b'"}'
    place = text_values(data)["p"]
    spans = [*path_spans(data, place, IDS)]
    assert may_name(data, IDS) or not spans
    assert may_name(data, IDS) is ("other" not in path)


CELLS = st.sampled_from(
    [b"", b" ", "\N{NO-BREAK SPACE}".encode(), b"d_1", b" d_1 ", b"d_12", b'"d_1"', b"\xff", b"x\ty"]
)


@given(
    st.sampled_from([b"", b"\xef\xbb\xbf"]),
    st.lists(st.lists(CELLS, max_size=3)),
    st.sampled_from([b"\n", b"\r\n"]),
    st.booleans(),
)
def test_records_without_a_wanted_cell_may_be_passed_over(mark, lines, end, ends):
    data = mark + end.join(b",".join(line) for line in lines) + end * ends
    every, some = list(csv_rows(data)), list(csv_rows_with(data, [b"d_1"]))
    wanted = [row for row in every if row is every[0] or any(text_at(data, cell).strip() == "d_1" for cell in row)]
    if b'"' in data or b"\r" in data:
        assert some == every
    else:
        assert some == wanted
