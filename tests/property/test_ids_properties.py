from __future__ import annotations

import hashlib
import string

from hypothesis import assume, given
from hypothesis import strategies as st

from genaudit import ids
from genaudit.ids import IdForm

PARTS = {"draft": 3, "essay": 2, "evaluation": 3}
PREFIX = {"draft": "d_", "essay": "e_", "evaluation": "v_"}

stages = st.sampled_from(sorted(PARTS))
texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30).filter(lambda text: text.strip())
replicates = st.integers(1, 2**31 - 1) | st.integers(1, 9)
blanks = st.text(" \t\n\r\x0b\x0c\u00a0\u2003", max_size=3)


@st.composite
def signatures(draw):
    stage = draw(stages)
    return stage, (*(draw(texts) for _ in range(PARTS[stage])), draw(replicates))


def slow_id(stage, parts, collision):
    """The formula once more, from the digest's bits, with no arithmetic shared with the package."""
    *words, replicate = parts
    pieces = [word.strip().lower() for word in words]
    pieces.append(repr(replicate))
    if collision:
        pieces.append("collision:" + str(collision))
    hasher = hashlib.blake2b(digest_size=10)
    hasher.update("|".join(pieces).encode("utf-8"))
    number = 0
    for byte in hasher.digest():
        for bit in (128, 64, 32, 16, 8, 4, 2, 1):
            number = number * 2 + bool(byte & bit)
    written = []
    while number:
        written.insert(0, (string.digits + string.ascii_lowercase)[number % 36])
        number = number // 36
    return PREFIX[stage] + "".join(written) + (f"-{collision}" if collision else "")


@given(signatures(), st.integers(0, 4))
def test_agrees_with_a_slow_one(signature, collision):
    stage, parts = signature
    assert ids.deterministic_id(stage, parts, collision) == slow_id(stage, parts, collision)


@given(signatures(), st.integers(0, 4))
def test_is_always_recognised(signature, collision):
    stage, parts = signature
    gen_id = ids.deterministic_id(stage, parts, collision)
    parsed = ids.parse_id(stage, gen_id)
    assert parsed.form is IdForm.DETERMINISTIC
    assert parsed.collision == collision
    assert ids.base36(int(parsed.digits, 36)) == parsed.digits
    assert all(ids.parse_id(other, gen_id).form is not IdForm.DETERMINISTIC for other in PARTS if other != stage)


@given(signatures(), st.data())
def test_case_and_blanks_around_do_not_matter(signature, data):
    stage, parts = signature
    assume(all(word.upper().lower() == word.lower() for word in parts[:-1]))
    spelt = [data.draw(blanks) + word.upper() + data.draw(blanks) for word in parts[:-1]]
    replicate = data.draw(st.sampled_from([parts[-1], str(parts[-1]), f" {parts[-1]}\n", float(parts[-1])]))
    assert ids.deterministic_id(stage, (*spelt, replicate)) == ids.deterministic_id(stage, parts)


@given(signatures())
def test_normal_form_is_a_fixed_point(signature):
    stage, parts = signature
    words = [ids.normal_text(word) for word in parts[:-1]]
    assert [ids.normal_text(word) for word in words] == words
    assert ids.deterministic_id(stage, (*words, parts[-1])) == ids.deterministic_id(stage, parts)


@given(signatures())
def test_every_collision_index_gives_another_id(signature):
    stage, parts = signature
    found = [ids.deterministic_id(stage, parts, collision) for collision in range(5)]
    assert len(set(found)) == 5
    assert len({ids.parse_id(stage, gen_id).digits for gen_id in found}) == 5


@given(signatures(), signatures())
def test_different_signatures_give_different_ids(one, other):
    def hashed(signature):
        return signature[0], "|".join(str(part).strip().lower() for part in signature[1])

    assume(hashed(one) != hashed(other))
    assert ids.deterministic_id(*one) != ids.deterministic_id(*other)


@given(st.integers(0, 2**200))
def test_base36_round_trip(number):
    text = ids.base36(number)
    assert int(text, 36) == number
    assert text == "0" or not text.startswith("0")


@given(st.text(max_size=40), stages)
def test_parse_id_takes_any_text(text, stage):
    parsed = ids.parse_id(stage, text)
    if parsed.form is IdForm.DETERMINISTIC:
        assert text == PREFIX[stage] + parsed.digits + (f"-{parsed.collision}" if parsed.collision else "")
    elif parsed.form is IdForm.LEGACY:
        assert text == parsed.digits
    else:
        assert (parsed.digits, parsed.collision) == ("", 0)


@given(texts, st.none() | texts, st.none() | texts, stages)
def test_legacy_ids_look_like_legacy_ids(task, run, salt, stage):
    gen_id = ids.legacy_id(stage, task, run, salt)
    assert len(gen_id) == 16
    assert ids.parse_id(stage, gen_id).form is IdForm.LEGACY
    text = stage + "|" + task + "|" + (run + "|" if run else "") + (salt + "|" if salt else "")
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:12], "big")
    assert int(gen_id, 36) == number // 36 ** max(0, len(ids.base36(number)) - 16)


@given(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.text(string.digits + " ", max_size=12)
    | st.lists(st.integers(), max_size=1)
)
def test_a_replicate_is_a_whole_number_in_range_or_nothing(value):
    found = ids.normal_replicate(value)
    assert found is None or (type(found) is int and 1 <= found < 2**31 and float(value) == found)
    if type(value) is int:
        assert (found == value) is (1 <= value < 2**31)
