"""The colours, held against how contrast is measured (WCAG 2) and how colours look to others (Machado 2009)."""

from __future__ import annotations

from itertools import combinations

import altair as alt
import numpy as np
import pytest

from genaudit.charts import style
from genaudit.codes import SEVERITIES
from genaudit.schemas import IdClass, ParentStatus, RenameCause
from helpers.charts import layers

SCALES = {
    "classes": style.CLASS_COLOURS,
    "severities": style.SEVERITY_COLOURS,
    "causes": style.CAUSE_COLOURS,
    # Unknown and unnamed share the grey, and shape or label distinguishes them; blue marks ids that hold.
    "states": {"holds": style.BLUE, **{key: one for key, one in style.STATUS_COLOURS.items() if key != "unknown"}},
}
# Severe colour blindness of each kind, applied to linear RGB.
SEEN_BY = {
    "all": np.eye(3),
    "protanopes": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopes": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopes": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def linear(colour):
    values = np.array([int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def luminance(colour):
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def lab(rgb):
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ np.clip(
        rgb, 0, 1
    )
    scaled = xyz / [0.9505, 1.0, 1.089]
    roots = np.where(scaled > 216 / 24389, np.cbrt(scaled), (24389 / 27 * scaled + 16) / 116)
    return np.array([116 * roots[1] - 16, 500 * (roots[0] - roots[1]), 200 * (roots[1] - roots[2])])


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("paper", ["#fbfaf7", "#14171b"])
def test_colours_show_on_both_papers(scale, paper):
    faint = {str(name): contrast(colour, paper) for name, colour in SCALES[scale].items()}
    assert {name: ratio for name, ratio in faint.items() if ratio < 3} == {}


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("people", SEEN_BY)
def test_colours_differ_for_colour_blind_readers(scale, people):
    seen = {str(name): lab(SEEN_BY[people] @ linear(colour)) for name, colour in SCALES[scale].items()}
    # A difference of about 2 can just be seen side by side.
    alike = [pair for pair in combinations(seen, 2) if np.linalg.norm(seen[pair[0]] - seen[pair[1]]) < 12]
    assert alike == []


def test_every_member_has_a_colour():
    assert [*style.CLASS_COLOURS] == [*IdClass]
    assert [*style.SEVERITY_COLOURS] == [*SEVERITIES]
    assert {*style.CAUSE_COLOURS} == {*RenameCause} - {RenameCause.NONE}
    assert {*style.STATUS_COLOURS} == {*ParentStatus} - {ParentStatus.OK, ParentStatus.ROOT}


@pytest.mark.parametrize(("largest", "ticks"), [(0, 1), (1, 1), (2, 2), (3, 3), (4, 4), (99, 4), (49.0, 4)])
def test_no_tick_between_whole_numbers(largest, ticks):
    assert style.few_ticks(largest) == ticks


def test_a_title_and_a_description():
    one = style.of_values([{"a": 1}]).mark_bar().encode(x="a:Q")
    chart = style.titled([one, one], "what to see", "what to know", 50)
    assert isinstance(chart, alt.LayerChart)
    assert chart.to_dict()["title"] == "what to see"
    assert chart.to_dict()["description"] == "what to know"
    assert layers(chart) == [[{"a": 1}], [{"a": 1}]]
