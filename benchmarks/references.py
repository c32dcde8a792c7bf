"""Time the search for references beside `grep -F -f` and `rg`, for different numbers of ids and on a whole store."""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import Final

import machine
import store_texts

from genaudit.store.contents import find_in_chunks
from genaudit.store.tokens import IdIndex

HERE: Final = Path(__file__).parent
DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
WORDS: Final = ("the", "idea", "holds", "because", "its", "two", "halves", "were", "never", "read", "by", "nobody")
QUOTE_EVERY: Final = 50
LINE_WORDS: Final = 12
CHUNK: Final = 1 << 18
NOTE: Final = """
One file of prose that names an id in every {every}th line, from ids of which the first are the same for every
number of ids: the references, and so the work to report them, do not change. CPU time, the least of {repeat} runs.
Both ways count the references, and must agree; genaudit also reports line and column of each. `grep -o -F -w -f`
looks for the same ids as whole words, and takes the time to read them in; it gets {limit:,} ids at most.
"""


def main() -> None:
    """Write the text, search it in both ways, and write the table."""
    options = _arguments()
    with tempfile.TemporaryDirectory(prefix="genaudit-bench-") as folder:
        whole = store_texts.table(options.drafts, options.seed, options.repeat, Path(folder))
    pinned = machine.pin()
    rng = random.Random(options.seed)  # noqa: S311 (a benchmark's text needs no secrets)
    ids = [_identity(rng) for _ in range(max(options.ids))]
    named = ids[: min(options.ids)]
    rows = []
    scratch = Path(tempfile.mkdtemp(prefix="genaudit-bench-"))
    try:
        for megabytes in options.megabytes:
            text = _text(rng, named, megabytes * 1_000_000)
            path = scratch / f"text-{megabytes}"
            path.write_bytes(text)
            for number in options.ids:
                rows.append(_row(text, path, ids[:number], options))
                print(rows[-1], file=sys.stderr)
        about = machine.describe(scratch, pinned, _grep_version())
    finally:
        shutil.rmtree(scratch)
    note = NOTE.format(every=QUOTE_EVERY, repeat=options.repeat, limit=options.grep_limit)
    header = "| MB | ids | references | index s | genaudit s | MB/s | `grep -F` s |\n|--:|--:|--:|--:|--:|--:|--:|"
    page = "\n".join(
        [
            "# Results of the search for references",
            "",
            *about,
            note,
            header,
            *rows,
            "",
            "## A whole store",
            *whole,
            "",
        ]
    )
    options.output.write_text(page)
    print(page)


def _arguments() -> argparse.Namespace:
    def numbers(text: str) -> list[int]:
        return [int(part) for part in text.split(",")]

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=numbers, default="10,20,40", help="sizes of the text")
    parser.add_argument("--ids", type=numbers, default="1000,10000,100000", help="numbers of ids")
    parser.add_argument("--grep-limit", type=int, default=100_000, help="the most ids that grep is given")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each way")
    parser.add_argument("--drafts", type=int, default=1200, help="drafts of the whole store")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=HERE / "references.md", help="the Markdown file to write")
    return parser.parse_args()


def _identity(rng: random.Random) -> str:
    return rng.choice(("d_", "e_", "v_")) + rng.choice(DIGITS[1:]) + "".join(rng.choices(DIGITS, k=15))


def _text(rng: random.Random, ids: list[str], size: int) -> bytes:
    lines: list[str] = []
    written = 0
    while written < size:
        line = " ".join(rng.choices(WORDS, k=LINE_WORDS))
        if len(lines) % QUOTE_EVERY == 0:
            line += f" see {rng.choice(ids)}."
        lines.append(line)
        written += len(line) + 1
    return "\n".join(lines).encode()


def _row(text: bytes, path: Path, ids: list[str], options: argparse.Namespace) -> str:
    built, searched, found = min(_genaudit(text, ids) for _ in range(options.repeat))
    grep = "-"
    if len(ids) <= options.grep_limit and shutil.which("grep"):
        seconds, counted = min(_grep(path, ids) for _ in range(options.repeat))
        if counted != found:
            sys.exit(f"genaudit found {found} references, grep {counted}")
        grep = f"{seconds:.2f}"
    speed = len(text) / searched / 1e6
    size = f"{len(text) / 1e6:.0f}"
    return f"| {size} | {len(ids):,} | {found:,} | {built:.2f} | {searched:.2f} | {speed:.0f} | {grep} |"


def _genaudit(text: bytes, ids: list[str]) -> tuple[float, float, int]:
    start = time.process_time()
    index = IdIndex(dict.fromkeys(ids, ("draft",)))
    built = time.process_time()
    chunks = (text[place : place + CHUNK] for place in range(0, len(text), CHUNK))
    found = sum(hit.known is not None for hit, *_ in find_in_chunks(chunks, index))
    return built - start, time.process_time() - built, found


def _grep(path: Path, ids: list[str]) -> tuple[float, int]:
    patterns = path.with_suffix(".ids")
    patterns.write_text("\n".join(ids) + "\n")
    command = ["grep", "-o", "-F", "-w", "-f", str(patterns), str(path)]
    start = _children()
    done = subprocess.run(command, capture_output=True, check=False, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"})
    return _children() - start, done.stdout.count(b"\n")


def _children() -> float:
    spent = getrusage(RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _grep_version() -> str:
    grep = shutil.which("grep")
    if not grep:
        return "no grep"
    return subprocess.run([grep, "--version"], capture_output=True, text=True, check=False).stdout.splitlines()[0]


if __name__ == "__main__":
    main()
