"""The notebooks in a real browser, against a real server on this machine."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import expect

from genaudit.audits.references import references
from genaudit.audits.run import run_audits
from genaudit.charts.style import BLUE, OCHRE, RED, VIOLET
from genaudit.migration.plan import make_plan
from genaudit.migration.rename_filter import RenameFilter
from genaudit.sample import SampleOptions, parse_faults, write_sample
from genaudit.scores import aggregate_scores
from genaudit.store.snapshot import scan
from genaudit.workbench.notebook_args import notebooks
from helpers.canvas import blended, brush, click_first
from helpers.notebooks import NAMES
from helpers.server import serving
from helpers.stores import DRAFT_RECORD, ESSAY_RECORD, make_stages, write_generation
from helpers.trees import fingerprint

PICTURE = "http://example.invalid/picture.png"
MARKUP = '</script><img src="http://example.invalid/a.png" onerror="window.taken = true">'
WAIT = 60_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("workbench")


@pytest.fixture(scope="module")
def audited(folder):
    """The package's results for the shown store."""
    write_sample(folder / "sample", SampleOptions(drafts=24, faults=parse_faults("all")))
    return run_audits(scan(folder / "sample"))


@pytest.fixture(scope="module")
def server(folder, audited, chromium):  # noqa: ARG001 -- without a browser there is nothing to serve
    with serving(folder, audited.snapshot.root, "--allow", str(folder)) as served:
        yield served


@pytest.fixture
def notebook(server, look):
    """Open a notebook; once a test is done with it, it has to have kept quiet and asked no other machine."""
    seen = []

    def opened(name, query=""):
        made = look(server.link(f"&file={name}.py{query}"))
        seen.append(made)
        return made.page

    yield opened
    for made in seen:
        own = (server.url, server.url.replace("http", "ws"), "data:", "blob:")
        assert [url for url in made.requests if not url.startswith(own)] == []
        assert [line for line in made.console if line.startswith("error")] == []
        assert (made.errors, made.dialogs) == ([], [])


def shows(page, text):
    """Wait until a paragraph has exactly this text, or the label of a table ends with it."""
    words = re.compile(rf"(^|\. ){re.escape(text)}$")
    expect(page.get_by_text(words).first).to_be_visible(timeout=WAIT)


def table(page, label):
    return page.locator("marimo-table").filter(has_text=label)


def canvas(page, title):
    return page.locator("marimo-vega").filter(has=page.locator(f"[aria-label*='{title}']")).locator("canvas")


def choose(page, label, option):
    """Choose from a list by the keyboard alone."""
    control = page.get_by_label(label, exact=True)
    control.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+A")
    page.keyboard.type(option)
    expect(page.get_by_role("option", name=option, exact=True)).to_be_visible(timeout=WAIT)
    page.keyboard.press("Enter")


def shares(page, name, value=None):
    """Wait until the page's address has a parameter, with a value if one is given, and return its value."""
    look_up = "const found = new URLSearchParams(location.search).get(name)"
    matches = f"([name, value]) => {{ {look_up}; return value ? found === value : Boolean(found); }}"
    page.wait_for_function(matches, arg=[name, value], timeout=WAIT)
    return parse_qs(urlsplit(page.evaluate("location.href")).query)[name][0]


def writes(page, folder):
    """Press the button, and find every file that the page then names."""
    page.get_by_role("button", name="Write report").click()
    shows(page, "Written:")
    named = page.locator("li code").filter(has_text=str(folder)).all_inner_texts()
    assert named
    assert {name.rpartition("/")[2] for name in named} <= {path.name for path in (folder / "reports").iterdir()}


def test_the_first_page_leads_to_every_notebook(server, look):
    page = look(server.link()).page
    cards = page.locator("article a[href*='file=']")
    expect(cards).to_have_count(len(NAMES) - 1, timeout=WAIT)
    found = [parse_qs(urlsplit(link.get_attribute("href")).query)["file"][0] for link in cards.all()]
    assert found == [f"{name}.py" for name in notebooks() if name != "workbench"]
    shows(page, "Overview")


def test_an_id_is_found_on_a_page(notebook, audited):
    page = notebook("metadata")
    gen_id = next(one for one in audited.snapshot.rows["evaluation"] if one.startswith("v_"))
    field = page.get_by_label("Find an id")
    field.fill(gen_id, timeout=WAIT)
    field.press("Enter")
    expect(page.get_by_role("link", name=f"Looking at evaluation {gen_id}")).to_be_visible(timeout=WAIT)
    shares(page, "id", gen_id)
    page.get_by_role("tab", name="Texts").click(timeout=WAIT)
    expect(page.locator("pre:visible")).to_have_count(4, timeout=WAIT)
    field.fill(gen_id[2:8])
    field.press("Enter")
    expect(table(page, "Found").get_by_text(gen_id)).to_be_visible(timeout=WAIT)


def test_workbench(notebook, audited, folder):
    page = notebook("workbench")
    findings = audited.findings
    shows(page, f"{len(findings)} lines.")
    shows(page, f"{len(audited.snapshot.generations):,}")
    choose(page, "Severity", "warning")
    shows(page, f"{(findings['severity'] == 'warning').sum()} lines.")
    choose(page, "Severity", "(all)")
    shows(page, f"{len(findings)} lines.")
    click_first(canvas(page, "Findings by code"), RED)
    worst = findings.loc[findings["severity"] == "error", "code"].value_counts().max()
    shows(page, f"{worst} lines.")
    shown = table(page, "pick one").locator("tbody tr")
    expect(shown).to_have_count(int(worst))
    writes(page, folder)
    page.get_by_role("link", name="Recomputed ids").first.click()
    shows(page, f"{len(audited.snapshot.generations)} generations.")


def test_inventory(notebook, audited, folder):
    page = notebook("inventory")
    lengths = audited.results["inventory"].frame
    evaluations = lengths[lengths["stage"] == "evaluation"]
    shows(page, f"{evaluations['count'].sum()} generations.")
    brush(canvas(page, "Ids of the stage evaluation"), OCHRE)
    shows(page, f"{evaluations.loc[evaluations['length'] == 16, 'count'].sum()} generations.")
    page.get_by_role("radio", name="draft").click()
    shows(page, f"{lengths.loc[lengths['stage'] == 'draft', 'count'].sum()} generations.")
    shares(page, "stage", "draft")
    writes(page, folder)


def test_metadata(notebook, audited, folder):
    page = notebook("metadata")
    findings = audited.results["metadata"].findings
    shows(page, f"{len(findings)} lines.")
    expect(canvas(page, "Share of the readable records")).to_be_visible()
    choose(page, "Stage", "essay")
    shows(page, f"{(findings['stage'] == 'essay').sum()} lines.")
    choose(page, "Stage", "(all)")
    click_first(canvas(page, "Findings by code"), RED)
    shows(page, f"{findings.loc[findings['severity'] == 'error', 'code'].value_counts().max()} lines.")
    writes(page, folder)


def test_parents(notebook, audited, folder):
    page = notebook("parents")
    links = audited.results["parents"].frame
    shows(page, f"{len(links)} generations.")
    choose(page, "Stage", "essay")
    shows(page, f"{(links['stage'] == 'essay').sum()} generations.")
    click_first(canvas(page, "Links to a parent"), RED, head=30)
    missing = links[(links["stage"] == "essay") & (links["status"] == "missing")]
    shows(page, f"{len(missing)} generations.")
    # A point of the drawing leads to the generation, and a point of its own chain on to the next.
    click_first(canvas(page, "broken links from parent to child"), RED, head=60)
    chain = page.locator("[aria-label*='the one looked at']")
    expect(chain).to_be_visible(timeout=WAIT)
    looked_at = re.search(r"(\w+) (\S+) \([^)]*the one looked at", chain.get_attribute("aria-label"))
    assert looked_at[2] in missing["gen_id"].tolist()
    shares(page, "id", looked_at[2])
    writes(page, folder)


def test_identity(notebook, audited, folder):
    page = notebook("identity")
    mapping = audited.results["recompute"].frame
    shows(page, f"{len(mapping)} generations.")
    choose(page, "Class of the id", "legacy")
    shows(page, f"{(mapping['class'] == 'legacy').sum()} generations.")
    choose(page, "Class of the id", "(all)")
    shows(page, f"{len(mapping)} generations.")
    click_first(canvas(page, "ids match their records"), OCHRE, head=60)
    legacy = mapping[(mapping["stage"] == "draft") & (mapping["class"] == "legacy")]
    shows(page, f"{len(legacy)} generations.")
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("Download")).click()
    assert len(download.value.path().read_text().splitlines()) == len(legacy) + 1
    writes(page, folder)


def test_migration(notebook, audited, folder):
    root = audited.snapshot.root
    before = fingerprint(root)
    plan = make_plan(scan(root), RenameFilter())
    page = notebook("migration")
    shows(page, "No migration is applied here, and none was interrupted.")
    page.get_by_role("button", name="Make the plan").click(timeout=WAIT)
    shows(page, f"Plan {plan.digest}.")
    shows(page, f"{len(plan.renames):,} renames.")
    click_first(canvas(page, "The plan renames"), VIOLET)
    drafts = [rename for rename in plan.renames if (rename.stage, rename.cause) == ("draft", "own")]
    shows(page, f"{len(drafts):,} renames.")
    table(page, "Renames, old to new").get_by_role("checkbox").first.click(timeout=WAIT)
    shares(page, "id", drafts[0].old)
    expect(page.locator(f"[aria-label*='{drafts[0].new}']").first).to_be_visible(timeout=WAIT)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download plan").click()
    assert download.value.path().read_bytes() == plan.to_bytes()
    page.get_by_role("button", name="Write plan").click()
    shows(page, "Written:")
    assert (folder / "reports" / "migration_plan.json").read_bytes() == plan.to_bytes()
    page.get_by_label("Folder of the copy").fill(str(folder / "copy"))
    page.get_by_label("Folder of the copy").press("Enter")
    shows(page, f"genaudit migrate apply {folder / 'reports' / 'migration_plan.json'} --data-root {root} --yes")
    page.get_by_role("button", name="Try the plan on a copy").click()
    expect(page.get_by_text("Every check holds.")).to_be_visible(timeout=2 * WAIT)
    expect(page.get_by_role("button", name=re.compile("apply|undo|roll", re.IGNORECASE))).to_have_count(0)
    assert (folder / "copy" / "gens" / "draft" / drafts[0].new).is_dir()
    assert fingerprint(root) == before


def test_cohorts(notebook, audited, folder):
    page = notebook("cohorts")
    scores = aggregate_scores(audited.snapshot)
    shows(page, f"{len(scores)} scores.")
    brush(canvas(page, "Evaluations by score"), BLUE, last=True)
    shows(page, f"{(scores['score'] >= int(scores['score'].max())).sum()} scores.")
    cohorts = audited.results["cohorts"].frame
    largest = cohorts.loc[cohorts["evaluation"].idxmax()]
    choose(page, "Cohort", largest["cohort_id"])
    shows(page, f"{largest['draft'] + largest['essay'] + largest['evaluation']} members.")
    writes(page, folder)


def test_rebuild(notebook, audited, folder):
    page = notebook("rebuild")
    result = audited.results["rebuild"]
    planned = result.comparison.set_index(["mode", "stage"])["planned"]
    shows(page, f"{planned.sum():,} planned generations.")
    # All evaluations of the topmost mode are called for: the cell has all the colour that one can have.
    click_first(canvas(page, "Outcomes of each mode at each stage"), blended(OCHRE, 0.5), head=60)
    shows(page, f"{planned['regenerate', 'evaluation']} planned generations.")
    expect(table(page, "pick one to see why").locator("tbody tr")).to_have_count(10)
    choose(page, "Decision", "reuse")
    shows(page, "0 planned generations.")
    choose(page, "Decision", "(all)")
    shows(page, f"{planned['regenerate', 'evaluation']} planned generations.")
    table(page, "pick one to see why").locator("tbody tr").first.get_by_role("checkbox").click()
    gen_id = shares(page, "id")
    assert gen_id in result.frame["gen_id"].tolist()
    # It does not exist yet: the page shows why it is planned.
    expect(page.get_by_text(f"The store has no evaluation {gen_id}.", exact=False)).to_be_visible(timeout=WAIT)
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("Download selected_essays.txt")).first.click()
    assert download.value.path().read_text().splitlines()[-len(result.choice.ids) :] == [*result.choice.ids]
    writes(page, folder)


def test_a_generation_is_tried_alone(notebook, audited):
    selected = {*audited.results["rebuild"].choice.ids}
    gen_id = next(one for one in audited.snapshot.rows["essay"] if one.startswith("e_") and one not in selected)
    page = notebook("identity", f"&stage=essay&id={gen_id}")
    page.get_by_role("tab", name="In a rebuild").click(timeout=WAIT)
    page.get_by_role("link", name="Try them on it alone").click()
    expect(page.get_by_label("Ids, with commas", exact=False)).to_have_value(gen_id, timeout=WAIT)
    shares(page, "ids", gen_id)
    field = page.get_by_label("Ids, with commas", exact=False)
    field.fill("e_none")
    field.blur()
    expect(page.get_by_text("unknown id")).to_be_visible(timeout=WAIT)


def test_references(notebook, audited, folder):
    page = notebook("references")
    button = page.get_by_role("button", name="Search every file")
    expect(page.get_by_text("Nothing was searched yet.")).to_be_visible(timeout=WAIT)
    button.click()
    found = references(audited.snapshot, left_out=[folder / "reports"])
    shows(page, f"{len(found.frame):,} lines.")
    click_first(canvas(page, "References to ids by kind of file"), BLUE)
    kinds = found.summary.kinds
    first = next(kind for kind in kinds if kinds[kind]["rewrite"])
    shows(page, f"{kinds[first]['rewrite']:,} lines.")
    choose(page, "Treatment", "dangling")
    shows(page, "0 lines.")
    choose(page, "Treatment", "(all)")
    row = table(page, "pick one to look at its id").locator("tbody tr").first
    row.get_by_role("checkbox").click(timeout=WAIT)
    gen_id = shares(page, "id")
    shows(page, f"{(found.frame['gen_id'] == gen_id).sum():,} references.")
    writes(page, folder)


def test_a_picked_generation_can_be_sent_to_somebody(notebook, audited):
    page = notebook("inventory")
    row = table(page, "pick one").locator("tbody tr").first
    row.get_by_role("checkbox").click(timeout=WAIT)
    chain = page.locator("[aria-label*='the one looked at']")
    expect(chain).to_be_visible(timeout=WAIT)
    label, gen_id = chain.get_attribute("aria-label"), shares(page, "id")
    shares(page, "stage", "evaluation")
    assert gen_id in audited.snapshot.rows["evaluation"]
    other = notebook("parents", f"&stage=evaluation&id={gen_id}")
    expect(other.locator("[aria-label*='the one looked at']")).to_have_attribute("aria-label", label, timeout=WAIT)


def test_another_store_is_opened_by_its_path(notebook, folder):
    make_stages(folder / "empty")
    page = notebook("workbench")
    field = page.get_by_label("Data root")
    field.fill(str(folder / "empty"), timeout=WAIT)
    field.press("Enter")
    shows(page, "Nothing generated yet")
    shares(page, "root", str(folder / "empty"))
    field.fill(str(folder / "nowhere"))
    field.press("Enter")
    expect(page.get_by_text(f"There is no folder {folder / 'nowhere'}.")).to_be_visible(timeout=WAIT)
    expect(page.get_by_role("heading", name="Findings")).to_be_hidden(timeout=WAIT)


@pytest.mark.parametrize("name", ["workbench", "identity"])
def test_text_of_a_store_is_shown_and_never_run(notebook, folder, name):
    root = folder / f"hostile_{name}"
    make_stages(root)
    write_generation(root, "draft", "d_1", {**DRAFT_RECORD, "template_id": PICTURE, "llm_model_id": MARKUP})
    write_generation(root, "draft", MARKUP.replace("/", ""), {**DRAFT_RECORD, "combo_id": PICTURE})
    write_generation(root, "essay", "e_1", {**ESSAY_RECORD, "parent_gen_id": MARKUP, "replicate": PICTURE})
    page = notebook(name, f"&root={quote(str(root))}&stage=draft&id=d_1")
    expect(page.get_by_text(PICTURE.replace("//", "\\//"), exact=True).first).to_be_visible(timeout=WAIT)
    assert page.evaluate("window.taken") is None
