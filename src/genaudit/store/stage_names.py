"""Names of the generations' folders, and findings about the names in a store."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

from genaudit.humanize import counted
from genaudit.layout import GENS, are_safe_names, is_safe_name
from genaudit.legible import difference_of_twins, twins
from genaudit.stage_file import StoreSettings
from genaudit.store.folders import kind_of
from genaudit.store.leftovers import leftover_kind
from genaudit.store.scan import Stray, shown
from genaudit.store.source import Source


def unusable_keys(source: Source) -> list[Stray]:
    """List the keys of a source that are no paths."""
    return [Stray("STRAY_FILE", None, None, shown(key), f"no path: {problem}") for key, problem in source.unusable]


def stage_names(
    source: Source, gens: int, strays: list[Stray], settings: StoreSettings, left_out: Counter[str]
) -> dict[str, list[str]]:
    """List the entries of each stage's folder, sorted; other entries become strays."""
    entries = set(os.listdir(gens))
    stages = settings.stages
    for name in sorted(entries.difference(stages)):
        if settings.ignores(name):
            left_out[shown(name)] += 1
            continue
        kind = kind_of(name, gens)
        if kind != "symbolic link" and (leftover := leftover_kind(name)):
            strays.append(Stray("SYSTEM_LEFTOVER", None, None, f"{GENS}/{shown(name)}", leftover))
            continue
        code = {"folder": "STAGE_UNKNOWN", "symbolic link": "SYMLINK"}.get(kind, "STRAY_FILE")
        strays.append(Stray(code, None, None, f"{GENS}/{shown(name)}", f"a {kind}"))
    names: dict[str, list[str]] = {}
    for stage in stages:
        path = f"{GENS}/{stage}"
        if stage not in entries:
            strays.append(Stray("STAGE_FOLDER_MISSING", stage, None, path, "no such folder"))
            continue
        try:
            names[stage] = sorted(source.names(stage, gens))
        except NotADirectoryError:
            kind = kind_of(stage, gens)
            code = "SYMLINK" if kind == "symbolic link" else "STRAY_FILE"
            strays.append(Stray(code, stage, None, path, f"a {kind}"))
        except OSError as error:
            detail = os.strerror(error.errno or 0)
            strays.append(Stray("FOLDER_UNREADABLE", stage, None, path, detail))
    return names


def bad_names(stages: list[str], names: list[str]) -> Iterator[Stray]:
    """Find the folder names that cannot be ids, and those that differ only in case."""
    joined = "/".join(names)
    if are_safe_names(names) and joined == joined.lower():
        return
    lowered = Counter(zip(stages, map(str.lower, names), strict=True))
    clashing = {key for key, count in lowered.items() if count > 1}
    alike = {
        stage: twins(name for own, name in zip(stages, names, strict=True) if own == stage)
        for stage in {own for own, name in zip(stages, names, strict=True) if not name.isascii()}
    }
    for stage, name in zip(stages, names, strict=True):
        path = f"{GENS}/{stage}/{shown(name)}"
        if not is_safe_name(name):
            twin = alike.get(stage, {}).get(name)
            length = counted(len(name), "character")
            detail = f"{length}; {difference_of_twins(name, twin)}" if twin else length
            yield Stray("NAME_NOT_AN_ID", stage, shown(name), path, detail)
        if (stage, name.lower()) in clashing:
            yield Stray("NAME_CASE_CLASH", stage, shown(name), path, f"clashes as {shown(name.lower())!r}")
