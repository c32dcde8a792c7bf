"""What the pipeline does with a generation, case by case."""

import pytest

from genaudit.decisions import decide


@pytest.mark.parametrize(
    ("mode", "parsed", "raw", "plain", "forced"),
    [
        ("llm", True, True, "reuse", "call"),
        ("llm", True, False, "reuse", "call"),
        ("llm", False, True, "parse", "call"),
        ("llm", False, False, "call", "call"),
        (None, False, False, "call", "call"),
        ("copy", True, True, "reuse", "copy"),
        ("copy", True, False, "reuse", "copy"),
        ("copy", False, True, "parse", "copy"),
        ("copy", False, False, "copy", "copy"),
    ],
)
def test_the_whole_table(mode, parsed, raw, plain, forced):
    assert decide(mode, parsed=parsed, raw=raw) == plain
    assert decide(mode, parsed=parsed, raw=raw, force=True) == forced
