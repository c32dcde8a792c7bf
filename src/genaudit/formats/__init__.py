"""Formats of CI systems: a run of audits as SARIF, JUnit XML, or GitHub workflow commands."""
