"""The findings of a sample store, as published under docs/reports/: one store, one scan, a page for each audit."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from genaudit.audits.registry import AUDITS
from genaudit.audits.run import run_audits
from genaudit.render.markdown import render_audit, verdict
from genaudit.sample import SampleOptions, write_sample
from genaudit.store.snapshot import scan

REPORTS = Path(__file__).parent / "reports"
DATE = "2026-01-02"
DRAFTS = 40
SEED = 7
# A few of each kind, none that another user or system would see otherwise.
FAULTS = (
    "FIELD_EXTRANEOUS",
    "FIELD_MISSING",
    "FIELD_OLD_NAME",
    "ID_MISMATCH",
    "METADATA_MISSING",
    "PARENT_MISSING",
    "PARENT_WRONG_STAGE",
    "REFERENCE_DANGLING",
    "REPLICATE_RULES_DIFFER",
    "TEXT_EMPTY",
)


def published_pages() -> dict[Path, str]:
    """Audit the sample, and write a page for each audit and one that lists them."""
    with TemporaryDirectory() as folder:
        root = Path(folder, "store")
        written = write_sample(root, SampleOptions(drafts=DRAFTS, seed=SEED, faults=FAULTS))
        run = run_audits(scan(root), AUDITS)
        found = [(AUDITS[name], result) for name, result in run.results.items()]
        pages = {
            REPORTS / f"{audit.name}.md": render_audit(audit, result, run.snapshot, date=DATE)
            for audit, result in found
        }
        links = (f"- [{audit.name}.md]({audit.name}.md): {verdict(audit, result)}" for audit, result in found)
        return {
            REPORTS / "README.md": _INDEX.format(
                command=_command(), total=sum(written.generations.values()), links="\n".join(links)
            )
        } | pages


def _command() -> str:
    return f"genaudit sample store --drafts {DRAFTS} --seed {SEED} --faults {','.join(FAULTS)}"


_INDEX = f"""# Published findings of a sample store

Results of all audits on a sample store of {{total:,}} generations, dated {DATE}: seed {SEED}, {DRAFTS} drafts with
their essays and evaluations, {len(FAULTS)} kinds of faults. `make docs` writes these pages, `make check` compares.
The same store and numbers, with every row in CSV and JSON, come from:

```sh
{{command}}
genaudit audit --data-root store --with-references --date {DATE}
```

{{links}}

Long tables are cut, with a note. [The guide](../guides/gen_id_migration_analysis.md) draws the conclusions.
"""
