"""The report page in a real browser, from disk and without a network."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from genaudit.audits.registry import AUDITS
from genaudit.audits.run import run_audits
from genaudit.render.html import render_page
from genaudit.sample import FAULTS, SampleOptions, write_sample
from genaudit.store.snapshot import scan
from helpers.stores import DRAFT_RECORD, ESSAY_RECORD, make_stages, write_generation

HOSTILE = "</script><script>window.taken = true; alert(1)</script>"
IMAGE = '"><img src=x onerror="window.taken = true; alert(2)">'


def write_page(folder, root, **options):
    path = folder / "audit_2025-10-14.html"
    path.write_bytes(render_page(run_audits(scan(root), **{"only": AUDITS, **options}), date="2025-10-14"))
    return path


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    """The page of a sample with every fault that can be planted beside others."""
    folder = tmp_path_factory.mktemp("faulty")
    faults = tuple(code for code in FAULTS if not FAULTS[code].exclusive)
    write_sample(folder / "data", SampleOptions(drafts=24, faults=faults))
    return write_page(folder, folder / "data")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """The page of a store whose ids, values and folder names attack it."""
    folder = tmp_path_factory.mktemp("hostile")
    root = make_stages(folder / "data")
    record = {**DRAFT_RECORD, "template_id": HOSTILE, "llm_model_id": IMAGE, HOSTILE: 1}
    write_generation(root, "draft", "d_1", {**record, "replicate": HOSTILE})
    write_generation(root, "draft", "<svg onload=alert(3)>", {**record, "combo_id": "a|b"})
    write_generation(root, "essay", "{{7*7}}", {**ESSAY_RECORD, "parent_gen_id": HOSTILE})
    write_generation(root, "essay", "e_2", {**ESSAY_RECORD, "parent_gen_id": IMAGE, "template_id": 4})
    write_generation(root, "essay", "e_3", {**ESSAY_RECORD, "parent_gen_id": "abc\u202egnp 👩‍🚀"})
    return write_page(folder, root)


def settle(page):
    """Let the page finish deferred work: a table sorts and filters in a task of its own after a click or key."""
    turn = "new Promise((done) => setTimeout(() => requestAnimationFrame(() => setTimeout(done, 0)), 0))"
    for _ in range(3):
        page.evaluate(f"() => {turn}")


def rows(page, table):
    settle(page)
    return page.locator(f"#{table} tbody tr")


def column(page, table, title):
    settle(page)
    heads = page.locator(f"#{table} thead th").all_inner_texts()
    place = [head.strip() for head in heads].index(title) + 1
    return [text.strip() for text in page.locator(f"#{table} tbody td:nth-child({place})").all_inner_texts()]


def test_the_page_opens_from_disk_and_asks_for_nothing(faulty, visit):
    seen = visit(faulty)
    assert seen.requests == [faulty.as_uri()]
    assert (seen.console, seen.errors, seen.dialogs) == ([], [], [])
    assert seen.page.title() == "Audit of a generation store · 2025-10-14"


def test_every_chart_is_drawn(faulty, visit):
    page = visit(faulty).page
    charts = page.locator("[data-chart]")
    names = [chart.get_attribute("data-chart") for chart in charts.all()]
    assert len(names) == 14
    for name in names:
        svg = page.locator(f"[data-chart={name}] svg")
        assert svg.count() == 1, name
        assert svg.locator("[role=graphics-symbol] path, path[role=graphics-symbol]").count() > 0, name
        assert svg.locator(".role-axis-title text").count() > 0, name
        assert page.locator(f"[data-chart={name}] [aria-label]").first.get_attribute("aria-label"), name


def test_no_label_is_lost_at_the_edge(faulty, visit):
    page = visit(faulty).page
    outside = page.evaluate(
        """() => [...document.querySelectorAll("[data-chart]")].flatMap((chart) => {
            const frame = chart.closest("figure").getBoundingClientRect();
            return [...chart.querySelectorAll("svg text")]
                .filter((text) => text.textContent && Number(text.getAttribute("opacity") ?? 1) > 0)
                .map((text) => [text.textContent, text.getBoundingClientRect()])
                .filter(([, box]) => box.left < frame.left - 1 || box.right > frame.right + 1)
                .map(([text]) => `${chart.dataset.chart}: ${text}`);
        })"""
    )
    assert outside == []


@pytest.mark.parametrize("width", [700, 1024, 1360, 1800])
def test_the_page_fits_its_window(faulty, visit, width):
    page = visit(faulty, viewport={"width": width, "height": 900}).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_an_edge_shows_that_there_is_more_beyond_it(faulty, visit):
    page = visit(faulty, viewport={"width": 390, "height": 800}).page
    for region in (page.locator("#figure-overview .wide"), page.locator("#artifacts .scroll")):
        expect(region).to_have_attribute("data-more", "right")
        region.evaluate("element => element.scrollTo({ left: 40, behavior: 'instant' })")
        expect(region).to_have_attribute("data-more", "left right")
        shadow = region.evaluate("element => getComputedStyle(element, '::after').height")
        assert shadow == region.evaluate("element => getComputedStyle(element).height")
        region.evaluate("element => element.scrollTo({ left: element.scrollWidth, behavior: 'instant' })")
        expect(region).to_have_attribute("data-more", "left")
    page.set_viewport_size({"width": 1360, "height": 800})
    expect(page.locator("#figure-overview [data-more], #artifacts [data-more]")).to_have_count(0)


def test_a_table_sorts_on_a_click(faulty, visit):
    page = visit(faulty, draw_all=False).page
    head = page.locator("#codes thead th", has_text="Found")
    head.click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    up = [int(text) for text in column(page, "codes", "Found")]
    assert up == sorted(up)
    assert up[0] == 0
    head.click()
    expect(head).to_have_attribute("aria-sort", "descending")
    down = [int(text) for text in column(page, "codes", "Found")]
    assert down == sorted(up, reverse=True)


def test_severities_sort_by_gravity(faulty, visit):
    page = visit(faulty, draw_all=False).page
    head = page.locator("#codes thead th", has_text="Severity")
    head.click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    found = column(page, "codes", "Severity")
    assert found == sorted(found, key=["error", "warning", "info"].index)
    assert {*found} == {"error", "warning", "info"}


def test_a_table_filters_as_one_types(faulty, visit):
    page = visit(faulty, draw_all=False).page
    before = page.locator("#findings .dt-info").inner_text()
    field = page.locator("#findings .dt-search input")
    field.press_sequentially("PARENT_CY")
    assert {*column(page, "findings", "Finding")} == {"PARENT_CYCLE"}
    assert page.locator("#findings .dt-info").inner_text() != before
    field.fill("no row has this")
    assert rows(page, "findings").all_inner_texts() == ["No row matches this filter."]
    field.fill("")
    expect(page.locator("#findings .dt-info")).to_have_text(before)


def test_a_table_narrows_down_to_a_choice(faulty, visit):
    page = visit(faulty, draw_all=False).page
    page.get_by_label("Severity: show").first.select_option("info")
    assert {*column(page, "findings", "Severity")} == {"info"}
    page.get_by_label("Severity: show").first.select_option("")
    assert rows(page, "findings").count() == 15


def test_a_row_unfolds_by_keyboard_into_its_fix(faulty, visit):
    page = visit(faulty, draw_all=False).page
    page.locator("#findings .dt-search input").fill("METADATA_NAN")
    more = page.locator("#findings button.more")
    more.focus()
    page.keyboard.press("Enter")
    unfolded = page.locator("#findings td.unfolded").inner_text()
    assert "Replace the value with a number, or with null." in unfolded
    assert re.search(r"Path\s+gens/\w+/\w+/metadata.json", unfolded)
    assert more.get_attribute("aria-expanded") == "true"
    page.keyboard.press("Enter")
    assert page.locator("#findings td.unfolded").count() == 0


def test_a_step_links_to_the_meaning_of_its_code(faulty, visit):
    page = visit(faulty, draw_all=False, reduced_motion="reduce").page
    page.locator(".first a").first.click()
    target = page.locator("#codes tr:target")
    assert target.count() == 1
    assert target.bounding_box()["y"] < 900


def colours(page):
    return page.evaluate(
        """() => {
            const css = (element, name) => getComputedStyle(element).getPropertyValue(name);
            return [
                css(document.body, "background-color"),
                css(document.body, "color"),
                css(document.querySelector("svg .role-axis-label text"), "fill"),
                css(document.querySelector("#codes td"), "color"),
            ];
        }"""
    )


def test_the_theme_button_changes_every_colour(faulty, visit):
    page = visit(faulty, color_scheme="light").page
    light = colours(page)
    page.get_by_role("button", name="Dark theme").click()
    dark = colours(page)
    assert all(one != other for one, other in zip(light, dark, strict=True))
    page.get_by_role("button", name="Light theme").click()
    assert colours(page) == light


def test_the_systems_theme_is_followed_and_paper_is_light(faulty, visit):
    light = colours(visit(faulty, color_scheme="light").page)
    page = visit(faulty, color_scheme="dark").page
    assert all(one != other for one, other in zip(light, colours(page), strict=True))
    page.emulate_media(media="print")
    assert colours(page)[1:] == light[1:]
    assert page.locator("nav").first.is_hidden()
    page.emulate_media(media="screen", color_scheme="light")
    assert colours(page) == light


def test_the_choice_of_a_theme_is_kept(faulty, visit):
    page = visit(faulty, color_scheme="light").page
    page.get_by_role("button", name="Dark theme").click()
    dark = colours(page)
    page.reload()
    page.wait_for_function("document.documentElement.dataset.ready")
    assert colours(page) == dark


def test_the_first_tab_skips_to_the_summary(faulty, visit):
    page = visit(faulty, draw_all=False).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the summary"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


DRAWN = "[...document.querySelectorAll('[data-chart]')].map((place) => place.querySelectorAll('svg').length)"


def test_charts_are_drawn_when_they_come_near(faulty, visit):
    page = visit(faulty, draw_all=False).page
    first = page.evaluate(DRAWN)
    assert first[0] == 1
    assert first[-1] == 0
    page.locator("[data-chart]").last.scroll_into_view_if_needed()
    expect(page.locator("[data-chart] svg").last).to_be_visible()


def test_paper_has_the_charts_that_nobody_scrolled_to(faulty, visit):
    page = visit(faulty, draw_all=False).page
    # The paper is laid out between these two events.
    page.evaluate(f"addEventListener('afterprint', () => {{ window.onPaper = {DRAWN} }})")
    assert page.pdf(format="A4").startswith(b"%PDF")
    on_paper = page.evaluate("window.onPaper")
    assert len(on_paper) > 5
    assert set(on_paper) == {1}


def test_hostile_text_does_nothing_and_is_shown(hostile, visit):
    seen = visit(hostile, reduced_motion="reduce")
    page = seen.page
    for button in page.locator("#findings button.more").all():
        button.click()
    for field in page.locator(".dt-search input").all():
        field.fill("<")
    tips = set()
    for mark in page.locator("[data-chart=spec-chains] .mark-symbol.role-mark path").all():
        mark.hover(force=True)
        tips.add(page.locator("#vg-tooltip-element.visible").inner_text())
    assert any(HOSTILE[:50] in tip for tip in tips)
    assert page.evaluate("window.taken") is None
    assert (seen.dialogs, seen.errors, seen.console) == ([], [], [])
    assert seen.requests == [hostile.as_uri()]
    assert page.locator("main img").count() == 0
    text = page.locator("main").inner_text()
    for literal in (HOSTILE, IMAGE, "<svg onload=alert(3)>"):
        assert literal.lower() in text.lower(), literal
    drawn = page.locator("[data-chart=spec-chains] text").all_text_contents()
    assert any(label.startswith("</script><script>") for label in drawn)
    assert r"abc\u202egnp" in page.content()


def test_a_script_that_slips_in_would_not_run(faulty, visit, tmp_path):
    tampered = tmp_path / "tampered.html"
    content = faulty.read_text()
    assert content.count("</main>") == 1
    tampered.write_text(content.replace("</main>", "<script>window.taken = true</script></main>"))
    seen = visit(tampered)
    assert seen.page.evaluate("window.taken") is None
    assert any("Content Security Policy" in line for line in seen.console)


@pytest.mark.parametrize("only", ["inventory", "metadata", "parents", "recompute", "cohorts", "rebuild"])
def test_the_page_of_one_audit(tmp_path, visit, only):
    write_sample(tmp_path / "data", SampleOptions(drafts=6))
    seen = visit(write_page(tmp_path, tmp_path / "data", only=[only]))
    assert (seen.console, seen.errors) == ([], [])


def test_the_page_of_an_empty_store(tmp_path, visit):
    seen = visit(write_page(tmp_path, make_stages(tmp_path / "data")))
    assert (seen.console, seen.errors) == ([], [])
    assert "Nothing generated yet" in seen.page.locator("#summary").inner_text()
    assert seen.page.locator("svg").count() == 0


def test_a_row_unfolds_into_the_causes_of_one_generation(faulty, visit):
    page = visit(faulty, draw_all=False).page
    rows(page, "rebuild-why")
    table = page.locator("#rebuild-why")
    table.get_by_label("Decision: show").select_option("call")
    assert set(column(page, "rebuild-why", "Decision")) == {"call"}
    more = table.locator("button.more").first
    assert more.get_attribute("aria-label") == "Why"
    more.click()
    row = table.locator("tr.unfolded, .unfolded").first.inner_text()
    for word in ("Planned generation", "Root cause", "Difference", "stored", "Modes that would reuse it"):
        assert word in row


def test_an_id_leads_to_a_closer_look(faulty, visit):
    page = visit(faulty, draw_all=False).page
    cell = page.locator("#repairs tbody td.id a").first
    gen_id = cell.inner_text()
    cell.click()
    look = page.get_by_role("dialog", name=gen_id)
    expect(look.locator("[aria-current]")).to_contain_text(gen_id)
    expect(look.get_by_text("genaudit show --data-root")).to_contain_text(gen_id)
    # The address leads to the same place, and a relative to its own.
    assert page.url.endswith(f"#id={gen_id}")
    other = look.locator(".node a").first.inner_text()
    look.locator(".node a").first.click()
    expect(page.get_by_role("dialog", name=other)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert "#" not in page.url


def test_a_closer_look_names_the_stage_of_a_wrong_parent(faulty, visit):
    page = visit(faulty).page
    page.locator("#findings .dt-search input").fill("PARENT_WRONG_STAGE")
    rows(page, "findings").locator("td.id a").click()
    look = page.get_by_role("dialog")
    expect(look.locator("[aria-current]")).to_have_text(re.compile("^evaluation "))
    expect(look.locator(".node").first).to_have_text(re.compile("^draft "))


def test_an_unknown_id_in_the_address_is_text(faulty, visit):
    page = visit(faulty, draw_all=False).page
    page.evaluate("location.hash = '#id=' + encodeURIComponent('<img src=x onerror=alert(1)>')")
    expect(page.get_by_role("dialog")).to_contain_text("<img src=x onerror=alert(1)>")
    expect(page.get_by_role("dialog")).to_contain_text("This page has no more about this id.")
