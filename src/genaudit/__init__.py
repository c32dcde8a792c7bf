"""Audits of a store of LLM generations: its contents, its errors, and the validity of its ids."""

__version__ = "0.1.0"
