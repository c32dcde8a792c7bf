from genaudit.audits.file_types import FileType
from genaudit.audits.reference_search import in_cell, in_text
from genaudit.audits.structured_files import Cell
from genaudit.schemas import RefKind, Treatment
from genaudit.store.tokens import Hit, KnownId

DRAFT = KnownId("d_5ezrffv9uf3lr37d", ("draft",), wordy=False)
TABLE = FileType(RefKind.TABLE, "csv")


def decision(text, *, stage=None, problem=None, form="plain", **changes):
    start = text.index(b"d_5")
    hit = Hit(start, start + len(DRAFT.gen_id), DRAFT, is_part=False, folder_of=None)._replace(**changes)
    return in_cell(TABLE, Cell(0, text, "x", stage is not None, stage, problem), hit, form)


def test_every_reason_is_given_once_and_in_order():
    found = decision(b"see d_5ezrffv9uf3lr37d", stage="essay", problem="no_column", form="gzip", is_part=True)
    assert found == (
        Treatment.AMBIGUOUS,
        "no_column, gzip, more_than_an_id, part_of_a_name, in_another_stage",
        None,
    )


def test_blanks_around_an_id_are_no_more_than_the_id():
    assert decision(b" d_5ezrffv9uf3lr37d\t") == (Treatment.REWRITE, "id", "csv")
    assert decision(b" " * 100 + b"d_5ezrffv9uf3lr37d").reason == "more_than_an_id"


def test_a_path_is_one_only_when_the_folder_ends_with_the_id():
    path = b"gens/draft/d_5ezrffv9uf3lr37d"
    assert decision(path, folder_of="draft") == (Treatment.REWRITE, "path", "csv")
    assert decision(path + b"/raw.txt", folder_of="draft").reason == "path"
    assert decision(path + b"?x", folder_of="draft").reason == "more_than_an_id"


def test_a_missing_id_is_reported_with_its_places():
    gone = Hit(0, 18, None, is_part=True, folder_of=None)
    assert in_text(FileType(RefKind.SCRIPT, "py"), gone) == (Treatment.DANGLING, "code, part_of_a_name", None)
    assert in_text(FileType(RefKind.LOG, "log"), gone, "not_json").reason == "not_json, part_of_a_name"
