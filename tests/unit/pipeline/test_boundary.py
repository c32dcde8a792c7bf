"""Errors of the package as failures of Dagster."""

from pathlib import Path

import dagster as dg
import pytest

from genaudit.errors import DDError, Err
from genaudit.pipeline.boundary import as_json, failures


def test_an_error_becomes_a_failure_that_knows_all_of_it():
    ctx = {"reason": "no_such_root", "path": Path("x"), "problems": [{"line": 1}]}
    with pytest.raises(dg.Failure) as caught, failures():
        raise DDError(Err.DATA_MISSING, ctx)
    metadata = {name: value.value for name, value in caught.value.metadata.items()}
    context = {"reason": "no_such_root", "path": "x", "problems": [{"line": 1}]}
    assert metadata == {"code": "data_missing", "reason": "no_such_root", "context": context}
    assert caught.value.allow_retries is False
    assert caught.value.__suppress_context__


def test_other_errors_pass():
    with pytest.raises(KeyError), failures():
        raise KeyError("x")


def test_metadata_is_plain():
    assert as_json({"a": (1, Path("b")), 2: None}).value == {"a": [1, "b"], "2": None}
