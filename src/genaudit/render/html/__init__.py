"""HTML renderer: pages that open from disk, ask the network for nothing and show a run of the audits."""

from genaudit.render.html.page import render_page, render_plan

__all__ = ["render_page", "render_plan"]
