"""A part of the campaign: its cases and its failures."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Part:
    """A part of the campaign.

    :param failures: the failures, each with enough to repeat it.
    """

    name: str
    cases: int = 0
    failures: list[str] = field(default_factory=list)

    def case(self, label: str, check: Callable[[], object]) -> None:
        """Count a case, which fails if its check raises anything or returns ``False``."""
        self.cases += 1
        try:
            holds = check()
        except Exception as error:  # noqa: BLE001 (whatever it is, it is a failure)
            self.failures.append(f"{label}: {type(error).__name__}: {error}")
        else:
            if holds is False:
                self.failures.append(f"{label}: another result")


def mutated(data: bytes, chosen: random.Random) -> bytes:
    """Change a few bytes: replaced, cut, doubled, dropped, or replaced by a value of another type."""
    mutable = bytearray(data)
    for _ in range(chosen.randrange(1, 4)):
        at = chosen.randrange(len(mutable) + 1)
        match chosen.randrange(5):
            case 0:
                mutable[at : at + 1] = bytes([chosen.randrange(256)])
            case 1:
                del mutable[at:]
            case 2:
                mutable[at:at] = mutable[: chosen.randrange(1, 40)]
            case 3:
                mutable[at : at + 3] = chosen.choice((b"1e999", b"null", b"[]", b'{"a":1}', b"\\ud800", b"\xff\xfe"))
            case _:
                del mutable[at : at + chosen.randrange(1, 9)]
    return bytes(mutable)
