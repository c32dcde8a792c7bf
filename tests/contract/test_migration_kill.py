"""Real processes that are killed at any moment, or that come at once, leave the old tree or the new one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from genaudit.sample import SampleOptions, write_sample
from genaudit.store.ledger import read_ledger
from helpers.migrations import applied, content, plan_of, rolled_back, tree
from helpers.stopping import copied

# Starts applies and rollbacks, each in a process of its own, and kills it: after a part of the time that one takes,
# or a moment after its journal has grown, because it changes the store for a small part of its time only.
DRIVER = """
import json, os, random, shutil, signal, sys, time
from pathlib import Path
from genaudit.migration.files import Files
from genaudit.migration.plan_file import read_plan
from genaudit.migration.workspace import JournalStep, survey
from helpers.migrations import applied, rolled_back

job = json.loads(sys.stdin.read())
plan = read_plan(Path(job["plan"]))
rng = random.Random(job["seed"])

def run(root, way, limit):
    begun = time.monotonic()
    pid = os.fork()
    if not pid:
        code = 1
        try:
            applied(root, plan) if way == "apply" else rolled_back(root)
            code = 0
        finally:
            os._exit(code)
    if limit is not None:
        if rng.random() < 0.3:
            time.sleep(limit * rng.random())
        else:
            before = size(root)
            # Often enough to hit the part in which the store changes, and with few seconds of CPU.
            while size(root) == before and time.monotonic() < begun + limit:
                time.sleep(0.002)
            time.sleep(rng.random() * 0.02)
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status) or status == 0, status
    return time.monotonic() - begun, os.WIFSIGNALED(status)

def size(root):
    try:
        entries = os.scandir(f"{root}/.genaudit/migrations")
        return sum(os.stat(f"{entry.path}/journal.jsonl").st_size for entry in entries)
    except FileNotFoundError:
        return 0

first = Path(job["target"], "first")
shutil.copytree(job["source"], first)
whole, _ = run(first, "apply", None)
def is_midway(root):
    with Files(root) as files:
        steps = survey(files, plan)
    return steps.count(JournalStep.DONE) > 0 and steps.count(JournalStep.OPEN) > 0

killed, midway = [], 0
while len(killed) < job["turns"] or (midway < 3 and len(killed) < 4 * job["turns"]):
    root = Path(job["target"], str(len(killed)))
    shutil.copytree(job["source"], root)
    killed.append([])
    for way in ["apply", *rng.choices(["apply", "rollback"], k=2)]:
        if run(root, way, 3 * whole)[1]:
            killed[-1].append(way)
            midway += is_midway(root)
print(json.dumps([killed, midway]))
"""
TURNS = 12
HOLDER = """
import sys
from pathlib import Path
from genaudit.migration.files import Files

with Files(Path(sys.argv[1])) as files:
    files.lock()
    print("held", flush=True)
    sys.stdin.read()
"""


def environment():
    return {**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}


def command_line(*arguments):
    command = [sys.executable, "-m", "genaudit", "migrate", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment())


def store(tmp_path, drafts=4):
    root = tmp_path / "store"
    write_sample(root, SampleOptions(drafts=drafts, seed=3, legacy_share=0.4))
    made = plan_of(root)
    (tmp_path / "plan.json").write_bytes(made.to_bytes())
    return root, made


def test_killed_at_random_moments_again_and_again(tmp_path):
    root, made = store(tmp_path, drafts=8)
    old, done = tree(root), copied(root, tmp_path / "done")
    applied(done, made)
    new = content(done)
    (tmp_path / "killed").mkdir()
    job = {"source": str(root), "plan": str(tmp_path / "plan.json"), "target": str(tmp_path / "killed"), "seed": 5}
    run = subprocess.run(
        [sys.executable, "-c", DRIVER],
        input=json.dumps({**job, "turns": TURNS}),
        text=True,
        env=environment(),
        capture_output=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    killed, midway = json.loads(run.stdout)
    assert sum(map(len, killed)) > TURNS
    # Some of them were stopped when part of the store had changed.
    assert midway
    for turn in range(len(killed)):
        left = tmp_path / "killed" / str(turn)
        if turn % 2:
            applied(left, made)
            assert content(left) == new, (turn, killed[turn])
            assert read_ledger(left).applied() == [made.digest]
        rolled_back(left)
        found = tree(left)
        # The one moment in which the root's own time can be lost is when its first folder of state is made.
        found["."] = old["."]
        assert found == old, (turn, killed[turn])


def test_an_apply_while_another_process_is_at_it_is_refused(tmp_path):
    root, _ = store(tmp_path)
    before = tree(root)
    command = [sys.executable, "-c", HOLDER, str(root)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        for arguments in (("apply", tmp_path / "plan.json"), ("rollback",)):
            refused = command_line(*arguments, "--yes", "--data-root", root)
            assert refused.returncode == 4, refused.stderr
            assert "migration busy" in refused.stderr
        assert tree(root) == before
        holder.stdin.close()
    done = command_line("apply", tmp_path / "plan.json", "--yes", "--data-root", root)
    assert done.returncode == 0, done.stderr
    assert tree(root) != before


def test_two_applies_at_once_end_as_one(tmp_path):
    root, made = store(tmp_path)
    arguments = ("apply", tmp_path / "plan.json", "--yes", "--data-root", root)
    with ThreadPoolExecutor(2) as pool:
        codes = [done.returncode for done in pool.map(lambda _: command_line(*arguments), range(2))]
    assert 0 in codes
    assert set(codes) <= {0, 4}
    assert read_ledger(root).applied() == [made.digest]
    assert len(read_ledger(root).events) == 1
    assert plan_of(root).renames == ()
