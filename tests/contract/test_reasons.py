"""Reasons of errors are members of one enum, in the source as a whole."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import genaudit
from genaudit.errors import Reason

SOURCE = Path(genaudit.__file__).parent


@pytest.fixture(scope="module")
def modules() -> dict[str, ast.Module]:
    """The parsed source by path."""
    return {path.relative_to(SOURCE).as_posix(): ast.parse(path.read_text("utf-8")) for path in SOURCE.rglob("*.py")}


def strings(tree: ast.AST) -> set[str]:
    return {str(node.value) for node in ast.walk(tree) if isinstance(node, ast.Constant)}


def is_text(node: ast.AST) -> bool:
    if isinstance(node, ast.IfExp):
        return is_text(node.body) or is_text(node.orelse)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def makes_errors(node: ast.AST) -> bool:
    return any(isinstance(each, ast.Call) and "DDError" in ast.unparse(each.func) for each in ast.walk(node))


def is_reason_of_context(node: ast.AST) -> bool:
    """Whether an expression looks the reason up, by a subscript or a get."""
    looks_up = isinstance(node, ast.Subscript) or (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    )
    return looks_up and strings(node) == {"reason"} and "ctx" in ast.unparse(node)


def string_reasons(tree: ast.AST) -> list[int]:
    """Return the lines that give an error a text for a reason, or choose by the text of one."""
    found = set()
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and makes_errors(node)]
    for node in (inner for function in functions for inner in ast.walk(function)):
        if isinstance(node, ast.Dict):
            keyed = zip(node.keys, node.values, strict=True)
            found |= {key.lineno for key, value in keyed if key and strings(key) == {"reason"} and is_text(value)}
        elif isinstance(node, ast.Assign) and is_text(node.value):
            found |= {node.lineno for target in node.targets if ast.unparse(target) == "reason"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and any(map(is_reason_of_context, [node.left, *node.comparators])):
            found.add(node.lineno)
    return sorted(found)


def raised(tree: ast.AST) -> set[str]:
    """Return the members that a module hands on: not those that it compares with, or looks up by."""
    left_out = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            left_out |= {id(inner) for inner in ast.walk(node)}
        elif isinstance(node, ast.Dict):
            left_out |= {id(key) for key in node.keys}
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "Reason"
        and id(node) not in left_out
    }


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ('raise DDError(Err.IO_ERROR, {"reason": "no_store"})', [1]),
        ('raise DDError(Err.IO_ERROR, {"reason": f"no_{name}"})', [1]),
        ('reason = "a" if b else Reason.A; return DDError(Err.IO_ERROR, {"reason": reason})', [1]),
        ('return error.ctx["reason"] == "no_store"', [1]),
        ('return error.ctx.get("reason") in WORDS', [1]),
        ('raise DDError(Err.IO_ERROR, {"reason": Reason.NO_STORE, "path": "x"})', []),
        ('return {"reason": "str"}', []),
    ],
)
def test_search_finds_reasons_that_are_text(body, lines):
    assert string_reasons(ast.parse(f"def function(): {body}")) == lines


def test_no_reason_is_text(modules):
    found = [f"{name}:{line}" for name, tree in modules.items() for line in string_reasons(tree)]
    assert found == []


def test_a_member_that_is_only_compared_with_counts_as_not_raised():
    tree = ast.parse(
        'ok = error.reason is Reason.A\nADVICE = {Reason.B: ""}\nraise_it(Reason.C)\nctx = {"r": Reason.D}'
    )
    assert raised(tree) == {"C", "D"}


def test_every_member_is_raised(modules):
    used = set().union(*(raised(tree) for tree in modules.values()))
    assert sorted(used ^ {member.name for member in Reason}) == []
