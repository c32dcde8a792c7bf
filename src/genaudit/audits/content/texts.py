"""Problems of a stored text: bytes that are no text, or a placeholder for another file."""

from __future__ import annotations

from typing import Final, NamedTuple

# Placeholders that other programs write for files kept elsewhere, by their first bytes.
_POINTERS: Final = (
    (b"version https://git-lfs.github.com/spec/", "a git-lfs pointer"),
    (b"version https://hawser.github.com/spec/", "a git-lfs pointer"),
    (b"/annex/objects/", "a git-annex pointer"),
    (b"bplist00", "a placeholder of a cloud drive"),
    (b"XSym\n", "a symbolic link of a Windows share"),
    (b"IntxLNK\x01", "a symbolic link of an NFS share"),
)
_ANNEX: Final = b".git/annex/objects/"
_MOST_POINTER: Final = 1024
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


class TextProblem(NamedTuple):
    """A problem of a text.

    :param code: the finding code.
    """

    code: str
    detail: str


def text_problem(data: bytes) -> TextProblem | None:
    r"""Find the problem of a text file's bytes; an empty file is the inventory's finding.

    >>> text_problem(b" \n").code, text_problem(b"An essay.\n")
    ('TEXT_BLANK', None)
    """
    if len(data) <= _MOST_POINTER:
        kind = next((kind for head, kind in _POINTERS if data.startswith(head)), None)
        if kind is None and data.startswith((b"../", b".git")) and _ANNEX in data:
            kind = "a git-annex link"
        if kind:
            return TextProblem("TEXT_POINTER", f"{kind}, {len(data):,} bytes")
    if data.startswith(_UTF16):
        return TextProblem("TEXT_NOT_UTF8", "UTF-16, by its byte-order mark")
    if (nul := data.find(b"\0")) >= 0:
        return TextProblem("TEXT_HAS_NUL", f"{data.count(0):,} NUL bytes, the first at offset {nul:,}")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        return TextProblem("TEXT_NOT_UTF8", f"byte 0x{data[error.start]:02x} at offset {error.start:,}")
    if data and not text.strip():
        return TextProblem("TEXT_BLANK", f"{len(data):,} bytes of white space")
    return None
