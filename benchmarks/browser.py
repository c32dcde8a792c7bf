"""Time pages and the search for ids in Chromium: `browser.py STORE [PAGE ...]`.

Of each page: bytes, and the CPU time of scripts and of the whole main thread until it is ready. Of the workbench on
the store: wall time from the key Enter to the drawn lineage, for twelve random ids, and the CPU time that the server,
and the browser with its driver, take for it.
"""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from genaudit.store.names import generation_names

IDS, SETTLED_MS, PATIENCE_MS = 12, 1500, 240_000
TICK = os.sysconf("SC_CLK_TCK")


def cpu(pid: int) -> float:
    """Sum up the CPU time of a process and of its living descendants."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return (int(fields[11]) + int(fields[12])) / TICK + sum(map(cpu, map(int, children)))


def of_page(browser: Browser, path: Path) -> None:
    """Print the figures of a page, opened without a network."""
    with browser.new_context(offline=True) as context:
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.goto(path.resolve().as_uri())
        page.wait_for_function("document.documentElement.dataset.ready")
        found = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    script, task = found["ScriptDuration"], found["TaskDuration"]
    print(f"{path}: {path.stat().st_size:,} bytes, scripts {script:.2f} s, main thread {task:.2f} s")


def wait_for(port: int) -> None:
    """Wait until a server answers at a port of this machine."""
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return


def find(page: Page, stage: str, gen_id: str) -> float:
    """Look an id up on a page of the workbench; return the seconds until its lineage is drawn."""
    field = page.get_by_label("Find an id")
    field.fill(gen_id)
    start = time.perf_counter()
    field.press("Enter")
    page.locator(f"[aria-label*='{gen_id} ('][aria-label*='the one looked at']").first.wait_for(state="attached")
    page.get_by_text(re.compile(f"^{stage} {gen_id}")).first.wait_for()
    return time.perf_counter() - start


def of_workbench(browser: Browser, store: Path, server: subprocess.Popen[str]) -> None:
    """Print the times of the search for ids on the page about metadata."""
    link = next(line.split()[1] for line in server.stdout or () if line.startswith("Workbench: "))
    wait_for(int(re.findall(r":(\d+)/", link)[0]))
    page = browser.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{link}&file=metadata.py")
    page.get_by_role("button", name="Write report").wait_for()
    ids = [(stage, one) for stage, names in generation_names(store).items() for one in names]
    rows = []
    for stage, gen_id in random.Random(5).sample(ids, IDS + 1):  # noqa: S311 (nothing secret)
        page.wait_for_timeout(SETTLED_MS)
        before = cpu(server.pid), cpu(os.getpid())
        wall = find(page, stage, gen_id)
        page.wait_for_timeout(SETTLED_MS)
        served, all_else = cpu(server.pid) - before[0], cpu(os.getpid()) - before[1]
        rows.append((wall, served, all_else - served))
    # The first one pays for the imports of all.
    for name, values in zip(("wall", "server CPU", "browser CPU"), zip(*rows[1:], strict=True), strict=True):
        print(f"{name}: median {sorted(values)[IDS // 2]:.2f} s, {min(values):.2f} to {max(values):.2f} s")


def main(store: Path, pages: list[Path]) -> None:
    """Start the browser and the server, and end both."""
    options = ["--no-browser", "--port", "0", "--data-root", str(store)]
    command = [sys.executable, "-m", "genaudit", "workbench", *options]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        for path in pages:
            of_page(browser, path)
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            of_workbench(browser, store, server)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(one) for one in sys.argv[2:]])
