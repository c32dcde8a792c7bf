"""Renderers of the page model: HTML, Markdown and the terminal. Nothing else writes markup."""
