"""Random small stores with faults of every kind, as plans that are then written to disk.

A plan is a mapping of paths below the data root to contents: a dict (written as JSON), bytes, ``FOLDER``, or
a special thing. Pools of names and words are small on purpose, so that references hit and signatures repeat.
"""

from __future__ import annotations

import itertools
import json
import os

from hypothesis import strategies as st

from oracle.identity import deterministic_id
from oracle.model import EXTRANEOUS, PARENT_STAGE, SIGNATURE, STAGES, Row

ABSENT = object()
FOLDER, LINK, LINK_TO_FOLDER, PIPE, HUGE = "folder", "link", "link to folder", "pipe", "huge"

LEGACY = ["0123456789abcdef", "43ftibqi56628az1", "zzzzzzzzzzzzzzzz"]
ODD = [
    "x",
    "d_1",
    "e_1",
    "v_1",
    "d_0",
    "X",
    "D_1",
    "d_1-2",
    "e_1-5",
    "old id",
    "né",
    "😀",
    ".hidden",
    "a|b",
    "n" * 129,
]
WORDS = {
    "combo_id": ["c", "k", "c|t"],
    "template_id": ["t", "u", "t|u"],
    "llm_model_id": ["m", "n", "u|m"],
}
STRANGERS = ["d_none", "e_none", "nobody0123456789"]

mostly = st.sampled_from([True] * 3 + [False])
rarely = st.sampled_from([False] * 15 + [True])
no_text = st.sampled_from([5, 0, 1.5, True, [], ["t"], {}, {"a": [1]}, [[[1]]]])
blank = st.sampled_from(["", " ", "\t\n"])
odd_replicate = st.sampled_from(
    [
        *(0, -1, 2**31 - 1, 2**31, 2**63, True, False, 1.0, 2.0, 0.0, -2.0, 1.5, 1e300, [], [1], {}),
        *("1", " 2 ", "02", "0", "-1", "1.0", "one", "", " ", "2147483648", "99999999999999999999", "²", "٢"),
    ]
)


def spelt(words):
    """Words as other hands would write them."""
    return words.flatmap(
        lambda word: st.sampled_from([word, word, word, word.upper(), f" {word}\n", f"{word.title()} "])
    )


@st.composite
def signatures(draw, stage, references):
    record = {}
    for name in SIGNATURE[stage]:
        if name == "parent_gen_id":
            record[name] = draw(st.sampled_from(references))
        elif name == "replicate":
            record[name] = draw(st.sampled_from([1, 1, 1, 2]))
        else:
            record[name] = draw(st.sampled_from(WORDS[name]))
    return record


def twins(record):
    """A record again, and the other signatures that are joined to the same text."""
    alike = [record]
    words = [name for name in record if name != "replicate"]
    for left, right in itertools.pairwise(words):
        whole = f"{record[left]}|{record[right]}"
        cuts = [place for place, character in enumerate(whole) if character == "|"]
        alike += [{**record, left: whole[:cut], right: whole[cut + 1 :]} for cut in cuts]
    return st.sampled_from(alike)


@st.composite
def names(draw, stage, record):
    """A folder's name for a record: the right one, one with a suffix, or one that does not fit."""
    right = tuple(Row(stage, "", "ok", record).normal(name) for name in SIGNATURE[stage])
    fitting = [deterministic_id(stage, right, collision) for collision in (0, 0, 0, 1, 4)]
    pool = draw(
        st.sampled_from([fitting, fitting, LEGACY, ODD, [fitting[0].upper(), fitting[0][2:], fitting[0] + "-2"]])
    )
    return draw(st.sampled_from(pool))


templates = st.sampled_from(["t", "u", "", " ", 5, None])
old_names = st.sampled_from(["draft_template", "essay_template", "evaluation_template"])
stages_or_ids = st.sampled_from([*STAGES, "poem", "d_1", " draft ", " e_1", "", None, 5, *LEGACY])
modes = st.sampled_from(["llm", "copy", " copy ", "LLM", "poem", "", None, 5])


def faults_of(stage):
    """Ways to damage a record after it got its name, each a mapping of fields to new values."""
    own = st.sampled_from([*SIGNATURE[stage], "llm_model_id"])
    return [
        st.dictionaries(own, st.just(ABSENT), min_size=1, max_size=1),
        st.dictionaries(own, st.none() | no_text | blank, min_size=1, max_size=1),
        st.dictionaries(own, st.sampled_from(["stranger", "t|m", *LEGACY]), min_size=1, max_size=1),
        st.fixed_dictionaries({"replicate": odd_replicate}),
        st.fixed_dictionaries({"replicate": odd_replicate}),
        st.fixed_dictionaries(
            {f"{stage}_template": templates, "template_id": st.sampled_from([ABSENT, None]) | templates}
        ),
        st.dictionaries(old_names, st.just("t"), min_size=1, max_size=1),
        st.fixed_dictionaries({EXTRANEOUS[stage][0]: st.sampled_from(["c", "", " ", None, 5, "a|b", "d_1"])}),
        st.dictionaries(st.sampled_from(["stage", "gen_id"]), stages_or_ids, min_size=1, max_size=1),
        st.fixed_dictionaries({"mode": modes}),
        st.fixed_dictionaries({"origin_cohort_id": st.sampled_from(["C7", "", None, 5, "a|b"])}),
        st.fixed_dictionaries({"note": no_text}),
    ]


@st.composite
def spoilt(draw, stage, record):
    changed = record | draw(st.one_of(faults_of(stage)))
    return {name: value for name, value in changed.items() if value is not ABSENT}


@st.composite
def written(draw, stage, name, record):
    """The record's file: mostly valid, else in another spelling, damaged or unreadable."""
    record = {
        **record,
        **draw(st.fixed_dictionaries({}, optional={"stage": st.just(stage), "gen_id": st.just(name)})),
    }
    if draw(st.booleans()):
        return record
    for field in SIGNATURE[stage]:
        if field != "replicate":
            record[field] = draw(spelt(st.just(record[field])))
    for _ in range(draw(st.integers(0, 3))):
        record = draw(spoilt(stage, record))
    if draw(mostly):
        return record
    return draw(unreadable(json.dumps(record)[:-1]))


def unreadable(opened):
    """Files that give no record, and one that is nested as deeply as a record may be; the object is left open."""
    return st.sampled_from(
        [
            *(None, FOLDER, LINK, PIPE, HUGE, b"", b"[]", b"null", b"\xff", b"{", b"\xef\xbb\xbf{}", opened.encode()),
            *(b'{"a": "\\ud800"}', b'{"replicate": 1, "replicate": 1}', (opened + "}").encode("utf-16")),
            (opened + ', "x": NaN}').encode(),
            (opened + ', "x": {"y": 1, "y": 1}}').encode(),
            (opened + ', "x": ' + "[" * 100 + "]" * 100 + "}").encode(),
            (opened + ', "x": ' + "[" * 99 + "]" * 99 + "}").encode(),
        ]
    )


whole = {"prompt.txt": b"x", "raw.txt": b"x", "raw_metadata.json": {}, "parsed.txt": b"x", "parsed_metadata.json": {}}
reports = st.sampled_from([{}, {"a": 1}, b"", b"[]", b'{"a": NaN}', b'{"a": 1, "a": 1}', FOLDER, LINK, PIPE])
texts = st.sampled_from([b"x", b"x", b"x", b"x", b"", FOLDER, LINK, PIPE])
artifacts = st.just({}) | st.just(whole) | st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("prompt.txt", "raw.txt", "parsed.txt"), texts),
        **dict.fromkeys(("raw_metadata.json", "parsed_metadata.json"), reports),
        **dict.fromkeys(("notes", "raw.txt.bak", ".tmp"), st.sampled_from([b"", b"x", FOLDER, LINK, LINK_TO_FOLDER])),
    },
)  # fmt: skip


@st.composite
def catalogs(draw):
    def listing(column, known):
        lines = st.lists(st.sampled_from(known), max_size=4).map(
            lambda words: "\n".join([column, *words, ""]).encode()
        )
        bad = [b"", b"\xff", b"id2\nx\n", f"{column}\n\n".encode(), FOLDER, LINK, PIPE]
        good = "\ufeff" + f"note,{column},active\n1,{' , '.join(known[:1])},False\n2\n3, {known[1].upper()} ,True\n"
        return st.one_of(
            st.none(),
            st.just("\n".join([column, *known, ""]).encode()),
            lines,
            st.just(good.encode()),
            st.sampled_from(bad),
        )

    plan = {f"1_raw/{stage}_templates.csv": draw(listing("template_id", WORDS["template_id"])) for stage in STAGES}
    plan["1_raw/llm_models.csv"] = draw(listing("id", WORDS["llm_model_id"]))
    plan["combo_mappings.csv"] = draw(listing("combo_id", WORDS["combo_id"]))
    return plan


@st.composite
def generations(draw):
    plan, taken = {}, []
    for stage in STAGES:
        above = [name for where, name in taken if where == PARENT_STAGE.get(stage)]
        others = [name for where, name in taken if where != PARENT_STAGE.get(stage)]
        records = []
        for _ in range(draw(st.integers(0, 4 if stage != "evaluation" else 5))):
            # Every stage uses legacy names: through them a record can name a later generation, or itself.
            references = (
                draw(st.sampled_from([above, above, above, above, above, LEGACY, others, STRANGERS])) or LEGACY
            )
            record = draw(signatures(stage, references))
            if records and not draw(mostly):
                record = draw(twins(draw(st.sampled_from(records))))
            records.append(record)
            name = draw(names(stage, record))
            if (stage, name) in taken:
                name = draw(st.sampled_from([*LEGACY, name.upper()]))
            if (stage, name) in taken:
                continue
            taken.append((stage, name))
            folder = f"gens/{stage}/{name}"
            plan[folder] = FOLDER
            if draw(rarely):
                continue
            plan[f"{folder}/metadata.json"] = draw(written(stage, name, record))
            plan |= {f"{folder}/{file}": content for file, content in draw(artifacts).items()}
    return plan


@st.composite
def stores(draw):
    """A whole store: generations, catalogs and stray files."""
    plan = {f"gens/{stage}": FOLDER for stage in STAGES} | draw(generations())
    for stage in STAGES:
        if sum(path.startswith(f"gens/{stage}") for path in plan) == 1:
            plan[f"gens/{stage}"] = draw(st.sampled_from([FOLDER, None, b"x", LINK_TO_FOLDER]))
        elif draw(rarely):
            plan[f"gens/{stage}/{draw(st.sampled_from(['stray', 'd_stray', '.tmp']))}"] = draw(
                st.sampled_from([b"x", LINK, LINK_TO_FOLDER, PIPE])
            )
    if not draw(mostly):
        plan[f"gens/{draw(st.sampled_from(['poem', 'Draft', 'notes.txt']))}"] = draw(
            st.sampled_from([FOLDER, b"x", LINK, LINK_TO_FOLDER])
        )
    return plan | draw(catalogs())


def write(root, plan):
    """Write a plan below a folder; links lead to a readable record outside of the store."""
    outside = root / "outside"
    outside.mkdir()
    (outside / "metadata.json").write_text(json.dumps({"template_id": "t", "combo_id": "c", "llm_model_id": "m"}))
    (root / "store" / "gens").mkdir(parents=True)
    for path, content in plan.items():
        target = root / "store" / path
        if content is None:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if content == FOLDER:
            target.mkdir(exist_ok=True)
        elif content in (LINK, LINK_TO_FOLDER):
            target.symlink_to(outside if content == LINK_TO_FOLDER else outside / "metadata.json")
        elif content == PIPE:
            os.mkfifo(target)
        elif content == HUGE:
            target.touch()
            os.truncate(target, 2**20 + 1)
        else:
            target.write_bytes(json.dumps(content).encode() if isinstance(content, dict) else content)
    return root / "store"
