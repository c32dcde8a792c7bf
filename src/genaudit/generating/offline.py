"""A generator that needs no network: the same prompt and model always give the same answer."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from genaudit.generating.generator import Answer
from genaudit.generating.parsers import Parser
from genaudit.scores import HIGHEST

if TYPE_CHECKING:
    from collections.abc import Mapping

    from genaudit.generating.generator import Request

_SUBJECTS: Final = ("The first idea", "A slower reading", "The odd case", "What was left out", "The weaker thread")
_VERBS: Final = ("leans on", "undoes", "explains", "borrows from", "outlives")
_OBJECTS: Final = ("the second one", "its own example", "the question above", "a habit of the field", "the rest")
_SENTENCES: Final = 6
_HALF_POINTS: Final = int(HIGHEST * 2) + 1
# What English text comes to with the tokenizers of the day, and a model's usual speed in tokens a second.
_CHARACTERS_A_TOKEN: Final = 4
_SPEED: Final = 50
_FORMS: Final[Mapping[str, str]] = {
    Parser.ESSAY_BLOCK_LENIENT: "<thinking>Some notes first.</thinking>\n\n<essay>\n{text}\n</essay>\n",
    Parser.ESSAY_BLOCK: "Some notes first.\n\n<essay>\n{text}\n</essay>\n",
    Parser.ESSAY_IDEA_LAST: 'Some notes first.\n\n<essay-idea stage="1">\n{text}\n</essay-idea>\n',
    Parser.IN_LAST_LINE: "{text}\n\nSCORE: {score}\n",
}


class OfflineGenerator:
    """Makes an answer of the form that the template's parser wants out of a hash of prompt and model."""

    name = "offline"

    def generate(self, request: Request) -> Answer:
        """Answer one prompt; never fails."""
        digest = blake2b(f"{request.model_id}\0{request.prompt}".encode(errors="replace")).digest()
        drawn = [digest[place : place + 3] for place in range(0, 3 * _SENTENCES, 3)]
        # A line for each sentence: a parsed draft needs a few lines.
        text = "\n".join(f"{_of(_SUBJECTS, a)} {_of(_VERBS, b)} {_of(_OBJECTS, c)}." for a, b, c in drawn)
        score = int.from_bytes(digest[-4:], "big") % _HALF_POINTS / 2
        written = _FORMS.get(request.parser, "{text}\n").format(text=text, score=score)
        asked, answered = (-(-len(part) // _CHARACTERS_A_TOKEN) for part in (request.prompt, written))
        usage = {"prompt_tokens": asked, "completion_tokens": answered, "total_tokens": asked + answered}
        return Answer(written, "stop", round(answered / _SPEED, 2), usage)


def _of(words: tuple[str, ...], byte: int) -> str:
    return words[byte % len(words)]
