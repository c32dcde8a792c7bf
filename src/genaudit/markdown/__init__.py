"""Results in Markdown, for docs/reports/: the same facts as on the page, in a form that a review can comment on."""

from genaudit.markdown.audits import render, verdict
from genaudit.markdown.rebuild import render_rebuild

__all__ = ["render", "render_rebuild", "verdict"]
