"""Checks of JSON values by their shape: each lists the problems of a value, and none converts it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple, TypeAlias

_NO_OBJECT: Final = "is no object"
_SCALARS: Final = (str, int, float)
_SHA256: Final = re.compile("[0-9a-f]{64}")


class ShapeProblem(NamedTuple):
    """A value that has not the shape that it should have.

    :param facts: ``problem``, and the ``value`` unless it is missing; an object or a list is named by its type.
    :param place: keys and indices that lead to it.
    """

    facts: dict[str, Any]
    place: tuple[str | int, ...] = ()

    @property
    def field(self) -> str:
        """The path of the value, such as ``renames.3.old``."""
        return ".".join(map(str, self.place))


Check: TypeAlias = Callable[[Any], Iterable[ShapeProblem]]


def must(holds: Callable[[Any], bool], problem: str) -> Check:
    """Check a value by a condition, which has to take values of any type."""
    return lambda value: () if holds(value) else (_problem(value, problem),)


def _problem(value: Any, problem: str) -> ShapeProblem:  # noqa: ANN401 (any value)
    plain = "null" if value is None else value if isinstance(value, _SCALARS) else type(value).__name__
    return ShapeProblem({"value": plain, "problem": problem})


text = must(lambda value: type(value) is str, "is no text")
sha256 = must(lambda value: type(value) is str and _SHA256.fullmatch(value) is not None, "is no SHA-256")


_unknown: Final = must(lambda _: False, "is no key of this object")


def whole(lowest: int, highest: int) -> Check:
    """Check that a value is a whole number in a range; neither ``true`` nor ``1.0`` is one."""
    return must(
        lambda value: type(value) is int and lowest <= value <= highest,
        f"is no whole number from {lowest} to {highest}",
    )


def one_of(known: Iterable[str]) -> Check:
    """Check that a value is one of some texts."""
    known = [*known]
    return must(lambda value: type(value) is str and value in known, f"is none of {', '.join(known)}")


def or_null(check: Check) -> Check:
    """Allow null."""
    return lambda value: () if value is None else check(value)


def list_of(check: Check) -> Check:
    """Check every value of a list."""
    return _whole_and_parts(
        list, "is no list", lambda value: ((place, check(one)) for place, one in enumerate(value))
    )


def mapping_of(check: Check, keys: Check = text) -> Check:
    """Check every key and every value of an object."""
    return _whole_and_parts(
        dict, _NO_OBJECT, lambda value: ((key, (*keys(key), *check(one))) for key, one in value.items())
    )


def entry(**fields: Check) -> Check:
    """Check that a value is an object with exactly these keys, and each value by its own check."""

    def parts(value: dict[str, Any]) -> Iterator[tuple[str, Iterable[ShapeProblem]]]:
        for key in {**fields, **value}:
            if key not in value:
                yield key, (ShapeProblem({"problem": "is missing"}),)
            else:
                yield key, fields.get(key, _unknown)(value[key])

    return _whole_and_parts(dict, _NO_OBJECT, parts)


def _whole_and_parts(
    kind: type, problem: str, parts: Callable[[Any], Iterable[tuple[Any, Iterable[ShapeProblem]]]]
) -> Check:
    """Check the type of a value, then each part of it."""

    def problems(value: Any) -> Iterator[ShapeProblem]:  # noqa: ANN401 (any value)
        if type(value) is not kind:
            yield _problem(value, problem)
            return
        for place, of_part in parts(value):
            for found in of_part:
                yield ShapeProblem(found.facts, (place, *found.place))

    return problems
