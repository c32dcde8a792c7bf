"""Access to the files below a URL through fsspec: one listing, and reads of many keys at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from genaudit.errors import DDError, Err, Reason
from genaudit.store.addresses import shown

# Keys of one bulk read: enough to keep every connection busy.
BULK: Final = 1000
_SECOND: Final = 1_000_000_000
EXTRA: Final = "scale"
# By scheme: s3fs asks for the size of every file before it reads it, unless it reads large files in one piece.
_OPTIONS: Final[Mapping[str, Mapping[str, Any]]] = {
    "s3": {"max_concurrency": 1},
    "s3a": {"max_concurrency": 1},
}


class Stored(NamedTuple):
    """The listing's facts about a file.

    :param kind: ``file``, ``symbolic link`` or ``special file``.
    :param mtime_ns: time of the last change in nanoseconds since 1970; 0 if unknown.
    :param etag: the object's entity tag, or another value that changes with its content; blank if unknown.
    """

    kind: str
    size: int
    mtime_ns: int = 0
    etag: str = ""


@dataclass(frozen=True, repr=False)
class Bucket:
    """The files below a URL.

    :param url: with whatever the file system needs; never shown as it is.
    """

    url: str

    def __repr__(self) -> str:
        """Return the URL without secrets."""
        return f"Bucket({shown(self.url)!r})"

    def listing(self) -> Iterator[tuple[str, Stored]]:
        """List every file, by one flat listing.

        :returns: paths relative to the URL, as they are stored, with the facts about them; in no order.
        :raises DDError: as :meth:`read`; ``DATA_MISSING``, reason ``no_such_root``.
        """
        files, top = self._opened()
        try:
            found: dict[str, dict[str, Any]] = files.find(top, detail=True)
        except Exception as error:  # noqa: BLE001 (libraries of file systems raise whatever they like)
            raise self._failure(error) from None
        base = top.rstrip("/") + "/" if top else ""
        for key in [*found]:
            facts = found.pop(key)
            if key.startswith(base) and facts.get("type") != "directory":
                yield key[len(base) :], _stored(facts)

    def read(self, keys: Sequence[str]) -> Mapping[str, bytes]:
        """Read many files; those that are gone are missing from the result.

        :param keys: paths relative to the URL.
        :raises DDError: ``IO_ERROR``, reason ``access_denied``, or ``store_unreachable`` with the class of the
            library's error, whose text might contain secrets; ``INVALID_CONFIG``, reason ``scheme_unknown`` or
            ``extra_missing``.
        """
        files, top = self._opened()
        base = top.rstrip("/") + "/" if top else ""
        contents: dict[str, bytes] = {}
        try:
            # Reads by range take a path as it is; `cat` would expand an asterisk in it.
            found = files.cat_ranges([base + key for key in keys], None, None, on_error="return")
        except Exception as error:  # noqa: BLE001
            raise self._failure(error) from None
        for key, data in zip(keys, found, strict=True):
            if not isinstance(data, BaseException):
                contents[key] = bytes(data)
            elif not isinstance(data, FileNotFoundError):
                raise self._failure(data, key)
        return contents

    def _opened(self) -> tuple[Any, str]:
        try:
            from fsspec.core import url_to_fs  # noqa: PLC0415 (an extra)
        except ImportError:
            ctx = {"reason": Reason.EXTRA_MISSING, "extra": EXTRA, "install": f"pip install 'genaudit[{EXTRA}]'"}
            raise DDError(Err.INVALID_CONFIG, ctx) from None
        try:
            options = _OPTIONS.get(self.url.partition("://")[0], {})
            files, top = url_to_fs(self.url, use_listings_cache=False, **options)
        except ImportError as error:
            # The text names the package of the scheme, and comes from a table of the library.
            ctx = {"reason": Reason.EXTRA_MISSING, "path": shown(self.url), "error": str(error)}
            raise DDError(Err.INVALID_CONFIG, ctx) from None
        except ValueError:
            ctx = {"reason": Reason.SCHEME_UNKNOWN, "path": shown(self.url), "expected": "a URL that fsspec knows"}
            raise DDError(Err.INVALID_CONFIG, ctx) from None
        except Exception as error:  # noqa: BLE001
            raise self._failure(error) from None
        return files, top

    def _failure(self, error: BaseException, key: str | None = None) -> DDError:
        where = {"path": shown(self.url), **({"key": key} if key else {})}
        if isinstance(error, FileNotFoundError):
            return DDError(Err.DATA_MISSING, {"reason": Reason.NO_SUCH_ROOT, **where})
        if isinstance(error, PermissionError) or "Credentials" in type(error).__name__:
            ctx = {"reason": Reason.ACCESS_DENIED, **where, "error": type(error).__name__}
            return DDError(Err.IO_ERROR, ctx)
        return DDError(Err.IO_ERROR, {"reason": Reason.STORE_UNREACHABLE, **where, "error": type(error).__name__})


@dataclass(frozen=True, repr=False)
class RememberingBucket(Bucket):
    """A bucket some of whose files were read before.

    :param contents: contents by path, which are not read again.
    """

    contents: Mapping[str, bytes] = field(default_factory=dict)

    def read(self, keys: Sequence[str]) -> Mapping[str, bytes]:
        """Read many files, but for those that are remembered."""
        others = [key for key in keys if key not in self.contents]
        remembered = {key: self.contents[key] for key in keys if key in self.contents}
        return {**remembered, **super().read(others)} if others else remembered


def _stored(facts: Mapping[str, Any]) -> Stored:
    kind = "file" if facts.get("type") == "file" else "special file"
    if facts.get("islink"):
        kind = "symbolic link"
    when = facts.get("LastModified", facts.get("mtime", facts.get("created", 0)))
    if isinstance(when, datetime):
        # A timestamp in seconds is a float, too coarse for nanoseconds: microseconds are exact.
        whole = int(when.replace(microsecond=0).timestamp())
        mtime = whole * _SECOND + when.microsecond * 1000
    else:
        mtime = int(when * _SECOND) if isinstance(when, int | float) else 0
    etag = facts.get("ETag") or facts.get("etag") or facts.get("ino") or ""
    return Stored(kind, int(facts.get("size") or 0), mtime, str(etag).strip('"'))
