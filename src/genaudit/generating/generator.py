"""Protocol of generators, which answer prompts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

# The finish reason of an answer cut off by the token limit.
TRUNCATED: Final = "length"


@dataclass(frozen=True, slots=True)
class Request:
    """A request to a generator.

    :param model_id: the model's id in the catalog.
    :param model: the model's name at its provider.
    :param parser: the parser of the answer, by its name in the template catalog.
    """

    prompt: str
    model_id: str
    model: str
    parser: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a generator.

    :param finish_reason: ``stop``, or :data:`TRUNCATED`, or another reason of the provider.
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
    """Generator of answers.

    :param name: its name in ``raw_metadata.json``.
    """

    name: str

    def generate(self, request: Request) -> Answer:
        """Answer one prompt.

        :raises DDError: there is no answer; the error must not contain a secret.
        """
