"""Snapshots: a store as audits saw it on one day, saved as a few compressed files."""
