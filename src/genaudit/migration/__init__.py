"""Changing a store's ids: planned, tried on a copy, applied with a journal, undone to the last byte, looked up."""
