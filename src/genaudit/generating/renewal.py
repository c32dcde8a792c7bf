"""An answer that is made anew: it waits beside the old one until it is whole, and then takes its place.

The old answer, its prompt and its parsed text stay as they are until the new answer is on disk under a name of its
own. Whoever is stopped after that has lost nothing: the next one who works on the generation carries on.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from genaudit.layout import PARSED, PARSED_METADATA, PROMPT, RAW, RAW_METADATA

if TYPE_CHECKING:
    from collections.abc import Mapping

    from genaudit.generating.folder import GenerationFolder

# Under which names they wait, in the order in which they take their places: with the answer, all is done.
WAITING: Final[Mapping[str, str]] = MappingProxyType({name: f".{name}.new" for name in (PROMPT, RAW_METADATA, RAW)})


def write_prompt(folder: GenerationFolder, text: str) -> str:
    """Write the prompt of the answer that is asked for next.

    :returns: the name of the file: beside an answer, one that waits.
    :raises DDError: as :meth:`~genaudit.generating.folder.GenerationFolder.write`.
    """
    name = WAITING[PROMPT] if _is_answered(folder) else PROMPT
    folder.write(name, text)
    return name


def read_prompt(folder: GenerationFolder) -> str:
    """Read the prompt of the answer that is asked for next.

    :raises FileNotFoundError: there is none.
    :raises DDError: as :meth:`~genaudit.generating.folder.GenerationFolder.text`.
    """
    waits = _is_answered(folder) and folder.has(WAITING[PROMPT])
    return folder.text(WAITING[PROMPT] if waits else PROMPT)


def write_answer(folder: GenerationFolder, text: str, report: Mapping[str, Any]) -> None:
    """Write an answer, with the report on it, in place of the old one, if there is one.

    :raises DDError: as :meth:`~genaudit.generating.folder.GenerationFolder.write` and :func:`settle`.
    """
    names = WAITING if _is_answered(folder) else {RAW: RAW, RAW_METADATA: RAW_METADATA}
    folder.write(names[RAW_METADATA], report)
    folder.write(names[RAW], text)
    settle(folder)


def settle(folder: GenerationFolder) -> None:
    """Let a new answer that waits take its place; the parsed text of the old one goes first.

    :raises DDError: ``INVALID_CONFIG``, reason ``unsafe_path``; ``IO_ERROR``, reason ``not_writable``.
    """
    if folder.has(WAITING[RAW]):
        folder.remove((PARSED, PARSED_METADATA, RAW))
        for name, waiting in WAITING.items():
            if folder.has(waiting):
                folder.rename(waiting, name)


def _is_answered(folder: GenerationFolder) -> bool:
    return folder.has(RAW) or folder.has(PARSED)
