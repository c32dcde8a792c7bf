"""What answers prompts: the protocol that every generator follows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

# What a model says that ran out of tokens.
TRUNCATED: Final = "length"


@dataclass(frozen=True, slots=True)
class Request:
    """What a generator is asked.

    :param model_id: the model by its id in the catalog.
    :param model: the same by the name that its provider knows.
    :param parser: what the answer will be parsed with, by its name in the catalog of templates.
    """

    prompt: str
    model_id: str
    model: str
    parser: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a generator answered.

    :param finish_reason: ``stop``, or :data:`TRUNCATED`, or whatever else the provider says.
    :param duration_s: seconds.
    :param usage: numbers of tokens: ``prompt_tokens``, ``completion_tokens``, ``total_tokens``.
    :param served_model: the name that the provider gives the model that answered.
    """

    text: str
    finish_reason: str | None
    duration_s: float
    usage: Mapping[str, int] = field(default_factory=dict)
    served_model: str | None = None


class Generator(Protocol):
    """Answers prompts.

    :param name: how ``raw_metadata.json`` calls it.
    """

    name: str

    def generate(self, request: Request) -> Answer:
        """Answer one prompt.

        :raises DDError: there is no answer; nothing in the error may tell a secret.
        """
