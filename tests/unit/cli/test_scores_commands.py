import csv
import json

import duckdb
import pytest
import yaml

from genaudit.sample import SampleOptions, write_sample
from helpers.membership import write_membership_csv
from helpers.scored_store import COMBO, E1, judged, members, write_scored_store
from helpers.stores import write_generation
from helpers.trees import contents, fingerprint

TEMPLATES = "1_raw/evaluation_templates.csv"
MODELS = "1_raw/llm_models.csv"
TABLES = ["aggregated_scores.csv", "generation_scores.csv"]
INDEX = ["combo_id", "draft_template", "generation_template", "generation_model", "parent_gen_id"]
END = ["allowlisted_template_score_sum", "generation_response_path"]
SPREAD = ("_min", "_max", "_n")


@pytest.fixture
def store(root, put):
    put(TEMPLATES, "template_id,active\nnovelty,True\nclarity,true\nretired,False\n")
    put(MODELS, "id\nalder\ntern\n")
    write_scored_store(root)
    for cohort in ("c1", "c2"):
        write_membership_csv(root, cohort, members(cohort))
    return root


@pytest.fixture
def scored(run, tmp_path):
    """Run the command; return its two tables as lists of rows, and its output."""

    def call(root, *options, output=tmp_path / "out"):
        code, out, err = run("scores", "--data-root", root, "--output", output, *options)
        assert code == 0, err
        return [list(csv.reader((output / name).read_text().splitlines())) for name in TABLES], out, err

    return call


def add_judged(root, gen_id, last, **changes):
    """Add an evaluation of the first essay with the given last line; without one it has no text."""
    folder = write_generation(root, "evaluation", gen_id, {**judged(E1, "alder", "novelty", 9), **changes})
    if last is not None:
        (folder / "parsed.txt").write_text(f"So it is.\n{last}\n")


def test_both_tables_of_a_cohort_worked_out_by_hand(store, scored):
    (scores, pivot), out, err = scored(store, "--cohort", "c1")
    assert scores[1] == [
        *("v_1", E1, "novelty", "alder", "4.0", "", "gens/evaluation/v_1/parsed.txt"),
        *(COMBO, "ladder", "letter", "own-model", "c1", "gens/essay/e_1/parsed.txt", "prompt", ""),
    ]
    assert [row[0] for row in scores] == ["gen_id", "v_1", "v_2", "v_3", "v_4", "v_5"]
    # Means of 8.25 alone, of 4, 7 and 5.5, and of 0 alone; 8.25 + 5.5 + 0 = 13.75.
    of = ("alder_clarity", "alder_novelty", "tern_novelty")
    spread = [name + suffix for name in of for suffix in SPREAD]
    assert pivot == [
        [*INDEX, *of, *spread, *END],
        [
            *(COMBO, "ladder", "letter", "own-model", E1),
            *("8.25", "5.5", "0.0"),
            *("8.25", "8.25", "1"),
            *("4.0", "7.0", "3"),
            *("0.0", "0.0", "1"),
            *("13.75", "gens/essay/e_1/parsed.txt"),
        ],
    ]
    lines = [line.split() for line in out.splitlines() if line]
    assert lines == [
        ["evaluations", "5,", "with", "score", "5"],
        ["rows", "of", "the", "pivot:", "1"],
        [*INDEX, *of, "allowlisted_template_score_sum"],
        [COMBO, "ladder", "letter", "own-model", E1, "8.25", "5.50", "0.00", "13.75"],
    ]
    assert "WARNING" not in err


def test_only_the_named_cohorts_rows_appear(store, scored):
    (scores, pivot), _, _ = scored(store, "--cohort", "c2")
    assert [row[0] for row in scores[1:]] == ["v_6", "v_7"]
    assert [row[:4] for row in pivot[1:]] == [[COMBO, "notes", "as-is", "juniper"]]
    (scores, pivot), _, _ = scored(store)
    assert len(scores) == 1 + 7
    assert [row[1] for row in pivot[1:]] == ["ladder", "notes"]


def test_inactive_evaluation_templates_are_scored_but_not_compared(store, scored):
    (scores, pivot), _, _ = scored(store, "--cohort", "c2")
    assert [row[2] for row in scores[1:]] == ["novelty", "retired"]
    assert not [name for name in pivot[0] if "retired" in name]


def test_a_catalog_without_the_column_has_active_templates_only(store, put, scored):
    put(TEMPLATES, "template_id,parser\nnovelty,x\nretired,x\n")
    (_, pivot), _, _ = scored(store, "--cohort", "c2")
    assert [name for name in pivot[0] if name.endswith("_n")] == ["alder_novelty_n", "tern_retired_n"]


@pytest.mark.parametrize("form", ["wide", "wide_without_replicate", "two_column"])
def test_every_form_of_a_membership_gives_the_same_bytes(store, scored, tmp_path, form):
    scored(store, "--cohort", "c1", output=tmp_path / "slim")
    for manifest in (True, False):
        write_membership_csv(store, "c1", members("c1"), form=form, manifest=manifest)
        if not manifest:
            (store / "cohorts/c1/stage_manifest.json").unlink()
        scored(store, "--cohort", "c1", output=tmp_path / form)
        assert contents(tmp_path / form) == contents(tmp_path / "slim")
        assert list(contents(tmp_path / form)) == TABLES


def test_evaluations_without_a_score_keep_their_rows_and_are_counted_by_reason(store, scored):
    add_judged(store, "v_a", "seven")
    add_judged(store, "v_b", None)
    add_judged(store, "v_c", "eight")
    add_judged(store, "v_d", "5", parent_gen_id="e_gone")
    (scores, _), out, err = scored(store)
    assert {row[0]: row[4:6] for row in scores if row[0] > "v_9"} == {
        "v_a": ["", "score_not_a_number"],
        "v_b": ["", "parsed_missing"],
        "v_c": ["", "score_not_a_number"],
        "v_d": ["5.0", "chain_incomplete"],
    }
    lines = [line.split() for line in out.splitlines() if line]
    assert lines[:5] == [
        ["evaluations", "11,", "with", "score", "8"],
        ["error", "count"],
        ["chain_incomplete", "1"],
        ["parsed_missing", "1"],
        ["score_not_a_number", "2"],
    ]
    warnings = [line for line in err.splitlines() if line.startswith("WARNING")]
    assert len(warnings) == 1
    assert "4 of 11" in warnings[0]


def test_json_has_the_counts_and_the_files(store, run, tmp_path):
    add_judged(store, "v_a", "seven")
    out = run("scores", "--data-root", store, "--output", tmp_path / "out", "--format", "json")[1]
    assert json.loads(out) == {
        "cohort_id": None,
        "allowlist": {
            "source": "catalogs",
            "evaluation_templates": ["clarity", "novelty"],
            "evaluation_models": ["alder", "tern"],
        },
        "evaluations": 8,
        "with_score": 7,
        "errors": {"score_not_a_number": 1},
        "pivot_rows": 2,
        "files": [str(tmp_path / "out" / name) for name in TABLES],
    }


def test_members_that_are_not_in_the_store_have_their_row(store, scored):
    rows = [*members("c2"), {"stage": "evaluation", "gen_id": "v_ghost", **judged("e_2", "alder", "novelty", 2)}]
    write_membership_csv(store, "c2", rows)
    (scores, _), _, err = scored(store, "--cohort", "c2")
    assert [row[5] for row in scores if row[0] == "v_ghost"] == ["not_in_store"]
    assert "1 of 3" in err


def test_names_of_any_spelling_survive_the_tables(store, put, scored):
    model, template = 'judge, the "3rd"', "is it [bold]new[/bold]? :smile:"
    put(TEMPLATES, f'template_id\n"{template}"\n')
    put(MODELS, 'id\n"judge, the ""3rd"""\n')
    add_judged(store, "v_a", "6", llm_model_id=model, template_id=template)
    (scores, pivot), out, _ = scored(store)
    assert [row[2:4] for row in scores if row[0] == "v_a"] == [[template, model]]
    column = f"{model}_{template}"
    assert pivot[0][5:] == [column, f"{column}_min", f"{column}_max", f"{column}_n", *END]
    assert column in out


def test_dry_run_and_reading_change_nothing(store, run, tmp_path):
    before = fingerprint(tmp_path)
    code, out, err = run("scores", "--data-root", store, "--output", tmp_path / "out", "--dry-run")
    assert (code, fingerprint(tmp_path)) == (0, before)
    assert out
    assert [line.split("/")[-1] for line in err.splitlines() if "would write" in line] == TABLES
    store_before = fingerprint(store)
    run("scores", "--data-root", store, "--output", tmp_path / "out")
    assert fingerprint(store) == store_before


@pytest.mark.parametrize("place", ["7_cross_experiment", "gens/essay", "."])
def test_no_table_lands_among_the_files_of_the_store(store, run, place):
    before = fingerprint(store)
    code, out, err = run("scores", "--data-root", store, "--output", store / place)
    assert (code, out) == (2, "")
    assert "output inside store" in err
    assert fingerprint(store) == before


def test_an_unknown_cohort_is_answered_with_the_nearest(store, run, tmp_path):
    write_membership_csv(store, "pilot-2025-06", members("c1"))
    code, out, err = run("scores", "--data-root", store, "--output", tmp_path / "out", "--cohort", "pilot-2025")
    assert (code, out) == (3, "")
    assert "nearest ['pilot-2025-06']" in err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "catalog missing"),
        ("template_id,active\nnovelty,perhaps\n", "catalog invalid"),
        ("name\nnovelty\n", "catalog incomplete"),
        ("template_id\n", "catalog empty"),
    ],
)
def test_without_a_usable_catalog_of_templates_nothing_is_written(store, run, content, reason):
    (store / TEMPLATES).unlink()
    if content is not None:
        (store / TEMPLATES).write_text(content)
    output = store.parent / "out"
    code, out, err = run("scores", "--data-root", store, "--output", output)
    assert (code, out) == (2, "")
    assert reason in err
    assert "evaluation_templates" in err
    assert not output.exists()


def test_names_that_clash_leave_neither_table(store, put, run, tmp_path):
    put(TEMPLATES, "template_id\nc\nb_c\n")
    put(MODELS, "id\na\na_b\n")
    add_judged(store, "v_a", "6", llm_model_id="a_b", template_id="c")
    add_judged(store, "v_b", "6", llm_model_id="a", template_id="b_c")
    code, _, err = run("scores", "--data-root", store, "--output", tmp_path / "out")
    assert code == 2
    assert "pivot columns clash" in err
    assert not (tmp_path / "out").exists()


def test_a_missing_store_is_reported_before_missing_catalogs(run, tmp_path):
    code, out, err = run("scores", "--data-root", tmp_path / "nowhere", "--output", tmp_path / "out")
    assert (code, out) == (3, "")
    assert "no such root" in err


def test_help_lists_the_exit_codes(run):
    code, out, _ = run("scores", "--help")
    assert code == 0
    assert "Exit codes" in out


# From the files of the store to the long form of the pivot, by joins and without a line of the package.
BY_SQL = """
with
    records as (
        select * from read_json(
            $root || '/gens/*/*/metadata.json',
            format = 'unstructured',
            columns = {stage: 'varchar', gen_id: 'varchar', parent_gen_id: 'varchar', combo_id: 'varchar',
                       template_id: 'varchar', llm_model_id: 'varchar'}
        )
    ),
    texts as (
        select string_split(filename, '/')[-2] as gen_id,
               try_cast(string_split(rtrim(content, chr(10)), chr(10))[-1] as double) as score
        from read_text($root || '/gens/evaluation/*/parsed.txt')
    ),
    members as (select * from read_csv($root || '/cohorts/' || $cohort || '/membership.csv', all_varchar = true)),
    active as (select unnest($templates) as template_id)
select draft.combo_id, draft.template_id, essay.template_id,
       coalesce(nullif(essay.llm_model_id, 'None'), draft.llm_model_id), essay.gen_id,
       judged.llm_model_id || '_' || judged.template_id as judge,
       round(avg(score), 2), min(score), max(score), count(score)
from members
join records judged on judged.gen_id = members.gen_id and judged.stage = 'evaluation'
join active on active.template_id = judged.template_id
join records essay on essay.gen_id = judged.parent_gen_id and essay.stage = 'essay'
join records draft on draft.gen_id = essay.parent_gen_id and draft.stage = 'draft'
left join texts on texts.gen_id = judged.gen_id
where members.stage = 'evaluation'
group by all
"""


@pytest.mark.parametrize("cohort", ["pilot-2025-06", "wide-scan-2025-07", "second-look-2025-10"])
def test_the_pivot_equals_one_made_with_sql(scored, tmp_path, cohort):
    root = tmp_path / "sample"
    write_sample(root, SampleOptions(drafts=24, seed=5))
    (_, pivot), _, _ = scored(root, "--cohort", cohort)
    header = pivot[0]
    with (root / TEMPLATES).open() as file:
        templates = [row["template_id"] for row in csv.DictReader(file) if row.get("active", "True") == "True"]
    if (spec := root / "cohorts" / cohort / "spec/config.yaml").exists():
        templates = yaml.safe_load(spec.read_text())["axes"]["evaluation_template"]
    values = {"root": str(root), "cohort": cohort, "templates": templates}
    expected = duckdb.execute(BY_SQL, values).fetchall()
    judges = sorted({row[5] for row in expected})
    spread = [judge + suffix for judge in judges for suffix in SPREAD]
    assert header[5:] == [*judges, *spread, *END]
    by_key = {tuple(row[:5]): dict(zip(header, row, strict=True)) for row in pivot[1:]}
    assert len(by_key) == len(pivot) - 1 > 0
    assert set(by_key) == {row[:5] for row in expected}
    numbers = {(row[:5], row[5]): row[6:] for row in expected}
    for key, row in by_key.items():
        for judge in judges:
            mean, low, high, count = numbers.get((key, judge), (None, None, None, 0))
            assert int(row[f"{judge}_n"]) == count
            cells = [row[judge], row[f"{judge}_min"], row[f"{judge}_max"]]
            assert [float(cell) if cell else None for cell in cells] == [pytest.approx(mean), low, high]
        means = [numbers[key, judge][0] for judge in judges if (key, judge) in numbers]
        total = sum(mean for mean in means if mean is not None)
        assert float(row["allowlisted_template_score_sum"]) == pytest.approx(total)
