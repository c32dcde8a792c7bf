from __future__ import annotations

from genaudit.errors import DDError, Err
from genaudit.migration.simulate import Check, Simulation
from genaudit.workbench.migration_panels import both_chains, outcome, refused, temporary_copy, typed
from genaudit.workbench.migrations import Command
from helpers.migrations import migratable, plan_of

MARKUP = "<script>alert(1)</script>"


def test_text_is_no_markup():
    problems = [{"gen_id": MARKUP, "nearest": None}]
    error = DDError(Err.INVALID_CONFIG, {"reason": "unknown_ids", "path": MARKUP, "problems": problems})
    done = Simulation("", 0, 0, 0, 0, (Check("broken", 2, ("here",)),))
    for shown in (refused(error), typed([Command(MARKUP, MARKUP)]), outcome(done, MARKUP)):
        assert "<script" not in shown.text.replace("&#92;u003c", "<")
        assert "alert(1)" in shown.text


def test_problems_are_listed_and_many_are_counted():
    problems = [{"gen_id": f"d_{number}", "nearest": None} for number in range(25)]
    text = refused(DDError(Err.INVALID_CONFIG, {"reason": "unknown_ids", "problems": problems})).text
    assert "gen id: d_19" in text
    assert "d_20" not in text
    assert "And 5 more." in text
    assert "None" not in text


def test_a_check_that_does_not_hold_is_an_alarm():
    sound, broken = Check("sound", 3, ()), Check("broken", 2, ("here",))
    assert "1 of 2 checks do not hold." in outcome(Simulation("", 0, 0, 0, 0, (sound, broken)), "x").text
    assert "Every check holds." in outcome(Simulation("", 0, 0, 0, 0, (sound,)), "x").text


def test_a_trial_has_a_folder_of_its_own(tmp_path):
    plan = plan_of(migratable(tmp_path))
    assert plan.digest[:16] in temporary_copy(plan)


def test_without_a_generation_the_page_asks_for_one():
    assert "Pick a generation" in both_chains(None).text
