"""Stores to run notebooks on: one with every fault, a clean one, an empty one, a hostile one, and none."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

import pytest

from genaudit.audits.run import run_audits
from genaudit.sample import SampleOptions, parse_faults, write_sample
from genaudit.store.snapshot import scan
from genaudit.workbench.page import Page
from helpers.notebooks import FOLDER
from helpers.stores import DRAFT_RECORD, ESSAY_RECORD, evaluation, make_stages, write_generation

MARKUP = "</script><img src=x onerror=alert(1)>"


class Query(dict):
    """The parameters of an address, outside of a running notebook."""

    def to_dict(self):
        return dict(self)


@pytest.fixture(scope="session")
def stores(tmp_path_factory):
    """The data roots by kind."""
    folder = tmp_path_factory.mktemp("stores")
    write_sample(folder / "sample", SampleOptions(drafts=24, faults=parse_faults("all")))
    write_sample(folder / "clean", SampleOptions(drafts=8, legacy_share=0.0))
    make_stages(folder / "empty")
    broken = make_stages(folder / "broken")
    write_generation(broken, "draft", "d_1", {**DRAFT_RECORD, "template_id": MARKUP, "llm_model_id": "a|b"})
    write_generation(broken, "draft", "d_2", b"{")
    write_generation(broken, "draft", "<b>bold</b>", b"[]")
    write_generation(broken, "essay", "e_1", {**ESSAY_RECORD, "parent_gen_id": MARKUP})
    write_generation(broken, "essay", "e_2", {**ESSAY_RECORD, "parent_gen_id": "e_2"})
    write_generation(broken, "essay", "e_3")
    write_generation(broken, "evaluation", "v_1", evaluation("e_1", replicate=MARKUP))
    write_generation(broken, "evaluation", "v_2", evaluation("d_1"))
    (broken / "cohorts" / "odd").mkdir(parents=True)
    (broken / "cohorts" / "odd" / "membership.csv").write_bytes(b"\xff\xfe")
    (folder / "no gens").mkdir()
    return {path.name: path for path in folder.iterdir()} | {"nowhere": folder / "nowhere"}


@pytest.fixture(scope="session")
def audits(stores):
    """Run all audits of a store by its name, once: no notebook changes one."""
    return cache(lambda name: run_audits(scan(stores[name])))


@cache
def loaded(name):
    """Load the app of a notebook, once: each run has variables of its own."""
    spec = importlib.util.spec_from_file_location(f"notebook_{name}", Path(FOLDER, f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.app


@pytest.fixture
def run(tmp_path):
    """Run a notebook on a store; return the outputs of its cells as text, and their definitions."""

    def ran(name, root, **more):
        if "get_chosen" in more:
            # Its cell makes the page as well.
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("marimo.query_params", Query)
                page = Page(name, str(root), str(tmp_path / "reports"))
                root_field, again = page.controls(more["set_chosen"])
                more |= {"page": page, "root_field": root_field, "again": again}
        outputs, defs = loaded(name).run(defs={"data_root": str(root), "output": str(tmp_path / "reports"), **more})
        return " ".join(getattr(output, "text", str(output)) for output in outputs), defs

    return ran
