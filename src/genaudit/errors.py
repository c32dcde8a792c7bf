"""The exception of the package: an error code, a reason with its exit code, and a context of plain values.

A broken *call* (a missing root, a malformed option) raises :class:`DDError`. Broken *data* never does; it becomes a
row of the findings (:mod:`genaudit.codes`).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from typing import Any, Self


class Err(StrEnum):
    """Error codes."""

    DATA_MISSING = "data_missing"
    INVALID_CONFIG = "invalid_config"
    INVALID_MEMBERSHIP = "invalid_membership"
    IO_ERROR = "io_error"
    PARSER_FAILURE = "parser_failure"


class ExitCode(IntEnum):
    """Exit codes of every command."""

    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    NO_STORE = 3
    DRIFTED = 4
    INTERRUPTED = 5


class Reason(StrEnum):
    """Reasons of errors: each a word, its meaning, and the exit code of a command that ends with it.

    >>> Reason.NO_STORE.meaning, Reason.NO_STORE.exit_code
    ('The folder holds no gens/.', <ExitCode.NO_STORE: 3>)
    """

    meaning: str
    exit_code: ExitCode

    def __new__(cls, word: str, meaning: str = "", exit_code: ExitCode = ExitCode.USAGE) -> Self:
        """Make a member from its row."""
        member = str.__new__(cls, word)
        member._value_ = word
        member.meaning = meaning
        member.exit_code = exit_code
        return member

    # The store and its files.
    NO_SUCH_ROOT = "no_such_root", "The data root does not exist.", ExitCode.NO_STORE
    ROOT_IS_NO_FOLDER = "root_is_no_folder", "The data root is not a folder.", ExitCode.NO_STORE
    NO_STORE = "no_store", "The folder holds no gens/.", ExitCode.NO_STORE
    GENS_IS_NO_FOLDER = "gens_is_no_folder", "gens is a file or a link, not a folder.", ExitCode.NO_STORE
    ROOT_NOT_ALLOWED = "root_not_allowed", "The workbench may not read this folder."
    ROOT_IS_REMOTE = "root_is_remote", "The command needs a local data root: it writes, or follows paths."
    SCHEME_UNKNOWN = "scheme_unknown", "No library for the scheme of the URL is known."
    ACCESS_DENIED = "access_denied", "The object store denies access.", ExitCode.NO_STORE
    SCHEDULER_UNREACHABLE = "scheduler_unreachable", "No Dask scheduler answers."
    WORKER_CANNOT_READ = "worker_cannot_read", "A worker does not see the store.", ExitCode.NO_STORE
    STORE_UNREACHABLE = "store_unreachable", "The object store does not answer.", ExitCode.NO_STORE
    NOT_READABLE = "not_readable", "A file or folder cannot be read.", ExitCode.NO_STORE
    WORKER_DIED = "worker_died", "A process that read a part of the store ended early."
    SYSTEM_REFUSED = "system_refused", "The system refused to open or write a path."
    NOT_WRITABLE = "not_writable", "A file or folder cannot be written."
    NOT_COPIED = "not_copied", "The store cannot be copied."
    UNSAFE_ID = "unsafe_id", "An id cannot be a folder name."
    UNSAFE_PATH = "unsafe_path", "A path leads through a link, or to no regular file."

    SETTINGS_NOT_TOML = "settings_not_toml", "genaudit.toml is no TOML."
    SETTINGS_INVALID = "settings_invalid", "genaudit.toml has errors."
    STAGES_NOT_SUPPORTED = "stages_not_supported", "The command needs the built-in stages."

    # Snapshots and baselines.
    UNSAFE_NAME = "unsafe_name", "A name cannot be a folder name."
    SNAPSHOT_MISSING = "snapshot_missing", "There is no such snapshot.", ExitCode.NO_STORE
    SNAPSHOT_EXISTS = "snapshot_exists", "A snapshot of this name exists."
    SNAPSHOT_DAMAGED = "snapshot_damaged", "A file of a snapshot is damaged."
    NOT_IN_SNAPSHOT = "not_in_snapshot", "The snapshot does not hold the requested result."
    BASELINE_MISSING = "baseline_missing", "The baseline file does not exist."
    BASELINE_UNREADABLE = "baseline_unreadable", "The baseline file cannot be read."
    BASELINE_DAMAGED = "baseline_damaged", "The baseline file has errors."
    REASON_BLANK = "reason_blank", "An acceptance has no reason."
    END_HAS_PASSED = "end_has_passed", "The end date of an acceptance has passed."
    NOTHING_TO_ACCEPT = "nothing_to_accept", "No finding has this code or id."

    # Options.
    INVALID_DATE = "invalid_date", "--date is not a date."
    CONTRADICTING_OPTIONS = "contradicting_options", "Two options exclude each other."
    INVALID_SAMPLE_SIZE = "invalid_sample_size", "--sample is not a positive number."
    OUTPUT_INSIDE_STORE = "output_inside_store", "A report that contains ids would become a file of the store."
    PORT_NOT_FREE = "port_not_free", "Another program uses the port, or it is reserved."
    EXTRA_MISSING = "extra_missing", "An optional dependency is not installed."
    INVALID_FLAG = "invalid_flag", "An environment variable holds an unknown value."
    STAGES_OUT_OF_ORDER = "stages_out_of_order", "Deterministic stages must be the first ones, in order."
    UNKNOWN_STAGE = "unknown_stage", "There is no such stage."
    UNKNOWN_FIELD = "unknown_field", "A member has no such field."
    UNKNOWN_GENERATOR = "unknown_generator", "There is no such generator."

    # Ids.
    SIGNATURE_INCOMPLETE = "signature_incomplete", "A signature field is missing, so there is no deterministic id."
    COLLISION_OUT_OF_RANGE = "collision_out_of_range", "The collision index is negative or too large."
    NEGATIVE_NUMBER = "negative_number", "A negative number cannot be written in base 36."

    # The sample store.
    NEGATIVE_DRAFTS = "negative_drafts", "The number of drafts is negative."
    SHARE_OUT_OF_RANGE = "share_out_of_range", "A share is not between 0 and 1."
    UNKNOWN_FAULT = "unknown_fault", "There is no such finding code."
    UNPLANTABLE_FAULT = "unplantable_fault", "The sample cannot plant the finding code."
    EXCLUSIVE_FAULT = "exclusive_fault", "The fault cannot be planted together with others."

    # Specs and catalogs.
    SPEC_NOT_FOUND = "spec_not_found", "The cohort has no spec."
    MULTIPLE_SPECS = "multiple_specs", "The cohort has more than one spec."
    INVALID_SPEC = "invalid_spec", "A spec has errors."
    INVALID_CONSTRAINT = "invalid_constraint", "The rules of a spec, or a cohort definition, have errors."
    DESIGN_TOO_LARGE = "design_too_large", "A spec expands to more members than the limit."
    DEFINITION_MISSING = "definition_missing", "A resolved spec has no definition."
    UNSUPPORTED_DEFINITION = "unsupported_definition", "A cohort cannot be planned from an object of this type."
    CATALOG_MISSING = "catalog_missing", "A catalog file is missing."
    CATALOG_UNREADABLE = "catalog_unreadable", "A catalog file cannot be read."
    CATALOG_EMPTY = "catalog_empty", "A catalog has no rows."
    CATALOG_INCOMPLETE = "catalog_incomplete", "A catalog, or a column of one, is missing."
    CATALOG_INVALID = "catalog_invalid", "A catalog has invalid or repeated values."
    PRICES_MISSING = "prices_missing", "The price list does not exist."
    PRICES_UNREADABLE = "prices_unreadable", "The price list cannot be read."
    INVALID_PRICES = "invalid_prices", "The price list has errors."

    # Selections.
    SELECTION_MISSING = "selection_missing", "The selection file does not exist."
    SELECTION_UNREADABLE = "selection_unreadable", "The selection file cannot be read."
    MULTIPLE_CURATED_INPUTS = "multiple_curated_inputs", "Both selection files exist; only one may."
    UNSUPPORTED_CURATED_MODE = "unsupported_curated_mode", "The mode does not exist, or not for this stage."
    EMPTY_SELECTION = "empty_selection", "The selection names no generation."
    INVALID_SELECTION = "invalid_selection", "The selection has errors."

    # Cohorts.
    COHORT_NOT_GIVEN = "cohort_not_given", "Neither configuration nor environment names a cohort."
    COHORT_NOT_FOUND = "cohort_not_found", "There is no such cohort.", ExitCode.NO_STORE
    COHORT_BUSY = "cohort_busy", "Another process is writing the cohort."
    COHORT_PARENT_INTEGRITY_FAILED = (
        "cohort_parent_integrity_failed",
        "A parent of a member is neither in the plan nor in the store.",
    )
    COVERAGE_GAP = "coverage_gap", "A member names a template, model or combo that no catalog holds."
    SEED_INCOMPLETE = "seed_incomplete", "Required fields of a record to be written are missing."
    ID_COLLISION = "id_collision", "A legacy id is taken by another generation."
    DETERMINISTIC_ID_COLLISION = "deterministic_id_collision", "Every collision index of an id is taken."
    MEMBERSHIP_MISSING = "membership_missing", "The cohort has no membership file.", ExitCode.NO_STORE
    MEMBERSHIP_CHANGED = "membership_changed", "The membership changed while its manifest was prepared."
    INVALID_ROWS = "invalid_rows", "A membership has invalid rows.", ExitCode.NO_STORE
    MANIFEST_DAMAGED = "manifest_damaged", "A manifest is malformed or was edited.", ExitCode.NO_STORE
    MANIFEST_VERSION = "manifest_version", "Another version wrote the manifest.", ExitCode.NO_STORE
    METADATA_NOT_PLAIN = "metadata_not_plain", "Cohort metadata cannot be written as JSON."
    ROW_NOT_FOUND = "row_not_found", "The cohort has no such member."
    FIELDS_MISSING = "fields_missing", "A member has no value for a required field."
    GENERATION_NOT_FOUND = (
        "generation_not_found",
        "No generation has the id, or is made from the signature.",
        ExitCode.FINDINGS,
    )
    AMBIGUOUS_ID = "ambiguous_id", "More than one generation fits the id."
    PIVOT_COLUMNS_CLASH = "pivot_columns_clash", "Two judges would share a column of the pivot."

    # Generating.
    GENERATION_MISSING = "generation_missing", "The generation has no folder."
    GENERATION_BUSY = "generation_busy", "Another process is working on the generation."
    GENERATION_VANISHED = "generation_vanished", "The generation's folder was moved or replaced meanwhile."
    METADATA_MISSING = "metadata_missing", "The generation has no metadata.json."
    METADATA_UNREADABLE = "metadata_unreadable", "metadata.json cannot be read."
    METADATA_INCOMPLETE = "metadata_incomplete", "A field that the step needs is missing in metadata.json."
    PROMPT_MISSING = "prompt_missing", "prompt.txt is missing."
    RAW_MISSING = "raw_missing", "raw.txt is missing."
    RAW_METADATA_MISSING = "raw_metadata_missing_for_existing_raw", "raw.txt exists without raw_metadata.json."
    RAW_METADATA_UNREADABLE = "raw_metadata_unreadable", "raw_metadata.json cannot be read."
    PARSED_MISSING = "parsed_missing", "parsed.txt is missing."
    PARSED_METADATA_MISSING = "parsed_metadata_missing", "parsed_metadata.json is missing."
    PARSED_METADATA_UNREADABLE = "parsed_metadata_unreadable", "parsed_metadata.json cannot be read."
    PARENT_MISSING = "parent_missing", "The parent is not in the store."
    PARENT_NOT_PARSED = "parent_not_parsed", "The parent has no parsed text."
    COPY_WITHOUT_PARENT = "copy_without_parent", "A copy has no parent to copy from."
    MODEL_MISSING = "model_missing", "The record names no model."
    MODEL_NOT_IN_CATALOG = "model_not_in_catalog", "The model is in no catalog."
    TEMPLATE_NOT_IN_CATALOG = "template_not_in_catalog", "The template is in no catalog."
    COMBO_NOT_IN_CATALOG = "combo_not_in_catalog", "The combo is in no catalog."
    CONCEPT_NOT_IN_CATALOG = "concept_not_in_catalog", "A concept of the combo is in no catalog."
    TEMPLATE_MISSING = "template_missing", "The template file is missing."
    TEMPLATE_INVALID = "template_invalid", "The template has a syntax error."
    TEMPLATE_UNDEFINED = "template_undefined", "The template uses an unknown variable."
    TEMPLATE_FORBIDDEN = "template_forbidden", "The template uses an operation that the sandbox forbids."
    TEMPLATE_EXCEEDS_LIMIT = "template_exceeds_limit", "The template needs too much time, memory or output."
    TEMPLATE_FAILED = "template_failed", "The template fails while it renders."
    PROMPT_BLANK = "prompt_blank", "The template renders to nothing."
    API_KEY_MISSING = "api_key_missing", "The environment holds no key for the service."
    SERVICE_UNAVAILABLE = "service_unavailable", "The service cannot be reached, after all retries."
    SERVICE_REFUSED = "service_refused", "The service refuses the request."
    GENERATOR_FAILED = "generator_failed", "The generator raised an error."
    ANSWER_MALFORMED = "answer_malformed", "The service returns no usable answer."
    ANSWER_BLANK = "answer_blank", "The answer holds no text."
    ANSWER_TRUNCATED = "answer_truncated", "The answer ends at the token limit."
    UNKNOWN_PARSER = "unknown_parser", "The stage has no such parser."
    BLOCK_MISSING = "block_missing", "The answer has no block of the expected kind."
    BLOCK_BLANK = "block_blank", "The block in the answer is empty."
    SCORE_MISSING = "score_missing", "The answer ends without a score."
    SCORE_OUT_OF_RANGE = "score_out_of_range", "The score is out of range."
    TOO_FEW_LINES = "too_few_lines", "The parsed text has too few lines."

    # Migrations.
    UNKNOWN_IDS = "unknown_ids", "The store has no generation with a given id."
    LIST_UNREADABLE = "list_unreadable", "A list of ids cannot be read."
    PLAN_MISSING = "plan_missing", "The plan file does not exist."
    PLAN_MALFORMED = "plan_malformed", "The plan file is malformed."
    PLAN_VERSION = "plan_version", "Another version wrote the plan file."
    PLAN_EDITED = "plan_edited", "The plan file does not match its digest."
    STORE_DRIFTED = "store_drifted", "The store is not the one that was planned for.", ExitCode.DRIFTED
    ADDED_SINCE = "added_since", "Files were added since the migration.", ExitCode.DRIFTED
    MIGRATION_BUSY = "migration_busy", "Another process holds the data root.", ExitCode.DRIFTED
    MIGRATION_INTERRUPTED = "migration_interrupted", "An unfinished migration was found.", ExitCode.INTERRUPTED
    MIGRATION_STOPPED = "migration_stopped", "The disk refused a step of the migration.", ExitCode.INTERRUPTED
    VERIFICATION_FAILED = "verification_failed", "The result is not the planned one.", ExitCode.INTERRUPTED
    WORKSPACE_DAMAGED = "workspace_damaged", "The files kept for recovery are damaged."
    TARGET_NOT_EMPTY = "target_not_empty", "The target folder is not empty."
    TARGET_IS_NO_FOLDER = "target_is_no_folder", "The target is not a folder."
    TARGET_INSIDE_STORE = (
        "target_inside_store",
        "The copy must lie outside the store, and the store outside the copy.",
    )

    # Dagster.
    DAGSTER_HOME_MISSING = "dagster_home_missing", "The folder has no dagster.yaml."
    DAGSTER_HOME_NOT_READABLE = "dagster_home_not_readable", "The Dagster instance cannot be loaded."
    PARTITIONS_NOT_ADDED = "partitions_not_added", "Dagster did not keep the added partition keys."
    CHECKS_FAILED = "checks_failed", "The asset checks of the cohort failed."
    RUN_FAILED = "run_failed", "The rehearsal run failed."


class DDError(Exception):
    """An error of a call.

    :param code: the kind of error.
    :param ctx: the reason under ``reason``, and plain values that name the file, the field and the value.
    :ivar reason: the reason, a member of :class:`Reason`; ``None`` for a context without one.
    :raises ValueError: the reason is no member of :class:`Reason`.

    >>> error = DDError(Err.DATA_MISSING, {"reason": Reason.NO_STORE, "path": "data"})
    >>> error.code, error.reason
    (<Err.DATA_MISSING: 'data_missing'>, <Reason.NO_STORE: 'no_store'>)
    >>> print(error)
    no store: path 'data' [data_missing]
    """

    def __init__(self, code: Err, ctx: Mapping[str, Any] | None = None) -> None:
        """Keep the code and a copy of the context; the message is derived from them."""
        self.code = code
        self.ctx: dict[str, Any] = dict(ctx or {})
        # A context that was read from JSON holds the word.
        self.reason = Reason(self.ctx["reason"]) if "reason" in self.ctx else None
        if self.reason:
            self.ctx["reason"] = self.reason
        super().__init__(code, self.ctx)

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of a command that ends with the error."""
        return self.reason.exit_code if self.reason else ExitCode.USAGE

    def __str__(self) -> str:
        """Write the reason, the context values by name, and the code."""
        reason = (self.reason or self.code).replace("_", " ")
        values = ", ".join(f"{name} {value!r}" for name, value in self.ctx.items() if name != "reason")
        return f"{reason}: {values} [{self.code}]" if values else f"{reason} [{self.code}]"
