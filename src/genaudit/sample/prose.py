"""Texts of the sample: drafts, essays and evaluations about their concepts."""

from __future__ import annotations

from functools import lru_cache
from random import Random
from typing import Final, NamedTuple

from genaudit.generating.parsers import Parser, parse, parser_named
from genaudit.sample.combos import Combo
from genaudit.sample.generation import SampleGeneration
from genaudit.sample.seeds import seeded
from genaudit.sample.stock import SENTENCES, TEMPLATE_BY_ID, SampleConcept
from genaudit.sample.templates import prompt

TOP_SCORE: Final = 9.0

# An unknown template judges without a bias.
_LEAN: Final = {"fresh-link-v2": -0.6, "sound-reasoning-v1": 0.3, "clear-prose-v1": 0.9, "alder_judge": -0.5}
_PARAGRAPHS: Final = {"draft": 3, "essay": 5}
_USUAL_PARAGRAPHS: Final = 3


class Texts(NamedTuple):
    """The texts of a generation that was answered and parsed.

    :param score: an evaluation's score, ``None`` on the other stages.
    """

    prompt: str
    raw: str
    parsed: str
    score: float | None


@lru_cache(maxsize=256)
def texts(generation: SampleGeneration, seed: int) -> Texts:
    """Write a generation's texts, the same for the same generation and seed."""
    rng = seeded(seed, "text", generation.gen_id)
    if generation.mode == "copy" and generation.parent:
        copied = texts(generation.parent, seed).parsed
        return Texts(copied, copied, copied, None)
    if generation.stage == "evaluation":
        return _evaluation(generation, seed, rng)
    article = _article(generation, rng)
    parser = parser_of(generation)
    is_block = parser is Parser.ESSAY_BLOCK
    raw = f"Some thoughts before I begin.\n\n<essay>\n{article}</essay>\n" if is_block else article
    return Texts(_prompt(generation, seed), raw, parse(parser, raw), None)


def score(evaluation: SampleGeneration, seed: int) -> float:
    """Draw an evaluation's score in half points, from the essay's quality and the bias of judge and template."""
    judged = evaluation.parent.gen_id if evaluation.parent else ""
    quality = seeded(seed, "quality", judged).gauss(5.6, 1.4)
    noise = seeded(seed, "score", evaluation.gen_id).gauss(0, 0.7)
    lean = _LEAN.get(evaluation.template, 0.0) + _LEAN.get(evaluation.model, 0.0)
    return min(TOP_SCORE, max(0.0, round((quality + noise + lean) * 2) / 2))


def cut_off(text: str) -> str:
    """Cut a text off as if the model ran out of tokens."""
    return text[: len(text) * 3 // 5].rstrip()


def parser_of(generation: SampleGeneration) -> Parser:
    """Return the parser of a generation's template."""
    known = TEMPLATE_BY_ID.get(generation.template)
    return parser_named(known.parser if known else "", generation.stage)


class _Voice(NamedTuple):
    """One wording of a concept."""

    noun: str
    does: str
    lesson: str
    risk: str


class _Writer:
    """Writer about a combination, which repeats a sentence only if no other is left."""

    def __init__(self, combo: Combo, rng: Random) -> None:
        self._combo = combo
        self._rng = rng
        self._said: set[str] = set()

    def title(self) -> str:
        names = [concept.name for concept in self._combo.concepts]
        self._rng.shuffle(names)
        return f"# {', '.join(names[:-1])} and {names[-1]}"

    def paragraph(self, *kinds: str) -> str:
        """Write a sentence of each kind, about two of the concepts and one place."""
        place = self._rng.choice(SENTENCES["settings"])
        return " ".join(self._sentence(SENTENCES[kind], place) for kind in kinds)

    def _sentence(self, stock: tuple[str, ...], place: str) -> str:
        left = [sentence for sentence in stock if sentence not in self._said]
        sentence = self._rng.choice(left or stock)
        self._said.add(sentence)
        a, b = (self._voice(concept) for concept in self._rng.sample(self._combo.concepts, 2))
        return sentence.format(a=a, b=b, place=place)

    def _voice(self, concept: SampleConcept) -> _Voice:
        does, lesson, risk = map(self._rng.choice, (concept.does, concept.lesson, concept.risk))
        return _Voice(concept.noun, does, lesson, risk)


def _article(generation: SampleGeneration, rng: Random) -> str:
    writer = _Writer(generation.combo, rng)
    middle = _PARAGRAPHS.get(generation.stage, _USUAL_PARAGRAPHS) - 2
    paragraphs = [
        writer.title(),
        writer.paragraph("openings", "links", "links", "links"),
        *(writer.paragraph("links", "links", "links", "doubts") for _ in range(middle)),
        writer.paragraph("links", "doubts", "closings"),
    ]
    return "\n\n".join(paragraphs) + "\n"


def _evaluation(generation: SampleGeneration, seed: int, rng: Random) -> Texts:
    points = score(generation, seed)
    writer = _Writer(generation.combo, rng)
    # The better the score, the more praise and the less criticism: four sentences in all.
    praises = 1 + round(points / TOP_SCORE * 2)
    praise = writer.paragraph(*["praise"] * praises)
    criticism = writer.paragraph(*["criticism"] * (4 - praises))
    rationale = f"Strengths. {praise}\n\nWeaknesses. {criticism}\n\n"
    return Texts(_prompt(generation, seed), f"{rationale}SCORE: {points}\n", f"{points}\n", points)


def _prompt(generation: SampleGeneration, seed: int) -> str:
    above = texts(generation.parent, seed).parsed if generation.parent else None
    return prompt(generation.stage, generation.template, generation.combo, above)
