"""Write the pages that the code yields.

These are docs/cli.md, docs/errors.md, docs/api.md, docs/reports/, examples, measurements and sample pages.
The examples are the console blocks of the pages in EXAMPLES_IN, the measurements those of performance.md, the pages
those of reports/sample/.

With ``--check`` nothing is written, and a page that is not up to date is an error.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import takewhile
from pathlib import Path
from tempfile import TemporaryDirectory

from api_page import api_page
from cli_page import cli_page
from published import REPORTS, published_pages

from genaudit.audits.registry import AUDITS
from genaudit.codes import CODES
from genaudit.errors import Err, Reason
from genaudit.sample import FAULTS

DOCS = Path(__file__).parent
README = DOCS.parent / "README.md"
EXAMPLES_IN = [README, DOCS / "performance.md", DOCS / "cohorts.md", DOCS / "guides" / "gen_id_migration_analysis.md"]
EXAMPLES = re.compile(r"```console\n(.*?)```", re.DOTALL)
RESULTS = DOCS.parent / "benchmarks" / "results.md"
SAMPLE = DOCS.parent / "reports" / "sample"
MEASURED = "96,996 light"
BENCHMARKS = re.compile(r"(?<=<!-- benchmarks -->\n).*?(?=<!-- /benchmarks -->)", re.DOTALL)


def errors_page() -> str:
    """Tabulate the finding codes by audit, and the reasons of broken calls."""
    lines = [
        "# Errors and findings",
        "",
        "Broken *data* becomes a row of the findings, with one of the codes below. A broken *call* ends with one",
        "line on stderr and an exit code, and in Python raises `DDError` with a code, one of the",
        "[reasons](#reasons), and a context of plain values.",
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
    lines += ["", "## Reasons", ""]
    lines += [f"The codes of `DDError` are {', '.join(f'`{code}`' for code in Err)}."]
    lines += ["Its `reason` is one of these; commands end with the exit code.", ""]
    lines += ["| reason | exit code | meaning |", "|---|---|---|"]
    lines += [f"| `{reason}` | {reason.exit_code:d} | {reason.meaning} |" for reason in Reason]
    return "\n".join(lines) + "\n"


def with_measurements(page: str) -> str:
    """Put the rows of the largest store that was measured into a page."""
    lines = RESULTS.read_text(encoding="utf-8").splitlines()
    head = next(place for place, line in enumerate(lines) if line.startswith("| size | way |"))
    measured = takewhile(str.strip, lines[head + 2 :])
    rows = [*lines[head : head + 2], *(line for line in measured if line.startswith(f"| {MEASURED} | "))]
    return BENCHMARKS.sub(lambda _: "\n".join([*rows, ""]), page)


def sample_pages() -> dict[Path, str]:
    """Write the pages of a small sample store with many faults, as anybody would."""
    # Whether somebody may read a folder depends on who runs this.
    faults = ",".join(code for code, fault in FAULTS.items() if fault.seen_by_root and not fault.exclusive)
    with TemporaryDirectory() as name:
        folder = Path(name)
        run(["genaudit", "sample", "store", "--drafts", "24", "--faults", faults], folder)
        run(["genaudit", "report", "--data-root", "store", "--output", "pages", "--date", "2025-10-14"], folder)
        pages = folder / "pages"
        found = (path for path in sorted(pages.rglob("*")) if path.is_file())
        return {SAMPLE / path.relative_to(pages): path.read_text(encoding="utf-8") for path in found}


def with_examples(page: str) -> str:
    """Run the examples of a page, one after the other in one folder, and put their output below each."""
    with TemporaryDirectory() as folder:

        def example(block: re.Match[str]) -> str:
            commands = re.findall(r"^\$ (.*)$", block[1], re.MULTILINE)
            printed = (f"$ {command}\n{run(['sh', '-c', command], Path(folder))}" for command in commands)
            return f"```console\n{''.join(printed)}```"

        return EXAMPLES.sub(example, page)


def run(command: list[str], folder: Path) -> str:
    """Run a command as on a terminal of 100 columns, and return its output."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "COLUMNS": "100", "PYTHONUNBUFFERED": "1", "DOCS": str(DOCS)}
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


def written_anew(path: Path) -> str:
    """Bring a page that people write up to date."""
    return with_examples(with_measurements(path.read_text(encoding="utf-8")))


def pages() -> dict[Path, str]:
    """Make every page; most of the time goes to the commands that the examples run."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        examples = pool.map(written_anew, EXAMPLES_IN)
        errors = pool.submit(errors_page)
        published, sample = pool.submit(published_pages), pool.submit(sample_pages)
        made = {DOCS / "cli.md": cli_page(), DOCS / "errors.md": errors.result(), DOCS / "api.md": api_page()}
        made |= published.result() | sample.result()
        return made | dict(zip(EXAMPLES_IN, examples, strict=True))


def main() -> int:
    """Write the pages, or compare them."""
    stale = []
    made = pages()
    for path, page in made.items():
        if "--check" not in sys.argv:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(page, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != page:
            stale.append(path.relative_to(DOCS.parent).as_posix())
    # A page of an audit that is no more.
    gone = sorted(set(REPORTS.glob("*")) - made.keys())
    stale += [path.relative_to(DOCS.parent).as_posix() for path in gone]
    if stale:
        sys.stderr.write(f"not up to date: {', '.join(stale)}; run make docs\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
