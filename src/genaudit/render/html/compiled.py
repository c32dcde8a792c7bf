"""Cache of compiled templates, kept as Python keeps compiled modules."""

from __future__ import annotations

import pickle
import sys
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from genaudit.errors import DDError
from genaudit.store.write import write_atomic


class CompiledTemplates(BytecodeCache):
    """Compiled templates in ``__pycache__`` beside their sources, unless Python is told to write none.

    Jinja compares the digest of a source before it uses the code that was made from it.

    :param templates: the folder of the templates.
    """

    def __init__(self, templates: Path) -> None:
        self._templates = templates

    def get_cache_key(self, name: str, filename: str | None = None) -> str:  # noqa: ARG002 (Jinja's signature)
        """Return the path of a template's code."""
        return cache_from_source(self._templates / f"{name}.py")

    def load_bytecode(self, bucket: Bucket) -> None:
        """Load the code of a template, if there is any that can be read."""
        with suppress(OSError, EOFError, pickle.UnpicklingError), Path(bucket.key).open("rb") as file:
            bucket.load_bytecode(file)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of a template, if the folder can be written."""
        if not sys.dont_write_bytecode:
            with suppress(DDError):
                write_atomic(Path(bucket.key), bucket.bytecode_to_string())
