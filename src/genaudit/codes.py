"""Table of finding codes: the possible errors in a store's data, with severity and fix.

``docs/errors.md`` is generated from this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Severity(StrEnum):
    """The severity of a finding: ``error`` breaks an id or a chain, ``warning`` may, ``info`` is untidy."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


SEVERITIES: Final = tuple(Severity)


@dataclass(frozen=True, slots=True)
class Code:
    """A finding code: the audit that reports it, its severity, a title and the fix."""

    name: str
    audit: str
    severity: Severity
    title: str
    fix: str


_ERROR, _WARNING, _INFO = SEVERITIES

_TABLE: Final = (
    # Contents of the store.
    Code(
        "STAGE_FOLDER_MISSING",
        "inventory",
        _WARNING,
        "A stage has no folder",
        "If the stage was ever run, restore gens/<stage>; otherwise create the empty folder.",
    ),
    Code(
        "STAGE_UNKNOWN",
        "inventory",
        _WARNING,
        "A folder below gens/ is no known stage",
        "Move the folder out of gens/, or add its stage to the stage table.",
    ),
    Code(
        "STRAY_FILE",
        "inventory",
        _WARNING,
        "A file or folder is in a place for generations or their artifacts only",
        "Check it, then move it out of gens/. Leftovers of an interrupted write (*.tmp) can be deleted.",
    ),
    Code(
        "SYSTEM_LEFTOVER",
        "inventory",
        _INFO,
        "A system or a tool left its own files below gens/",
        "Delete them, or leave them out: list the name under [ignore] names in the store's genaudit.toml.",
    ),
    Code(
        "SYMLINK",
        "inventory",
        _ERROR,
        "A symbolic link replaces a folder or an artifact; it was not followed",
        "Replace the link with its target: audits and migrations never follow links.",
    ),
    Code(
        "FOLDER_EMPTY",
        "inventory",
        _WARNING,
        "A generation folder is empty",
        "Restore its metadata.json from a backup, or delete the folder if no cohort lists it.",
    ),
    Code(
        "FOLDER_UNREADABLE",
        "inventory",
        _ERROR,
        "A folder cannot be listed",
        "Give the auditing user the right to list and enter the folder, then audit again.",
    ),
    Code(
        "NAME_NOT_AN_ID",
        "inventory",
        _ERROR,
        "A generation folder's name cannot be an id",
        "Rename the folder to its id: letters, digits, '_', '-' and '.', at most 128 characters.",
    ),
    Code(
        "NAME_CASE_CLASH",
        "inventory",
        _ERROR,
        "Two generation folders differ only in upper and lower case",
        "Keep the right one, and take the other out of its cohorts; some file systems cannot hold both.",
    ),
    Code(
        "VANISHED",
        "inventory",
        _WARNING,
        "A generation disappeared while the store was read",
        "Stop the program that changes the store, then audit again: this audit does not show a single state.",
    ),
    Code(
        "TEXT_EMPTY",
        "inventory",
        _WARNING,
        "A text artifact is empty, but counts as done",
        "Delete the empty file, so that the pipeline makes it again instead of skipping it.",
    ),
    Code(
        "PROMPT_MISSING",
        "inventory",
        _ERROR,
        "A stored answer has no prompt.txt: the next run deletes the answer, which was paid for",
        "Restore prompt.txt before anything runs; if it is lost, copy the folder to a safe place first.",
    ),
    Code(
        "COPY_PROMPT_MISSING",
        "inventory",
        _INFO,
        "A copied generation has no prompt.txt: the next run copies it again, at no cost",
        "Nothing has to be done; the next run writes prompt.txt.",
    ),
    Code(
        "RAW_MISSING",
        "inventory",
        _ERROR,
        "parsed.txt has no raw.txt beside it: the next run pays for a new answer and deletes parsed.txt",
        "Restore raw.txt and raw_metadata.json before anything runs; if they are lost, keep a copy of parsed.txt.",
    ),
    Code(
        "RAW_METADATA_MISSING",
        "inventory",
        _ERROR,
        "raw.txt has no raw_metadata.json beside it: the next run of the generation fails",
        "Restore raw_metadata.json, or write one with stage and gen_id.",
    ),
    Code(
        "RAW_METADATA_INVALID",
        "inventory",
        _WARNING,
        "raw_metadata.json is not a readable JSON object",
        "Restore the file from a backup, or rewrite it as a JSON object.",
    ),
    Code(
        "PARSED_METADATA_MISSING",
        "inventory",
        _WARNING,
        "parsed.txt has no parsed_metadata.json beside it: the next run parses raw.txt again",
        "Run the parser again over raw.txt; that calls no model.",
    ),
    Code(
        "PARSED_METADATA_INVALID",
        "inventory",
        _WARNING,
        "parsed_metadata.json is not a readable JSON object",
        "Run the parser again over raw.txt; that calls no model.",
    ),
    # Contents of records.
    Code(
        "METADATA_MISSING",
        "metadata",
        _ERROR,
        "A generation has no metadata.json",
        "Restore it from a backup, or write it from the cohort's membership and manifest.",
    ),
    Code(
        "METADATA_UNREADABLE",
        "metadata",
        _ERROR,
        "metadata.json cannot be read",
        "Make it a regular file that the auditing user may read.",
    ),
    Code(
        "METADATA_TOO_LARGE",
        "metadata",
        _ERROR,
        "metadata.json is larger than any record; it was not read",
        "Check its contents; a record has less than a kilobyte.",
    ),
    Code(
        "METADATA_NOT_UTF8",
        "metadata",
        _ERROR,
        "metadata.json is not UTF-8 text",
        "Convert the file to UTF-8 without a byte-order mark.",
    ),
    Code(
        "METADATA_BOM",
        "metadata",
        _ERROR,
        "metadata.json begins with a byte-order mark: the pipeline cannot read it, and plans a new generation",
        "Save the file as UTF-8 without a byte-order mark.",
    ),
    Code(
        "METADATA_NOT_JSON",
        "metadata",
        _ERROR,
        "metadata.json is not valid JSON",
        "Repair the file at the position in the detail, or restore it.",
    ),
    Code(
        "METADATA_NOT_OBJECT",
        "metadata",
        _ERROR,
        "metadata.json contains JSON, but no object",
        "Write the record as one JSON object with a key for each field.",
    ),
    Code(
        "METADATA_DUPLICATE_KEY",
        "metadata",
        _ERROR,
        "metadata.json has a key twice; programs differ in the one that they use",
        "Keep the correct one and delete the other.",
    ),
    Code(
        "METADATA_NAN",
        "metadata",
        _ERROR,
        "metadata.json contains NaN or Infinity, which JSON does not allow",
        "Replace the value with a number, or with null.",
    ),
    Code(
        "FIELD_MISSING",
        "metadata",
        _ERROR,
        "A required field is missing or null",
        "Add the field; memberships and manifests of the origin cohort may know its value.",
    ),
    Code(
        "FIELD_BLANK",
        "metadata",
        _ERROR,
        "A field is blank",
        "Write the value, or remove the field if the stage does not need it.",
    ),
    Code(
        "FIELD_TYPE",
        "metadata",
        _ERROR,
        "A field has a value of the wrong type",
        "Write text as text, and the replicate as a whole number.",
    ),
    Code(
        "FIELD_LOOSE_TYPE",
        "metadata",
        _INFO,
        "A replicate is text or a float; its value is clear",
        "Write the replicate as a whole number.",
    ),
    Code(
        "FIELD_OUT_OF_DOMAIN",
        "metadata",
        _ERROR,
        "A field has a value outside of its domain",
        "Replicates start at 1; the mode is llm or copy.",
    ),
    Code(
        "FIELD_EXTRANEOUS",
        "metadata",
        _WARNING,
        "Records of this stage do not have the field",
        "Remove the field.",
    ),
    Code(
        "FIELD_OLD_NAME",
        "metadata",
        _WARNING,
        "A field has the name of an older format",
        "Rename the field to template_id.",
    ),
    Code(
        "FIELD_CONTRADICTS_FOLDER",
        "metadata",
        _ERROR,
        "The record names another stage or id than its folder",
        "Check whether the folder was moved or the record edited; the folder's name is the id.",
    ),
    Code(
        "FIELD_SEPARATOR",
        "metadata",
        _WARNING,
        "A signature field contains '|', so two different signatures can give one id",
        "Give new generations a name without '|', and accept the finding of stored ones (genaudit baseline accept):"
        " with another name in their records, their ids would no longer hold.",
    ),
    Code(
        "TEMPLATE_UNKNOWN",
        "metadata",
        _WARNING,
        "The template is in no catalog of the stage",
        "Add the template back to the catalog, or correct the record.",
    ),
    Code(
        "MODEL_UNKNOWN",
        "metadata",
        _WARNING,
        "The model is not in the catalog",
        "Add the model back to llm_models.csv, or correct the record.",
    ),
    Code(
        "COMBO_UNKNOWN",
        "metadata",
        _WARNING,
        "The combo is not in the append-only catalog of combos",
        "Restore the combo's rows in combo_mappings.csv, or correct the record.",
    ),
    Code(
        "CATALOG_UNREADABLE",
        "metadata",
        _ERROR,
        "A catalog cannot be read; its ids were not checked",
        "Save it as CSV in UTF-8, or restore it from a backup.",
    ),
    Code(
        "CATALOG_COLUMN_MISSING",
        "metadata",
        _ERROR,
        "A column of a catalog is missing or repeated; its ids were not checked",
        "Correct the header row.",
    ),
    Code(
        "CATALOG_EMPTY",
        "metadata",
        _ERROR,
        "A catalog has no row with an id; its ids were not checked",
        "Restore its rows from a backup.",
    ),
    Code(
        "CATALOG_ROW_MALFORMED",
        "metadata",
        _ERROR,
        "A row of a catalog has more or fewer cells than the header; no plan can use the catalog",
        "Correct the row: quote cells that contain commas.",
    ),
    Code(
        "CATALOG_ID_BLANK",
        "metadata",
        _ERROR,
        "A row of a catalog has no id; no plan can use the catalog",
        "Write the id, or delete the row.",
    ),
    Code(
        "CATALOG_ID_REPEATED",
        "metadata",
        _ERROR,
        "An id has several rows in a catalog; no plan can use the catalog",
        "Keep one of the rows; ids are compared without regard to case.",
    ),
    Code(
        "CATALOG_ID_TWIN",
        "metadata",
        _WARNING,
        "Two ids of a catalog look the same, and differ in their code points",
        "Keep the row with the spelling that records and files have, and delete the other.",
    ),
    Code(
        "CATALOG_VALUE_INVALID",
        "metadata",
        _ERROR,
        "A cell of a catalog has an invalid value",
        "Write one of the expected values.",
    ),
    Code(
        "REPLICATION_INVALID",
        "metadata",
        _ERROR,
        "The replication table is invalid; no curated or Cartesian plan can be made",
        "Give each stage one row with a whole number from 1 up.",
    ),
    Code(
        "SIGNATURE_DUPLICATE",
        "metadata",
        _WARNING,
        "Generations of one stage share a signature, so their ids cannot tell them apart",
        "If the detail names no difference, keep one in store and cohorts; else give each its own replicate.",
    ),
    # Parent links.
    Code(
        "PARENT_MISSING",
        "parents",
        _ERROR,
        "The parent is not in the store",
        "Restore the parent, or correct parent_gen_id; the repair table lists near misses.",
    ),
    Code(
        "PARENT_UNREADABLE",
        "parents",
        _ERROR,
        "The parent exists, but its record cannot be read",
        "Repair the parent's metadata.json first.",
    ),
    Code(
        "PARENT_WRONG_STAGE",
        "parents",
        _ERROR,
        "The parent belongs to another stage",
        "Correct parent_gen_id: it names a generation of the parent's stage.",
    ),
    Code(
        "PARENT_CYCLE",
        "parents",
        _ERROR,
        "Following the parents leads back to the generation itself",
        "Correct each parent_gen_id of the cycle that does not name a generation of the parent's stage.",
    ),
    Code(
        "CHAIN_BROKEN_ABOVE",
        "parents",
        _WARNING,
        "The parent exists, but the chain is broken above it (grandparent missing)",
        "Repair the ancestor that the finding names; this generation needs no repair.",
    ),
    # Validity of ids.
    Code(
        "ID_MISMATCH",
        "recompute",
        _ERROR,
        "The name has the deterministic form, but the record gives another id",
        "The record was changed after the fact, or names a wrong parent: compare it with a backup.",
    ),
    Code(
        "ID_COLLISION",
        "recompute",
        _ERROR,
        "Several generations recompute to the same id",
        "Decide which of them keeps the id before anything is renamed, and take the other out of its cohorts.",
    ),
    # Members of cohorts.
    Code(
        "MEMBERSHIP_INVALID",
        "cohorts",
        _ERROR,
        "A cohort's membership cannot be read; its members were not checked",
        "Correct the error in the detail, or build the cohort again.",
    ),
    Code(
        "MEMBER_NOT_IN_STORE",
        "cohorts",
        _ERROR,
        "A cohort lists a generation that is not in the store",
        "Restore the generation from a backup, or build the cohorts that list it again.",
    ),
    Code(
        "MEMBERSHIP_CONTRADICTS_METADATA",
        "cohorts",
        _ERROR,
        "A membership or its manifest contradicts the record of a member",
        "Check which of them was changed; if the record is correct, rewrite the membership or manifest from it.",
    ),
    Code(
        "MEMBER_PARENT_OUTSIDE_COHORT",
        "cohorts",
        _WARNING,
        "Members have a parent that their cohort does not list",
        "Add the parent to the membership, so that the cohort is complete.",
    ),
    Code(
        "GENERATION_IN_NO_COHORT",
        "cohorts",
        _WARNING,
        "No cohort lists the generation, so no run and no table of scores includes it",
        "Add it to its cohort, or remove it if an interrupted build left it behind.",
    ),
    Code(
        "MANIFEST_INVALID",
        "cohorts",
        _ERROR,
        "A stage manifest cannot be read; its membership was checked without it",
        "Restore it from a backup, or write it again with genaudit cohort backfill-manifest; never edit it.",
    ),
    Code(
        "MANIFEST_STALE",
        "cohorts",
        _WARNING,
        "A stage manifest belongs to another membership than the one beside it",
        "Undo the edit of membership.csv; if it is right, use genaudit cohort backfill-manifest.",
    ),
    Code(
        "MANIFEST_REWRITTEN",
        "cohorts",
        _INFO,
        "The pipeline rewrote a membership with two columns; its stage manifest names the same members",
        "Bind the manifest to the new file with genaudit cohort backfill-manifest; nothing needs to be undone.",
    ),
    Code(
        "MANIFEST_MISSING",
        "cohorts",
        _INFO,
        "A membership has no stage manifest with the inputs of its members",
        "Write the manifest from the members' records before the membership is slimmed or a record is lost.",
    ),
    # Rebuild of the selection.
    Code(
        "REPLICATE_RULES_DIFFER",
        "rebuild",
        _WARNING,
        "Replicates that continue after the highest stored one differ from those of the first free id",
        "Build with code that continues after the highest replicate; the other rule gives stored signatures a second"
        " generation, or lands on a stored one.",
    ),
    # Whether answers belong to today's inputs.
    Code(
        "PROMPT_DRIFTED",
        "content",
        _WARNING,
        "Stored prompts differ from what today's template, concepts or parent texts render",
        "Undo the edit, or give the edited input an id of its own; rebuild --remake-drifted plans new answers.",
    ),
    Code(
        "MODEL_DRIFTED",
        "content",
        _WARNING,
        "Answers were served by another model than the catalog has for their model id today",
        "Give the new model an id of its own in llm_models.csv, and restore the name of the old one.",
    ),
    Code(
        "TEXT_BLANK",
        "content",
        _WARNING,
        "A text artifact contains only white space, but counts as done",
        "Restore the file from a backup. A deleted parsed.txt is parsed again; without prompt.txt or raw.txt the next"
        " run pays for a new answer.",
    ),
    Code(
        "TEXT_POINTER",
        "content",
        _ERROR,
        "A text artifact is a pointer to a file elsewhere",
        "Fetch the content (git lfs pull, git annex get, or the cloud drive's download), then audit again.",
    ),
    Code(
        "TEXT_NOT_UTF8",
        "content",
        _ERROR,
        "A text artifact is not UTF-8; every step that reads it fails",
        "Convert the file to UTF-8, or restore it from a backup.",
    ),
    Code(
        "TEXT_HAS_NUL",
        "content",
        _WARNING,
        "A text artifact contains NUL bytes, as an interrupted write leaves them",
        "Restore the file from a backup; the missing part cannot be recovered from it.",
    ),
    Code(
        "ANSWER_TRUNCATED",
        "content",
        _WARNING,
        "An answer ended at the token limit, and was parsed",
        "Read the end of raw.txt; if the text is incomplete, raise the limit and ask again.",
    ),
    Code(
        "ANSWER_FILTERED",
        "content",
        _WARNING,
        "The provider's filter ended an answer",
        "Read raw.txt; if the filter removed the answer, ask again or remove the generation.",
    ),
    Code(
        "PARSE_FAILED",
        "content",
        _WARNING,
        "parsed_metadata.json reports a failed parse beside a parsed text",
        "Delete parsed.txt and parsed_metadata.json, so that raw.txt is parsed again; that calls no model.",
    ),
    Code(
        "PARSED_DIFFERS",
        "content",
        _WARNING,
        "Parsing the stored answer today gives another text than parsed.txt",
        "Check whether parsed.txt was edited or the catalog's parser changed; its descendants were made from it.",
    ),
    Code(
        "COPY_SOURCE_MISSING",
        "content",
        _WARNING,
        "An answer was copied from a file that is not in the store",
        "Restore the source, or correct copied_from; the copy itself is complete.",
    ),
    # References to ids.
    Code(
        "REFERENCE_DANGLING",
        "references",
        _WARNING,
        "A table, list or report contains an id that is not in the store",
        "Restore the generation, or write the file without the id; a rename cannot follow this reference.",
    ),
)

CODES: Final[Mapping[str, Code]] = MappingProxyType({code.name: code for code in _TABLE})
