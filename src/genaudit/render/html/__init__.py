"""HTML renderer: pages of an audit run that open from disk and send no network request."""

from genaudit.render.html.page import render_page, render_plan

__all__ = ["render_page", "render_plan"]
