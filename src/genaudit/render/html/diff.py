"""Page of the differences between two snapshots."""

from __future__ import annotations

from functools import partial
from typing import Final

from genaudit.diff.comparison import Diff
from genaudit.diff.sections import diff_sections, diff_summary
from genaudit.render.html.bundles import BUNDLES
from genaudit.render.html.looks import no_looks
from genaudit.render.html.page import dated
from genaudit.render.html.templating import fill

TITLE: Final = "Differences between two snapshots"


def render_diff(diff: Diff, *, date: str) -> bytes:
    """Render the page of a diff: HTML in UTF-8, the same bytes for the same diff.

    :param date: the date in the names of the reports.
    """
    before, after = diff.before, diff.after
    context = {
        "title": TITLE,
        "date": date,
        "file_of": partial(dated, date=date),
        "root": f"{before.name or before.data_root}, {before.date} → {after.name or after.data_root}, {after.date}",
        "facts": diff_summary(diff),
        "sections": diff_sections(diff),
        "remedies": {},
        "looks": no_looks(),
        "pages": (),
    }
    return fill("diff.html.j2", context, bundles=[*BUNDLES], beside=False)
