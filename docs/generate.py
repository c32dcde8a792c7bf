"""Write what comes out of the code: docs/cli.md, docs/errors.md, examples, measurements, and the sample's pages.

The examples are those of the README and of docs/cohorts.md, the measurements the README's.

With ``--check`` nothing is written, and a page that is not up to date is an error.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from genaudit.codes import AUDITS, CODES
from genaudit.errors import Err
from genaudit.sample import FAULTS

DOCS = Path(__file__).parent
README = DOCS.parent / "README.md"
EXAMPLES = re.compile(r"```console\n(.*?)```", re.DOTALL)
COHORTS = DOCS / "cohorts.md"
RESULTS = [DOCS.parent / "benchmarks" / name for name in ("results.md", "results_cohorts.md")]
SAMPLE = DOCS.parent / "reports" / "sample"
BENCHMARKS = re.compile(r"(?<=<!-- benchmarks -->\n).*?(?=<!-- /benchmarks -->)", re.DOTALL)


def cli_page() -> str:
    """Let typer describe every command."""
    command = [sys.executable, "-m", "typer", "genaudit.cli.app", "utils", "docs", "--name", "genaudit"]
    return f"{run(command, DOCS).strip()}\n"


def errors_page() -> str:
    """Tabulate the finding codes by audit, and the codes of broken calls."""
    lines = [
        "# Errors and findings",
        "",
        "Broken *data* becomes a row of the findings, with one of the codes below. A broken *call* ends with one",
        "line on stderr and an exit code, and in Python raises `DDError` with a code and a context of plain values:",
        f"{', '.join(f'`{code}`' for code in Err)}.",
        "",
        "`error` breaks an id or a chain, `warning` may, `info` is untidy and understood.",
    ]
    for audit in AUDITS:
        lines += ["", f"## {audit}", ""]
        lines += ["| code | severity | what it means | what to do |", "|---|---|---|---|"]
        for code in CODES.values():
            if code.audit == audit:
                row = f"| `{code.name}` | {code.severity} | {code.title} | {code.fix} |"
                # The one code about the separator itself quotes it.
                lines.append(row.replace("'|'", "'\\|'"))
    return "\n".join(lines) + "\n"


def readme_page() -> str:
    """Bring the README's examples and measurements up to date."""
    store, cohorts = (path.read_text(encoding="utf-8").partition("\n")[2].strip() for path in RESULTS)
    measured = f"{store}\n\n### Cohorts\n\n{cohorts}"
    return with_examples(BENCHMARKS.sub(lambda _: f"{measured}\n", README.read_text(encoding="utf-8")))


def sample_pages() -> dict[Path, str]:
    """Write the pages of a small sample store with many faults, as anybody would."""
    # Whether somebody may read a folder depends on who runs this.
    faults = ",".join(code for code, fault in FAULTS.items() if fault.seen_by_root and not fault.exclusive)
    with TemporaryDirectory() as name:
        folder = Path(name)
        run(["genaudit", "sample", "store", "--drafts", "24", "--faults", faults], folder)
        run(["genaudit", "report", "--data-root", "store", "--output", "pages", "--date", "2025-10-14"], folder)
        return {SAMPLE / path.name: path.read_text(encoding="utf-8") for path in sorted((folder / "pages").iterdir())}


def with_examples(page: str) -> str:
    """Put below the examples of a page what they print, one after the other in one folder."""
    with TemporaryDirectory() as folder:

        def example(block: re.Match[str]) -> str:
            commands = re.findall(r"^\$ (.*)$", block[1], re.MULTILINE)
            printed = (f"$ {command}\n{run(['sh', '-c', command], Path(folder))}" for command in commands)
            return f"```console\n{''.join(printed)}```"

        return EXAMPLES.sub(example, page)


def run(command: list[str], folder: Path) -> str:
    """Run a command as on a terminal of 100 columns, and return what it prints there."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "COLUMNS": "100", "PYTHONUNBUFFERED": "1"}
    environment.pop("DAYDREAMING_DATA_ROOT", None)
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    return "".join(f"{line.rstrip()}\n" for line in done.stdout.splitlines())


def main() -> int:
    """Write the pages, or compare them."""
    stale = []
    pages = {
        DOCS / "cli.md": cli_page(),
        DOCS / "errors.md": errors_page(),
        COHORTS: with_examples(COHORTS.read_text(encoding="utf-8")),
        README: readme_page(),
        **sample_pages(),
    }
    for path, page in pages.items():
        if "--check" not in sys.argv:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(page, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != page:
            stale.append(path.name)
    if stale:
        sys.stderr.write(f"not up to date: {', '.join(stale)}; run make docs\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
