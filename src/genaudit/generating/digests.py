"""Digests of a prompt's inputs, which the steps record in ``raw_metadata.json``."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

import orjson

from genaudit.generating.inputs import Concept

# The field of the report, and its keys: SHA-256 of the prompt that was sent, of the template's file, and of the
# concepts with their names.
DIGESTS: Final = "digests"
PROMPT: Final = "prompt"
TEMPLATE: Final = "template"
CONCEPTS: Final = "concepts"


def digest_of_text(text: str) -> str:
    """Take the SHA-256 of a text in UTF-8."""
    return sha256(text.encode(errors="replace")).hexdigest()


def digest_of_concepts(concepts: Sequence[Concept]) -> str:
    """Take the SHA-256 of concepts, written as a JSON list of names and contents."""
    return sha256(orjson.dumps([[one.name, one.content] for one in concepts])).hexdigest()
