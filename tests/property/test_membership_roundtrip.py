"""Readers get the same rows of any membership in every form, and after other programs saved it."""

from __future__ import annotations

import csv
import io
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genaudit.cohorts.artifacts import MembershipFileStore
from genaudit.cohorts.membership import ManifestState, read_membership
from genaudit.cohorts.service import MembershipService
from genaudit.errors import DDError, Err
from genaudit.layout import Layout
from helpers.membership import COLUMNS, HEADERS, member, membership_csv, membership_frame, plain, write_membership_csv

STAGES = ("draft", "essay", "evaluation")
ids = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,12}", fullmatch=True)
# Any text that is its own normal form: commas, quotes, umlauts, line separators that are no control characters.
names = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=12).filter(
    lambda text: text == text.strip()
)
replicates = st.integers(min_value=1, max_value=2**31 - 1)


@st.composite
def members(draw):
    """Members in the order of the stages, complete enough to be seeded; perhaps with more than their stage needs."""
    keys = draw(st.lists(st.tuples(st.sampled_from(STAGES), ids), unique=True, max_size=8))
    rows = []
    for stage, gen_id in sorted(keys, key=lambda key: STAGES.index(key[0])):
        fields = {name: draw(names) for name in ("template_id", "llm_model_id")}
        fields |= {"mode": draw(st.sampled_from(("llm", "copy"))), "replicate": draw(replicates)}
        if stage == "draft" or draw(st.booleans()):
            fields["combo_id"] = draw(names)
        if stage != "draft" or draw(st.booleans()):
            fields["parent_gen_id"] = draw(ids)
        if stage == "essay" and draw(st.booleans()):
            del fields["llm_model_id"]
        rows.append(member(stage, gen_id, **fields, origin_cohort_id=draw(st.sampled_from(("c1", "older")))))
    return rows


def without_mode(rows):
    return [{name: value for name, value in row.items() if name != "mode"} for row in rows]


def outcome(root):
    """Read a membership: the table, or the one error that may come instead."""
    try:
        return read_membership(Layout(root), "c1"), None
    except DDError as error:
        return None, error


@settings(max_examples=25)
@given(rows=members())
def test_wide_then_slim_then_read_gives_the_same_rows(rows):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        results = []
        for slim in (False, True, False):
            MembershipFileStore(root, slim=slim).persist_membership("c1", membership_frame(rows), {})
            table = read_membership(Layout(root), "c1")
            assert table.form == ("slim" if slim else "wide")
            assert table.manifest_state is ManifestState.OK
            service = MembershipService(root)
            ids_of_stages = {stage: service.stage_gen_ids(stage) for stage in STAGES}
            results.append((plain(table.frame), plain(table.manifest.frame), ids_of_stages, service.rows("c1")))
        assert results[0] == results[1] == results[2]
        assert results[0][0] == without_mode(rows)
        assert results[0][1] == rows
        assert results[0][2] == {stage: [row["gen_id"] for row in rows if row["stage"] == stage] for stage in STAGES}
        # A wide membership that is read without a manifest, written slim: the manifest makes up for the columns.
        (root / "cohorts" / "c1" / "stage_manifest.json").unlink()
        frame = read_membership(Layout(root), "c1").frame
        MembershipFileStore(root, slim=True).persist_membership("c1", frame, {})
        table = read_membership(Layout(root), "c1")
        assert table.form == "slim"
        assert plain(table.frame) == [{**row, "origin_cohort_id": "c1"} for row in without_mode(rows)]


@settings(max_examples=40)
@given(rows=members(), form=st.sampled_from(sorted(HEADERS)), seed=st.integers(0, 999))
@pytest.mark.parametrize(("mark", "line_end"), [("", "\n"), ("", "\r\n"), ("\ufeff", "\n"), ("\ufeff", "\r\n")])
def test_a_file_saved_by_another_program_has_the_same_rows(rows, form, seed, mark, line_end):
    shuffled = random.Random(seed)  # noqa: S311 - a reproducible order, no secret
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        path = write_membership_csv(root, "c1", rows, form=form) / "membership.csv"
        before = read_membership(Layout(root), "c1")
        header, *lines = csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline=""))
        order = shuffled.sample(range(len(header) + 1), len(header) + 1)
        table = [[*header, "notes"], *([*line, "x, y"] for line in lines)]
        text = io.StringIO(newline="")
        quoting = shuffled.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC))
        csv.writer(text, lineterminator=line_end, quoting=quoting).writerows([row[i] for i in order] for row in table)
        path.write_bytes((mark + text.getvalue()).encode())
        after = read_membership(Layout(root), "c1")
        assert plain(after.frame) == plain(before.frame)
        assert after.form == before.form
        assert after.manifest_state is before.manifest_state is ManifestState.OK


@settings(max_examples=200)
@given(data=st.binary(max_size=80) | st.text(st.sampled_from('draft,essay\n\r"_stagegen_id;\x00é'), max_size=80))
def test_no_bytes_do_more_than_raise_the_one_error(data):
    header = b"stage,gen_id,replicate\n"
    content = data if isinstance(data, bytes) else data.encode()
    with tempfile.TemporaryDirectory() as folder:
        path = write_membership_csv(Path(folder), "c1", manifest=False) / "membership.csv"
        for text in (content, header + content):
            path.write_bytes(text)
            table, error = outcome(Path(folder))
            if table is None:
                assert error.code is Err.INVALID_MEMBERSHIP
                assert error.ctx["problems"]
            else:
                assert tuple(table.frame.columns) == COLUMNS
                assert not table.frame.duplicated(["stage", "gen_id"]).any()


@settings(max_examples=100)
@given(rows=members(), place=st.integers(min_value=0), flipped=st.integers(min_value=1, max_value=255))
def test_a_flipped_byte_of_a_manifest_is_never_believed(rows, place, flipped):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        path = write_membership_csv(root, "c1", rows) / "stage_manifest.json"
        data = bytearray(path.read_bytes())
        data[place % len(data)] ^= flipped
        path.write_bytes(bytes(data))
        table, error = outcome(root)
        if table is None:
            assert error.code is Err.INVALID_MEMBERSHIP
        else:
            # Blanks between tokens, and the case of an escape, may change.
            assert plain(table.manifest.frame) == rows


def test_the_forms_of_the_helper_are_the_forms_of_the_writer(tmp_path):
    rows = [member("draft", "d_1", combo_id='a,"b"', template_id="t", llm_model_id="m", replicate=3)]
    for slim, form in ((True, "slim"), (False, "wide")):
        MembershipFileStore(tmp_path, slim=slim).persist_membership("c1", membership_frame(rows), {})
        assert (tmp_path / "cohorts/c1/membership.csv").read_bytes() == membership_csv("c1", rows, form)
