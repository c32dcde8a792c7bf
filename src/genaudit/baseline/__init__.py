"""Baselines: findings that people accepted, each with a reason, in one file beside the data."""
