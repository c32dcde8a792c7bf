"""The sample's texts: drafts, essays and evaluations that speak of their concepts."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from genaudit.sample.catalogs import ESSAY_BLOCK, TEMPLATE_BY_ID
from genaudit.sample.seeds import seeded
from genaudit.sample.sentences import CLOSINGS, CRITICISM, DOUBTS, LINKS, OPENINGS, PRAISE, SETTINGS

if TYPE_CHECKING:
    from random import Random

    from genaudit.sample.combos import Combo
    from genaudit.sample.concepts import Concept
    from genaudit.sample.generation import Generation

TOP_SCORE: Final = 9.0

# An unknown template judges without a lean.
_LEAN: Final = {"fresh-link-v2": -0.6, "sound-reasoning-v1": 0.3, "clear-prose-v1": 0.9, "alder_judge": -0.5}
_PARAGRAPHS: Final = {"draft": 3, "essay": 5}


class Texts(NamedTuple):
    """The texts of a generation that was answered and parsed.

    :param prompt: ``None`` for a copy.
    :param score: an evaluation's score, ``None`` on the other stages.
    """

    prompt: str | None
    raw: str
    parsed: str
    score: float | None


@lru_cache(maxsize=256)
def texts(generation: Generation, seed: int) -> Texts:
    """Write a generation's texts; the same for the same generation and seed."""
    rng = seeded(seed, "text", generation.gen_id)
    if generation.mode == "copy" and generation.parent:
        copied = texts(generation.parent, seed).parsed
        return Texts(None, copied, copied, None)
    if generation.stage == "evaluation":
        return _evaluation(generation, seed, rng)
    parsed = _article(generation, rng)
    parser = _parser(generation.template)
    raw = f"Some thoughts before I begin.\n\n<essay>\n{parsed}</essay>\n" if parser == ESSAY_BLOCK else parsed
    return Texts(_prompt(generation, seed), raw, parsed, None)


def score(evaluation: Generation, seed: int) -> float:
    """Draw an evaluation's score in half points: an essay has a quality, and judges and templates lean."""
    judged = evaluation.parent.gen_id if evaluation.parent else ""
    quality = seeded(seed, "quality", judged).gauss(5.6, 1.4)
    noise = seeded(seed, "score", evaluation.gen_id).gauss(0, 0.7)
    lean = _LEAN.get(evaluation.template, 0.0) + _LEAN.get(evaluation.model, 0.0)
    return min(TOP_SCORE, max(0.0, round((quality + noise + lean) * 2) / 2))


def cut_off(text: str) -> str:
    """Break a text off where a model ran out of tokens."""
    return text[: len(text) * 3 // 5].rstrip()


def _parser(template: str) -> str:
    known = TEMPLATE_BY_ID.get(template)
    return known.parser if known else ""


class _Voice(NamedTuple):
    """One wording of a concept."""

    noun: str
    does: str
    lesson: str
    risk: str


class _Writer:
    """Writes about a combination, repeating a sentence only when there is no other left."""

    def __init__(self, combo: Combo, rng: Random) -> None:
        self._combo = combo
        self._rng = rng
        self._said: set[str] = set()

    def title(self) -> str:
        names = [concept.name for concept in self._combo.concepts]
        self._rng.shuffle(names)
        return f"# {', '.join(names[:-1])} and {names[-1]}"

    def paragraph(self, *stocks: tuple[str, ...]) -> str:
        """Write a sentence from each stock, about two of the concepts and one place."""
        place = self._rng.choice(SETTINGS)
        return " ".join(self._sentence(stock, place) for stock in stocks)

    def _sentence(self, stock: tuple[str, ...], place: str) -> str:
        left = [sentence for sentence in stock if sentence not in self._said]
        sentence = self._rng.choice(left or stock)
        self._said.add(sentence)
        a, b = (self._voice(concept) for concept in self._rng.sample(self._combo.concepts, 2))
        return sentence.format(a=a, b=b, place=place)

    def _voice(self, concept: Concept) -> _Voice:
        does, lesson, risk = map(self._rng.choice, (concept.does, concept.lesson, concept.risk))
        return _Voice(concept.noun, does, lesson, risk)


def _article(generation: Generation, rng: Random) -> str:
    writer = _Writer(generation.combo, rng)
    middle = _PARAGRAPHS[generation.stage] - 2
    paragraphs = [
        writer.title(),
        writer.paragraph(OPENINGS, LINKS, LINKS, LINKS),
        *(writer.paragraph(LINKS, LINKS, LINKS, DOUBTS) for _ in range(middle)),
        writer.paragraph(LINKS, DOUBTS, CLOSINGS),
    ]
    return "\n\n".join(paragraphs) + "\n"


def _evaluation(generation: Generation, seed: int, rng: Random) -> Texts:
    points = score(generation, seed)
    writer = _Writer(generation.combo, rng)
    # The better the score, the more praise and the less criticism: four sentences in all.
    praises = 1 + round(points / TOP_SCORE * 2)
    praise = writer.paragraph(*[PRAISE] * praises)
    criticism = writer.paragraph(*[CRITICISM] * (4 - praises))
    rationale = f"Strengths. {praise}\n\nWeaknesses. {criticism}\n\n"
    return Texts(_prompt(generation, seed), f"{rationale}SCORE: {points}\n", f"{rationale}{points}\n", points)


def _prompt(generation: Generation, seed: int) -> str:
    known = TEMPLATE_BY_ID.get(generation.template)
    parts = [known.task if known else "Work on the text below."]
    if generation.parent is None:
        parts += [f"- {concept.name}: {concept.noun} {concept.does[0]}." for concept in generation.combo.concepts]
    else:
        parts += ["The text:", texts(generation.parent, seed).parsed.rstrip()]
    if generation.stage == "evaluation":
        parts.append("Give your reasons. The last line is the word SCORE, a colon and a number from 0 to 9.")
    return "\n\n".join(parts) + "\n"
