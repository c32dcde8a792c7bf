"""Cache of compiled templates, kept as Python keeps compiled modules."""

from __future__ import annotations

import pickle
import sys
from contextlib import suppress
from importlib.metadata import version
from importlib.util import cache_from_source
from pathlib import Path
from typing import Final

from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket

from genaudit.errors import DDError
from genaudit.store.write import write_atomic

# Settings of the environment that change the code of a template.
_SETTINGS: Final = ("autoescape", "trim_blocks", "lstrip_blocks")


class CompiledTemplates(BytecodeCache):
    """Compiled templates in ``__pycache__`` beside their sources, unless Python is told to write none.

    Code is used only if the digest of its source, of Jinja's version and of the environment's settings is the same.

    :param templates: the folder of the templates.
    """

    def __init__(self, templates: Path) -> None:
        self._templates = templates

    def get_cache_key(self, name: str, filename: str | None = None) -> str:  # noqa: ARG002 (Jinja's signature)
        """Return the path of a template's code."""
        return cache_from_source(self._templates / f"{name}.py")

    def get_bucket(self, environment: Environment, name: str, filename: str | None, source: str) -> Bucket:
        """Return the stored code of a template; empty if it was made from another source or with other settings."""
        settings = [getattr(environment, setting) for setting in _SETTINGS]
        # The last argument is only digested.
        return super().get_bucket(environment, name, filename, f"{version('jinja2')} {settings}\n{source}")

    def load_bytecode(self, bucket: Bucket) -> None:
        """Load the code of a template, if there is any that can be read."""
        with suppress(OSError, EOFError, pickle.UnpicklingError), Path(bucket.key).open("rb") as file:
            bucket.load_bytecode(file)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of a template, if the folder can be written."""
        if not sys.dont_write_bytecode:
            with suppress(DDError):
                write_atomic(Path(bucket.key), bucket.bytecode_to_string())
