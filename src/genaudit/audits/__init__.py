"""Audits: functions from a snapshot to a result with a frame, a summary and findings."""
