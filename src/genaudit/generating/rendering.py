"""Rendering of prompt templates in Jinja's sandbox, with a bound on the size of the output.

This module imports nothing of the package, so that the process that renders unusual templates starts fast.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, NamedTuple

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, UndefinedError, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

# Prompts are plain text: an HTML escape would be noise for a model. One trailing newline goes, as Jinja does it.
ENVIRONMENT: Final = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
CONCEPTS_VARIABLE: Final = "concepts"
# In characters. A longer prompt could not be read back as a text of the store.
MAX_PROMPT: Final = 1 << 24

# What a plain template is made of: no calls, no arithmetic, no macros, and so no way to work long or to grow much.
_PLAIN: Final = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Getattr,
    nodes.Const,
    nodes.If,
    nodes.Not,
    nodes.And,
    nodes.Or,
    nodes.Compare,
    nodes.Operand,
)
_PLAIN_FILTERS: Final = frozenset({"trim", "upper", "lower", "capitalize", "length"})
_MOST_PLAIN_NODES: Final = 2000
_MOST_MESSAGE: Final = 500


class Concept(NamedTuple):
    """A concept of a combo, as templates see it."""

    name: str
    content: str


class Fault(StrEnum):
    """The reason why a template gives no prompt, as errors name it."""

    INVALID = "template_invalid"
    UNDEFINED = "template_undefined"
    FORBIDDEN = "template_forbidden"
    FAILED = "template_failed"
    TOO_SLOW = "template_too_slow"
    TOO_LONG = "prompt_too_long"


class RenderError(Exception):
    """A template that gives no prompt.

    :param fault: the reason.
    :param message: the error in the words of Jinja.
    :param line: the line of a syntax error.
    """

    def __init__(self, fault: Fault, message: str, line: int | None = None) -> None:
        """Keep the parts for the caller's error."""
        self.fault = fault
        self.message = message
        self.line = line
        super().__init__(fault, message, line)


@lru_cache(maxsize=256)
def compiled(text: str) -> Template:
    """Compile a template; the same text is compiled once.

    :raises TemplateSyntaxError: as Jinja does.
    """
    return ENVIRONMENT.from_string(text)


@lru_cache(maxsize=256)
def is_plain(text: str) -> bool:
    """Say whether a template is too simple to run long: text, variables, conditions, and loops over concepts.

    A template that cannot be parsed is plain: compiling it names its error.
    """
    try:
        tree = ENVIRONMENT.parse(text)
        found = [tree, *tree.find_all(nodes.Node)]
    except (TemplateSyntaxError, RecursionError, MemoryError):
        return True
    return len(found) <= _MOST_PLAIN_NODES and all(map(_is_plain_node, found))


def _is_plain_node(node: nodes.Node) -> bool:
    if isinstance(node, nodes.For):
        iterated = node.iter
        over_concepts = isinstance(iterated, nodes.Name) and iterated.name == CONCEPTS_VARIABLE
        return over_concepts and not node.recursive and node.find(nodes.For) is None
    if isinstance(node, nodes.Filter):
        return node.name in _PLAIN_FILTERS and not (node.args or node.kwargs or node.dyn_args or node.dyn_kwargs)
    return isinstance(node, _PLAIN)


def render(text: str, values: Mapping[str, Any], limit: int = MAX_PROMPT) -> str:
    """Render a template in this process.

    :param values: the variables that the template may use.
    :param limit: the most characters of output.
    :raises RenderError: the template gives no prompt.
    """
    pieces: list[str] = []
    left = limit
    try:
        for piece in compiled(text).generate(values):
            left -= len(piece)
            if left < 0:
                break
            pieces.append(piece)
    except TemplateSyntaxError as error:
        raise RenderError(Fault.INVALID, error.message or "", error.lineno) from error
    except UndefinedError as error:
        raise RenderError(Fault.UNDEFINED, error.message or "") from error
    except SecurityError as error:
        raise RenderError(Fault.FORBIDDEN, str(error)) from error
    except Exception as error:
        # A template is a small program: it can fail in any way.
        raise RenderError(Fault.FAILED, f"{type(error).__name__}: {error}"[:_MOST_MESSAGE]) from error
    if left < 0:
        raise RenderError(Fault.TOO_LONG, f"more than {limit:,} characters")
    return "".join(pieces)
