"""Audit a store of LLM generations: what is there, what is broken, and which ids hold."""

__version__ = "0.1.0"
