"""GitHub workflow commands of a run of audits: annotations, and all findings in folded groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from genaudit.audits.acceptance import findings_frame
from genaudit.audits.run import AuditRun
from genaudit.codes import CODES, SEVERITIES, Code, Severity
from genaudit.formats.messages import message
from genaudit.humanize import counted
from genaudit.schemas import rows

_COMMANDS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render_github(run: AuditRun) -> bytes:
    """Render a run as workflow commands.

    GitHub shows ten annotations of a level for a step, so that each code has one, with the number of its findings
    and the first of them; a folded group below lists them all. Accepted findings are listed, never annotated.
    """
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows(findings_frame(run)):
        found[row.code].append(row)
    codes = sorted((CODES[name] for name in found), key=lambda code: (SEVERITIES.index(code.severity), code.name))
    lines = [line for code in codes for line in _code(code, found[code.name], Path(run.snapshot.name))]
    lines += [
        _command("error", {"title": f"{name} could not run"}, result.not_run.sentence)
        for name, result in run.results.items()
        if result.not_run
    ]
    lines += _baseline(run)
    return "".join(f"{line}\n" for line in lines).encode()


def _code(code: Code, found: Sequence[Any], root: Path) -> Iterator[str]:
    active = [row for row in found if getattr(row, "accepted", "no") != "yes"]
    if active:
        first = active[0]
        more = f" And {len(active) - 1:,} more." if len(active) > 1 else ""
        properties = {"title": f"{code.name} ({counted(len(active), 'finding')})"}
        if first.path and not root.is_absolute():
            # Annotations are placed by paths relative to the repository, where the step runs.
            properties["file"] = (root / first.path).as_posix()
        yield _command(_COMMANDS[code.severity], properties, f"{message(first)}.{more} {code.fix}")
    yield f"::group::{_data(code.name)}: {len(active)} active, {len(found) - len(active)} accepted"
    for row in found:
        accepted = getattr(row, "accepted", "no") == "yes"
        yield _plain(f"accepted: {message(row)}; reason: {row.reason}" if accepted else message(row))
    yield "::endgroup::"


def _baseline(run: AuditRun) -> Iterator[str]:
    if run.baseline is None:
        return
    if expired := sum(run.baseline.expired):
        text = f"The acceptance of {counted(expired, 'finding')} has ended."
        yield _command("error", {"title": "Expired baseline entries"}, text)
    for entry in run.baseline.unmatched:
        where = entry.subject.gen_id or entry.subject.path or ""
        text = f"{entry.subject.code} {where}. To remove: genaudit baseline prune"
        yield _command("warning", {"title": "Baseline entry without a finding"}, text)


def _command(name: str, properties: dict[str, str], text: str) -> str:
    given = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {given}::{_data(text)}"


def _data(text: str) -> str:
    # Older runners read a command from the middle of a line if it begins with these characters.
    return text.replace("##[", "# #[").replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _plain(text: str) -> str:
    """Write a line that is no command, whatever it begins with."""
    return f"  {_data(text)}"
