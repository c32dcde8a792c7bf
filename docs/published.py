"""The findings of a sample store, as published under docs/reports/: one store, one scan, a page for each audit."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from genaudit.audits.run import run_audits
from genaudit.markdown import render, verdict
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
# The audits that have a page, and its name.
PAGES = {
    "inventory": "inventory",
    "metadata": "metadata",
    "parents": "parent_chains",
    "recompute": "recomputed_ids",
    "rebuild": "rebuild",
    "references": "references",
}


def report_pages() -> dict[Path, str]:
    """Audit the sample, and write a page for each audit and one that lists them."""
    with TemporaryDirectory() as folder:
        root = Path(folder, "store")
        written = write_sample(root, SampleOptions(drafts=DRAFTS, seed=SEED, faults=FAULTS))
        run = run_audits(scan(root), PAGES)
        pages = {REPORTS / f"{PAGES[name]}.md": render(result, date=DATE) for name, result in run.results.items()}
        links = (f"- [{PAGES[name]}.md]({PAGES[name]}.md): {verdict(result)}" for name, result in run.results.items())
        return {
            REPORTS / "README.md": _INDEX.format(
                command=_command(), total=sum(written.generations.values()), links="\n".join(links)
            )
        } | pages


def _command() -> str:
    return f"genaudit sample store --drafts {DRAFTS} --seed {SEED} --faults {','.join(FAULTS)}"


_INDEX = f"""# Published findings of a sample store

What the audits say of a sample store of {{total:,}} generations, dated {DATE}: seed {SEED}, {DRAFTS} drafts and what
belongs to them, {len(FAULTS)} kinds of faults. `make docs` writes these pages anew, `make check` says when they are
out of date. The same store and numbers, with every row in CSV and JSON, come from:

```sh
{{command}}
genaudit audit --data-root store --with-references --date {DATE}
```

{{links}}

Long tables are cut, and say so. [The guide](../guides/gen_id_migration_analysis.md) says what follows from them.
"""
