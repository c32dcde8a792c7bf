"""The report page: one file that opens from disk, asks the network for nothing and tells a run of the audits."""

from genaudit.page.render import render_page, render_plan

__all__ = ["render_page", "render_plan"]
