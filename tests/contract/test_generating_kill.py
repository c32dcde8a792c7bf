"""Runs that are killed at any moment or meet another: the next run follows the rule of reuse."""

import json
import os
import subprocess
import sys

import pytest

from genaudit.generating.offline import OfflineGenerator
from genaudit.generating.steps import Steps
from helpers.trees import contents
from helpers.workshop import Recorder, make_workshop, put, reports


def killed_at(root, limit, *, force):
    """Run in a process that ends, without any cleaning up, at a change of the folder.

    :param limit: how many changes it gets to make.
    :returns: its exit code; 0 when it got to the end.
    """
    child = os.fork()
    if not child:
        made = 0

        def killed(event, arguments):
            nonlocal made
            is_change = event in ("os.rename", "os.remove", "os.mkdir")
            if is_change or (event == "open" and ".tmp" in str(arguments[0])):
                made += 1
                if made > limit:
                    os._exit(9)

        sys.addaudithook(killed)
        Steps(root, OfflineGenerator()).run_all("draft", "d_1", force=force)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def made_whole(root, name):
    """The files that a run makes if nobody stops it."""
    folder = put(make_workshop(root / name), "draft", "d_1")
    Steps(root / name, OfflineGenerator()).run_all("draft", "d_1")
    return contents(folder)


def everything(folder):
    """Every text of a folder, those that made room included."""
    return {path.read_bytes() for path in folder.rglob("*") if path.is_file() and not path.name.endswith(".tmp")}


def test_a_killed_run_leaves_a_state_that_the_next_one_completes(tmp_path):
    expected = made_whole(tmp_path, "whole")
    codes = []
    for limit in range(30):
        root = make_workshop(tmp_path / f"at-{limit}")
        folder = put(root, "draft", "d_1")
        codes.append(killed_at(root, limit, force=False))
        left = {name: data for name, data in contents(folder).items() if not name.endswith(".tmp")}
        # No text is ever seen in part, and none without the report that belongs to it.
        assert left.items() <= expected.items()
        assert "raw.txt" not in left or "raw_metadata.json" in left
        assert "parsed.txt" not in left or "parsed_metadata.json" in left
        generator = Recorder()
        Steps(root, generator).run_all("draft", "d_1")
        assert len(generator.asked) == int("raw.txt" not in left)
        assert expected.items() <= {name: data for name, data in contents(folder).items() if "/" not in name}.items()
        if codes[-1] == 0:
            break
    assert codes[-1] == 0
    assert set(codes[:-1]) == {9}
    assert len(codes) > 8


OLD = {
    "prompt.txt": "Old prompt",
    "raw.txt": "<essay>one\ntwo\nOLD</essay>",
    "parsed.txt": "one\ntwo\nOLD\n",
    **reports("draft", "d_1"),
}


@pytest.mark.parametrize(
    ("lacking", "force"),
    [
        ((), True),
        (("raw.txt", "raw_metadata.json"), True),
        (("parsed.txt", "parsed_metadata.json"), True),
        (("prompt.txt",), False),
        (("raw.txt",), False),
        (("parsed_metadata.json",), False),
    ],
)
def test_a_killed_run_that_makes_room_loses_no_file(tmp_path, lacking, force):
    old = {name: text for name, text in OLD.items() if name not in lacking}
    codes = []
    for limit in range(60):
        root = make_workshop(tmp_path / f"at-{limit}")
        folder = put(root, "draft", "d_1", old)
        kept = everything(folder)
        codes.append(killed_at(root, limit, force=force))
        assert everything(folder) >= kept
        generator = Recorder()
        Steps(root, generator).run_all("draft", "d_1")
        assert everything(folder) >= kept
        assert not (folder / ".replacing").exists()
        assert {result.reused for result in Steps(root, generator).run_all("draft", "d_1")} == {True}
        if codes[-1] == 0:
            break
    assert codes[-1] == 0
    assert set(codes[:-1]) == {9}


MEETING = """
import sys, time
from pathlib import Path
from genaudit.errors import DDError
from genaudit.generating.offline import OfflineGenerator
from genaudit.generating.steps import Steps

root = Path(sys.argv[1])

class Slow(OfflineGenerator):
    def generate(self, request):
        (root / "calls.txt").open("a").write("call\\n")
        print("calling", flush=True)
        sys.stdin.readline()
        return super().generate(request)

try:
    print(*(result.action.value for result in Steps(root, Slow()).run_all("draft", "d_1")), flush=True)
except DDError as error:
    print(error.ctx["reason"], flush=True)
"""


def test_of_two_runs_at_once_one_works_and_the_other_reports_it(tmp_path):
    root = make_workshop(tmp_path)
    folder = put(root, "draft", "d_1")
    command = [sys.executable, "-c", MEETING, root]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ) as first:
        assert first.stdout.readline() == "calling\n"
        second = subprocess.run(command, capture_output=True, text=True, input="\n", timeout=60, check=True)
        assert second.stdout == "generation_busy\n"
        out, _ = first.communicate("\n", timeout=60)
    assert out == "written called parsed\n"
    assert (root / "calls.txt").read_text() == "call\n"
    assert json.loads(contents(folder)["parsed_metadata.json"])["success"] is True
    after = subprocess.run(command, capture_output=True, text=True, input="", timeout=60, check=True)
    assert after.stdout == "kept kept kept\n"
