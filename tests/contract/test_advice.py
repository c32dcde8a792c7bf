"""The advice of finding codes, carried out: the finding disappears, and no other appears."""

import json
import shutil
import sys
from codecs import BOM_UTF8

import pytest

from genaudit.audits.run import run_audits
from genaudit.audits.table import default_audits
from genaudit.cli import main
from genaudit.codes import CODES
from genaudit.generating.offline import OfflineGenerator
from genaudit.generating.steps import Steps
from genaudit.layout import METADATA, PARSED, PARSED_METADATA, PROMPT, RAW, RAW_METADATA
from genaudit.sample import SampleOptions, write_sample
from genaudit.store.snapshot import scan
from helpers.advice import ON_EDITS


def record(change):
    """Change the stored record, as an editor does."""

    def follow(root, finding):
        path = root / "gens" / finding["stage"] / finding["gen_id"] / METADATA
        stored = json.loads(path.read_bytes())
        change(stored, finding)
        path.write_text(json.dumps(stored))

    return follow


def text(change, name=None):
    """Change the bytes of the file that the finding names."""

    def follow(root, finding):
        path = root / finding["path"]
        path = path / name if name else path
        path.write_bytes(change(path.read_bytes()))

    return follow


def without_row(start):
    return text(lambda data: b"".join(row for row in data.splitlines(keepends=True) if not row.startswith(start)))


def ignore_the_name(root, finding):
    (root / "genaudit.toml").write_text(f'[ignore]\nnames = ["{finding["detail"].partition(":")[0]}"]\n')


def move_out(root, finding):
    shutil.move(root / finding["path"], root / "notes")


def delete(root, finding):
    (root / finding["path"]).unlink()


def parse_again(root, finding):
    """Delete the parsed text and its report, and run the steps, which must call no model."""
    folder = root / "gens" / finding["stage"] / finding["gen_id"]
    for name in (PARSED, PARSED_METADATA):
        (folder / name).unlink(missing_ok=True)
    actions = [one.action for one in Steps(root, OfflineGenerator()).run_all(finding["stage"], finding["gen_id"])]
    assert actions == ["kept", "kept", "parsed"]


def ask_again(root, finding):
    folder = root / "gens" / finding["stage"] / finding["gen_id"]
    for name in (RAW, RAW_METADATA, PARSED, PARSED_METADATA):
        (folder / name).unlink(missing_ok=True)
    Steps(root, OfflineGenerator()).run_all(finding["stage"], finding["gen_id"])


def restore_a_text(root, finding):
    """Render the prompt, or get the answer, that the file held."""
    path = root / finding["path"]
    path.unlink()
    if path.name == PROMPT:
        kept = {name: (path.parent / name).read_bytes() for name in (RAW, RAW_METADATA, PARSED, PARSED_METADATA)}
        Steps(root, OfflineGenerator()).run_all(finding["stage"], finding["gen_id"])
        for name, data in kept.items():
            (path.parent / name).write_bytes(data)
    else:
        # The parsed text of an essay is its answer.
        path.write_bytes((path.parent / PARSED).read_bytes())


def correct_the_source(root, finding):
    folder = root / "gens" / finding["stage"] / finding["gen_id"]
    parent = json.loads((folder / METADATA).read_bytes())["parent_gen_id"]
    report = json.loads((folder / RAW_METADATA).read_bytes())
    (folder / RAW_METADATA).write_text(json.dumps({**report, "copied_from": f"gens/draft/{parent}/{PARSED}"}))


def folder_of(root, finding):
    return root / "gens" / finding["stage"] / finding["gen_id"]


def backup(root):
    """A store as it was before the fault: the same sample without one."""
    whole = root.parent / "backup"
    if not whole.exists():
        write_sample(whole, SampleOptions(drafts=6))
    return whole


def restore(root, finding):
    """Copy the named file from a backup."""
    source, place = backup(root) / finding["path"], root / finding["path"]
    (shutil.copytree if source.is_dir() else shutil.copy2)(source, place)


def replace_link(root, finding):
    path = root / finding["path"]
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data)


def run_the_steps(root, finding):
    Steps(root, OfflineGenerator()).run_all(finding["stage"], finding["gen_id"])


def delete_and_run_the_steps(root, finding):
    delete(root, finding)
    run_the_steps(root, finding)


def write_a_report(root, finding):
    about = {"stage": finding["stage"], "gen_id": finding["gen_id"]}
    (folder_of(root, finding) / RAW_METADATA).write_text(json.dumps(about))


def with_catalog_row(name, field):
    """Add a row to a catalog for the value of a field, with the other cells of the first row."""

    def follow(root, finding):
        value = json.loads((folder_of(root, finding) / METADATA).read_bytes())[field]
        path = root / name.format(stage=finding["stage"])
        first = path.read_text().splitlines()[1]
        with path.open("a") as file:
            file.write(f"{value},{first.partition(',')[2]}\n")

    return follow


def bind_the_manifest(root, _finding):
    sys.argv = [
        "genaudit",
        "cohort",
        "backfill-manifest",
        "--data-root",
        str(root),
        "--apply",
        "--output",
        str(root.parent / "out"),
    ]
    with pytest.raises(SystemExit):
        main()


def remove(root, finding, gen_id=None):
    """Remove a generation from the store and from its cohorts, and bind their manifests again."""
    gen_id = gen_id or finding["gen_id"]
    shutil.rmtree(root / "gens" / finding["stage"] / gen_id)
    for path in root.glob("cohorts/*/membership.csv"):
        rows = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join(row for row in rows if f",{gen_id}," not in f",{row.decode().strip()},"))
    bind_the_manifest(root, finding)


def remove_the_capitals(root, finding):
    folder = root / "gens" / finding["stage"]
    remove(root, finding, next(path.name for path in folder.iterdir() if path.name.isupper()))


def remove_the_one_without_record(root, finding):
    remove(root, finding, finding["actual"])


def rename_field(stored, finding):
    stored["template_id"] = stored.pop(finding["field"])


FOLLOWED = {
    "STAGE_UNKNOWN": move_out,
    "STRAY_FILE": delete,
    "SYSTEM_LEFTOVER": ignore_the_name,
    "PARSED_METADATA_MISSING": parse_again,
    "PARSED_METADATA_INVALID": parse_again,
    "METADATA_NOT_UTF8": text(lambda data: data.decode("latin-1").encode()),
    "METADATA_BOM": text(lambda data: data.removeprefix(BOM_UTF8)),
    "METADATA_NOT_OBJECT": text(lambda data: data.strip().removeprefix(b"[").removesuffix(b"]")),
    "METADATA_DUPLICATE_KEY": text(lambda data: data.replace(b'\n  "replicate": 3,', b"")),
    "METADATA_NAN": text(lambda data: data.replace(b"NaN", b"null")),
    "FIELD_LOOSE_TYPE": record(lambda stored, _: stored.update(replicate=int(stored["replicate"]))),
    "FIELD_EXTRANEOUS": record(lambda stored, finding: stored.pop(finding["field"])),
    "FIELD_OLD_NAME": record(rename_field),
    "FIELD_CONTRADICTS_FOLDER": record(lambda stored, finding: stored.update(gen_id=finding["gen_id"])),
    "CATALOG_COLUMN_MISSING": text(lambda data: data.replace(b"template", b"template_id", 1)),
    "CATALOG_ROW_MALFORMED": without_row(b"a,b"),
    "CATALOG_ID_BLANK": without_row(b","),
    "CATALOG_ID_REPEATED": text(lambda data: b"".join(dict.fromkeys(data.splitlines(keepends=True)))),
    "CATALOG_ID_TWIN": without_row("cafe\u0301".encode()),
    "CATALOG_VALUE_INVALID": text(lambda data: data.replace(b"lml", b"llm")),
    "CATALOG_UNREADABLE": text(lambda data: data.rpartition(b"caf")[0]),
    "REPLICATION_INVALID": text(lambda data: data.replace(b"two", b"2")),
    "MANIFEST_REWRITTEN": bind_the_manifest,
    "MANIFEST_MISSING": bind_the_manifest,
    "TEXT_BLANK": restore_a_text,
    "TEXT_POINTER": restore_a_text,
    "TEXT_NOT_UTF8": restore_a_text,
    "TEXT_HAS_NUL": restore_a_text,
    "ANSWER_TRUNCATED": ask_again,
    "ANSWER_FILTERED": ask_again,
    "PARSE_FAILED": parse_again,
    "PARSED_DIFFERS": parse_again,
    "COPY_SOURCE_MISSING": correct_the_source,
    "STAGE_FOLDER_MISSING": restore,
    "CATALOG_EMPTY": restore,
    "SYMLINK": replace_link,
    "TEXT_EMPTY": delete_and_run_the_steps,
    "COPY_PROMPT_MISSING": run_the_steps,
    "RAW_METADATA_MISSING": write_a_report,
    "RAW_METADATA_INVALID": write_a_report,
    "TEMPLATE_UNKNOWN": with_catalog_row("1_raw/{stage}_templates.csv", "template_id"),
    "MODEL_UNKNOWN": with_catalog_row("1_raw/llm_models.csv", "llm_model_id"),
    "COMBO_UNKNOWN": with_catalog_row("combo_mappings.csv", "combo_id"),
    "NAME_CASE_CLASH": remove_the_capitals,
    "SIGNATURE_DUPLICATE": remove,
    "ID_COLLISION": remove_the_one_without_record,
    "FIELD_TYPE": record(lambda stored, _: stored.update(replicate=1)),
    "FIELD_OUT_OF_DOMAIN": record(lambda stored, _: stored.update(replicate=1)),
    "MEMBERSHIP_INVALID": without_row(b"outline"),
    "MANIFEST_INVALID": bind_the_manifest,
    "MANIFEST_STALE": bind_the_manifest,
}
# No edit of a store is advised, but rights of the user, the end of another program, or code of a pipeline.
NOT_FOLLOWED = ["FOLDER_UNREADABLE", "REPLICATE_RULES_DIFFER", "VANISHED"]


def found(root, code):
    names = (*default_audits(), "content") if CODES[code].audit == "content" else default_audits()
    return run_audits(scan(root), names).findings


def test_every_code_is_followed_or_listed_as_not_followed():
    assert sorted([*FOLLOWED, *ON_EDITS, *NOT_FOLLOWED]) == sorted(CODES)


@pytest.mark.parametrize("code", FOLLOWED)
def test_following_the_advice_removes_the_finding_and_adds_none(tmp_path, code, monkeypatch):
    monkeypatch.setattr(sys, "argv", [])
    root = tmp_path / "data"
    write_sample(root, SampleOptions(drafts=6, faults=(code,), light=CODES[code].audit == "metadata"))
    before = found(root, code)
    own = before[before["code"] == code].to_dict("records")
    assert own
    FOLLOWED[code](root, own[0])
    after = found(root, code)
    assert code not in set(after["code"])
    assert set(after["code"]) <= set(before["code"])
