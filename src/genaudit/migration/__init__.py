"""Migrations of a store's ids: planned, simulated on a copy, applied with a journal, and undone byte for byte."""
