"""Comparison of two snapshots: what came, went, was renamed or changed, and which findings are new."""
