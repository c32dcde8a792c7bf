import pytest

from genaudit.store.tokens import MAX_RUN, IdIndex, could_be_a_word, looks_like_an_id

LONG = "d_5ezrffv9uf3lr37d"
SHORTER = "d_5ezrffv9uf3lr3"
LEGACY = "43ftibqi56628az1"


def index(*names):
    return IdIndex(dict.fromkeys(names, ("draft",)))


def found(text, *names):
    return [(hit.start, hit.known and hit.known.gen_id, hit.is_part) for hit in index(*names).find(text.encode())]


@pytest.mark.parametrize(
    "text",
    [
        f"see {LONG}.",
        f"({LONG})",
        f'["{LONG}"]',
        f"a,{LONG},b",
        f"gens/draft/{LONG}/parsed.txt",
        f"https://example.org/?id={LONG}#x",
        f"{LONG}...",
        f"_{LONG}_",
        f"{LONG} - {LONG}"[: 3 + len(LONG)],
        f"*{LONG}*\r\n",
        f"é{LONG}…",
    ],
)
def test_an_id_is_found_between_other_characters_and_before_punctuation(text):
    assert found(text, LONG, SHORTER) == [(text.encode().index(LONG.encode()), LONG, False)]


@pytest.mark.parametrize("text", [f"{LONG}x", f"x{LONG}", f"x_{LONG}", f"{LONG}_x", LONG.upper()])
def test_an_id_is_not_found_inside_a_longer_word(text):
    assert [hit for hit in found(text, LONG, SHORTER, "d_5") if hit[1]] == []


def test_a_prefix_of_an_id_is_found_only_as_a_word_of_its_own():
    assert found(f"{SHORTER} {LONG}", LONG, SHORTER) == [(0, SHORTER, False), (17, LONG, False)]


def test_a_collision_suffix_makes_another_id():
    assert found(f"{LONG}-1 {LONG}", LONG, f"{LONG}-1") == [(0, f"{LONG}-1", False), (21, LONG, False)]
    assert found(f"{LONG}-2", LONG, f"{LONG}-1") == [(0, None, False)]
    # No generation has more than four collisions: -5 and -10 are something else that was appended.
    assert found(f"{LONG}-5", LONG) == [(0, LONG, True)]


def test_a_hash_is_found_as_a_part_and_a_word_is_not():
    assert found(f"{LONG}.txt a-{LEGACY}", LONG, LEGACY) == [(0, LONG, True), (25, LEGACY, True)]
    assert found("draft.txt the-draft v_1.txt draft_x", "draft", "v_1") == []
    assert found("the draft. v_1", "draft", "v_1") == [(4, "draft", False), (11, "v_1", False)]


def test_the_longest_id_is_taken_where_marks_belong_to_one():
    assert found("a. a.b a", "a", "a.", "a.b") == [(0, "a.", False), (3, "a.b", False), (7, "a", False)]
    assert found("_x __x_", "x", "_x") == [(0, "_x", False), (4, "_x", False)]
    assert found("___", "_") == []
    assert found("_", "_") == [(0, "_", False)]


def test_unknown_ids_with_the_form_of_a_hash_are_found():
    assert found(f"see {LONG}, d_model, v_1 and {LEGACY}") == [(4, None, False)]


def test_behind_a_stages_folder_every_form_of_an_id_is_due():
    text = f"gens/draft/{LEGACY}/x gens/essay/e_1 gens/draft/README gens/other/{LEGACY} xgens/draft/{LEGACY}x"
    assert found(text) == [(11, None, False), (41, None, False)]
    hits = [*index("e_1").find(b"gens/essay/e_1, gens/essay/x/e_1")]
    assert [hit.folder_of for hit in hits] == ["essay", None]


@pytest.mark.parametrize(
    ("gen_id", "word"),
    [
        (LONG, False),
        (LEGACY, False),
        ("e_1234567890abc", False),
        ("e_1234567890ab", True),
        ("d_model", True),
        ("characterization", True),
        ("draft", True),
        (f"{LONG}-1", False),
    ],
)
def test_a_hash_is_distinguished_from_a_word(gen_id, word):
    assert could_be_a_word(gen_id) is word


def test_forms_of_ids():
    assert all(map(looks_like_an_id, [b"d_1", b"e_z-4", LEGACY.encode()]))
    assert not any(
        map(looks_like_an_id, [b"", b"d_0", b"x_1", b"d_1-5", LEGACY[1:].encode(), "dé_1".encode(), b"\xff"])
    )


def test_the_quick_look_is_never_wrong_about_nothing():
    ids = index(LONG, "_x", "a-b")
    assert not ids.may_find(b"nothing of the kind, d_model and " + LEGACY.encode())
    for text in (LONG, f"_{LONG}_", f"x.{LONG}.y", "__x", "a-b", f"gens/draft/{LEGACY}", "e_sq5klak2lljyyom"):
        assert ids.may_find(text.encode())


def test_an_id_is_looked_up_as_records_are_compared():
    ids = index(LONG)
    assert ids.meant(f" {LONG.upper()}\n".encode()).gen_id == LONG
    assert ids.meant(b"D_1") is None


def test_a_cell_without_an_id_is_remembered_as_such():
    ids = index(LONG)
    assert [ids.find_in_cell(text) for text in (b"plain-v1", b"plain-v1", b"")] == [(), (), ()]
    assert [hit.start for hit in ids.find_in_cell(f" {LONG}".encode())] == [1]


def test_a_run_longer_than_any_name_is_cut_and_later_ids_are_found():
    assert found(f"{'x' * (3 * MAX_RUN + 5)} {LONG}", LONG) == [(3 * MAX_RUN + 6, LONG, False)]


def test_an_id_as_long_as_a_name_can_be_is_found_between_marks():
    longest = "x" * 128
    assert found(f"__{longest}..", longest) == [(2, longest, False)]
    assert found(f"__{longest}x..", longest, f"{longest}x") == []
