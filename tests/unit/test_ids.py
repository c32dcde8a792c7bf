from __future__ import annotations

import hashlib
import re

import pytest

from genaudit import ids
from genaudit.errors import DDError, Err
from genaudit.ids import IdForm, ParsedId

DRAFT = ("combo_v1_85128e4e5ef3", "creative-synthesis-v10", "gemini_25_pro", 1)
ESSAY = ("d_5ezrffv9uf3lr37d", "creative-synthesis-v10", 1)

PUBLISHED = [
    ("draft", DRAFT, "d_5ezrffv9uf3lr37d"),
    ("essay", ESSAY, "e_sq5klak2lljyyom"),
    ("draft", ("combo_v1_13c725cf02fa", "creative-synthesis-v7", "deepseek_r1_p", 1), "d_1z2eobtuv71xs5az"),
    ("essay", ("d_1z2eobtuv71xs5az", "parsed-from-links-v1", 1), "e_4nqjjtqtnpxlljlz"),
]


def digits_of(number: int) -> str:
    """Base 36 by the schoolbook, one digit at a time."""
    written = ""
    while True:
        written = "0123456789abcdefghijklmnopqrstuvwxyz"[number % 36] + written
        number //= 36
        if number == 0:
            return written


def by_hand(prefix: str, text: str, suffix: str = "") -> str:
    digest = hashlib.blake2b(text.encode("utf-8"), digest_size=10).hexdigest()
    return prefix + digits_of(int(digest, 16)) + suffix


def legacy_by_hand(text: str) -> str:
    number = int(hashlib.sha256(text.encode("utf-8")).hexdigest()[:24], 16)
    return digits_of(number).zfill(16)[:16]


@pytest.mark.parametrize(("stage", "parts", "expected"), PUBLISHED)
def test_published_ids_come_out_exactly(stage, parts, expected):
    assert ids.deterministic_id(stage, parts) == expected


@pytest.mark.parametrize(("stage", "gen_id"), [(stage, gen_id) for stage, _, gen_id in PUBLISHED])
def test_published_ids_are_recognised(stage, gen_id):
    assert ids.parse_id(stage, gen_id) == ParsedId(IdForm.DETERMINISTIC, gen_id[2:], 0)


def test_evaluation_id_is_the_hash_of_its_four_parts():
    parts = ("e_sq5klak2lljyyom", "novelty-v2", "sonnet-4", 3)
    assert ids.deterministic_id("evaluation", parts) == by_hand("v_", "e_sq5klak2lljyyom|novelty-v2|sonnet-4|3")


@pytest.mark.parametrize("collision", [1, 2, 3, 4])
def test_collision_goes_into_the_hash_and_onto_the_name(collision):
    expected = by_hand("e_", f"d_5ezrffv9uf3lr37d|creative-synthesis-v10|1|collision:{collision}", f"-{collision}")
    assert ids.deterministic_id("essay", ESSAY, collision) == expected
    assert ids.parse_id("essay", expected).collision == collision


@pytest.mark.parametrize("collision", [-1, 5, 100])
def test_collision_out_of_range(collision):
    with pytest.raises(DDError) as caught:
        ids.deterministic_id("essay", ESSAY, collision)
    assert caught.value.code is Err.PARSER_FAILURE
    assert caught.value.ctx == {"reason": "collision_out_of_range", "collision": collision}


@pytest.mark.parametrize("replicate", [1, "1", " 1 ", 1.0, "01"])
def test_case_blanks_and_spellings_of_the_replicate_do_not_matter(replicate):
    parts = (" Combo_V1_85128E4E5EF3\t", "\nCREATIVE-synthesis-v10", "Gemini_25_Pro ", replicate)
    assert ids.deterministic_id("draft", parts) == "d_5ezrffv9uf3lr37d"


def test_inner_blanks_do_matter():
    parts = ("a b", "t", 1)
    assert ids.deterministic_id("essay", parts) == by_hand("e_", "a b|t|1")


@pytest.mark.parametrize("text", [None, "", "  ", "\t\n", 7, True, b"bytes", ["x"], {"x": 1}, 1.5])
@pytest.mark.parametrize(("position", "field"), list(enumerate(["combo_id", "template_id", "llm_model_id"])))
def test_a_text_part_that_is_none_blank_or_no_text_is_named(position, field, text):
    parts = [*DRAFT[:position], text, *DRAFT[position + 1 :]]
    with pytest.raises(DDError) as caught:
        ids.deterministic_id("draft", parts)
    assert caught.value.code is Err.DATA_MISSING
    assert caught.value.ctx == {"reason": "signature_incomplete", "stage": "draft", "fields": [field]}


BAD_REPLICATES = [
    *(True, False, 0, -1, 2**31, 10**30),
    *(0.0, 0.5, 1.5, -1.0, float("nan"), float("inf"), float("-inf"), 2.0**31, 1e300),
    *("", " ", "one", "1.0", "+1", "-1", "0", "1e3", "0x1", "1_000", "٣", "²", "１", "1 2"),  # noqa: RUF001
    *("2147483648", "9" * 5000, "0" * 5000 + "1" * 11),
    *([], [1], {}, b"1"),
]


@pytest.mark.parametrize("replicate", [None, *BAD_REPLICATES])
def test_a_malformed_replicate_is_named(replicate):
    with pytest.raises(DDError) as caught:
        ids.deterministic_id("essay", (*ESSAY[:2], replicate))
    assert caught.value.code is Err.DATA_MISSING
    assert caught.value.ctx["reason"] == "signature_incomplete"
    assert caught.value.ctx["fields"] == ["replicate"]


@pytest.mark.parametrize("replicate", BAD_REPLICATES)
def test_normal_replicate_refuses(replicate):
    assert ids.normal_replicate(replicate) is None


@pytest.mark.parametrize(
    ("replicate", "number"),
    [
        *((1, 1), (7, 7), (2**31 - 1, 2**31 - 1)),
        *((2.0, 2), (2147483647.0, 2**31 - 1)),
        *(("2", 2), (" 2\n", 2), ("007", 7), ("2147483647", 2**31 - 1), ("0" * 5000 + "2", 2)),
    ],
)
def test_normal_replicate_understands(replicate, number):
    found = ids.normal_replicate(replicate)
    assert (type(found), found) == (int, number)


@pytest.mark.parametrize(
    ("stage", "parts"),
    [
        ("draft", ()),
        ("draft", DRAFT[:3]),
        ("draft", (*DRAFT, 1)),
        ("essay", DRAFT),
        ("evaluation", ESSAY),
    ],
)
def test_wrong_number_of_parts(stage, parts):
    with pytest.raises(DDError) as caught:
        ids.deterministic_id(stage, parts)
    assert caught.value.code is Err.DATA_MISSING
    assert caught.value.ctx["reason"] == "signature_incomplete"
    assert caught.value.ctx["parts"] == list(parts)


class TestSignature:
    def test_reads_a_record(self):
        record = {"combo_id": " C ", "template_id": "T", "llm_model_id": "M", "replicate": "2", "parent_gen_id": "x"}
        assert ids.signature("draft", record) == ("c", "t", "m", 2)

    @pytest.mark.parametrize("record", [{}, {"replicate": None}])
    def test_replicate_alone_has_a_default(self, record):
        assert ids.signature("essay", {"parent_gen_id": "d_1", "template_id": "t", **record}) == ("d_1", "t", 1)

    def test_names_every_broken_field_at_once(self):
        with pytest.raises(DDError) as caught:
            ids.signature("evaluation", {"parent_gen_id": "", "llm_model_id": 3, "replicate": True})
        assert caught.value.ctx["fields"] == ["parent_gen_id", "template_id", "llm_model_id", "replicate"]
        assert caught.value.ctx["stage"] == "evaluation"

    def test_old_names_are_the_readers_business(self):
        with pytest.raises(DDError) as caught:
            ids.signature("essay", {"parent_gen_id": "d_1", "essay_template": "t"})
        assert caught.value.ctx["fields"] == ["template_id"]


class TestBase36:
    @pytest.mark.parametrize(
        ("number", "text"),
        [
            *((0, "0"), (9, "9"), (10, "a"), (35, "z"), (36, "10"), (1295, "zz"), (1296, "100")),
            *((36**3 - 1, "zzz"), (36**3, "1000"), (36**4, "10000"), (36**5 + 1, "100001")),
            (2**80 - 1, digits_of(2**80 - 1)),
        ],
    )
    def test_both_ways(self, number, text):
        assert ids.base36(number) == text
        assert int(text, 36) == number

    @pytest.mark.parametrize("number", [-1, -36])
    def test_no_negative_numbers(self, number):
        with pytest.raises(DDError) as caught:
            ids.base36(number)
        assert caught.value.code is Err.PARSER_FAILURE
        assert caught.value.ctx == {"reason": "negative_number", "value": number}


class TestLegacy:
    # The salts and task ids are those of the pipeline; each text is written out in full on purpose.
    @pytest.mark.parametrize(
        ("arguments", "hashed"),
        [
            (("draft", "combo_1__t-v1__m1"), "draft|combo_1__t-v1__m1|"),
            (("draft", "combo_1__t-v1__m1", "cohort-7"), "draft|combo_1__t-v1__m1|cohort-7|"),
            (("draft", "combo_1__t-v1__m1", "cohort-7", "rep2"), "draft|combo_1__t-v1__m1|cohort-7|rep2|"),
            (("draft", "combo_1__t-v1__m1", None, "rep2"), "draft|combo_1__t-v1__m1|rep2|"),
            (("essay", "c__d__m__e", "c7", "rep2-1"), "essay|c__d__m__e|c7|rep2-1|"),
            (("evaluation", "0123456789abcdef__v__m", "c7"), "evaluation|0123456789abcdef__v__m|c7|"),
        ],
    )
    def test_is_the_hash_of_stage_task_run_and_salt(self, arguments, hashed):
        assert ids.legacy_id(*arguments) == legacy_by_hand(hashed)

    def test_keeps_case_and_blanks(self):
        assert ids.legacy_id("draft", " T ") == legacy_by_hand("draft| T |")
        assert ids.legacy_id("draft", " T ") != ids.legacy_id("draft", "t")

    def test_short_numbers_are_padded(self):
        # One 96-bit number in ten thousand has fewer than 17 digits; find one by its own hash.
        task = next(f"t{n}" for n in range(2_000_000) if int(_legacy_hex(f"draft|t{n}|"), 16) < 36**16)
        assert len(digits_of(int(_legacy_hex(f"draft|{task}|"), 16))) <= 16
        assert ids.legacy_id("draft", task) == legacy_by_hand(f"draft|{task}|")

    @pytest.mark.parametrize(
        ("arguments", "salt"),
        [
            (("draft", 1), None),
            (("draft", 2), "rep2"),
            (("draft", 1, 3), None),
            (("evaluation", 1), None),
            (("evaluation", 12), "rep12"),
            (("essay", 1), None),
            (("essay", 1, 1), None),
            (("essay", 2), "rep1-2"),
            (("essay", 1, 3), "rep3-1"),
            (("essay", 2, 3), "rep3-2"),
        ],
    )
    def test_salt(self, arguments, salt):
        assert ids.legacy_salt(*arguments) == salt

    def test_task_id(self):
        assert ids.legacy_task_id("combo", "draft-t", "model", "essay-t") == "combo__draft-t__model__essay-t"


def _legacy_hex(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:24]


class TestParseId:
    @pytest.mark.parametrize(
        ("stage", "gen_id", "digits", "collision"),
        [
            ("draft", "d_1", "1", 0),
            ("draft", "d_z", "z", 0),
            ("draft", "d_1234567890abcdef", "1234567890abcdef", 0),
            ("draft", "d_1-1", "1", 1),
            ("essay", "e_abc-4", "abc", 4),
            ("evaluation", "v_10", "10", 0),
        ],
    )
    def test_deterministic(self, stage, gen_id, digits, collision):
        assert ids.parse_id(stage, gen_id) == ParsedId(IdForm.DETERMINISTIC, digits, collision)

    @pytest.mark.parametrize("gen_id", ["43ftibqi56628az1", "0000000000000000", "zzzzzzzzzzzzzzzz"])
    @pytest.mark.parametrize("stage", ["draft", "essay", "evaluation"])
    def test_legacy(self, stage, gen_id):
        assert ids.parse_id(stage, gen_id) == ParsedId(IdForm.LEGACY, gen_id, 0)

    @pytest.mark.parametrize(
        "gen_id",
        [
            *("", "d_", "d_0", "d_01", "d_A", "D_1", "e_1", "v_1", "d1", "d-1", "_1", "1", "d_1 ", " d_1", "d_1\n"),
            *("d_1-0", "d_1-5", "d_1-", "d_1-11", "d_1--1", "d_1-01", "d_1-1-1", "d_+1", "d_1_1", "d_1.1"),
            "d_12345678901234567",
            *("d_٣", "d_１", "d_é", "d_1-¹"),  # noqa: RUF001
            *("43ftibqi56628az", "43ftibqi56628az11", "43FTIBQI56628AZ1", "43ftibqi56628az1\n", "43ftibqi56628az1-1"),
            "43ftibqi56628a_1",
        ],
    )
    def test_neither(self, gen_id):
        assert ids.parse_id("draft", gen_id) == ParsedId(IdForm.UNKNOWN, "", 0)

    def test_the_form_is_judged_by_the_stage(self):
        assert ids.parse_id("essay", "d_5ezrffv9uf3lr37d").form is IdForm.UNKNOWN
        assert ids.parse_id("draft", "e_sq5klak2lljyyom").form is IdForm.UNKNOWN


def test_chance_alone_makes_ids_short():
    # domain: P(fewer than 16 digits) = 36^15 / 2^80 = 18.29 %, of 4,000 ids 732 give or take 24.
    lengths = [len(ids.deterministic_id("essay", ("d_1", "t", n))) - 2 for n in range(1, 4001)]
    assert 732 - 5 * 25 < sum(length < 16 for length in lengths) < 732 + 5 * 25
    assert max(lengths) == 16


def test_separator_in_a_field_can_make_two_signatures_one():
    # The danger that FIELD_SEPARATOR warns of is real.
    assert ids.deterministic_id("essay", ("a|b", "c", 1)) == ids.deterministic_id("essay", ("a", "b|c", 1))


def test_forms_are_plain_words():
    assert [form.value for form in IdForm] == ["deterministic", "legacy", "unknown"]
    assert all(re.fullmatch("[a-z]+", form) for form in IdForm)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], []),
        (["d_1", "plain-v1"], ["d_1", "plain-v1"]),
        (["d_1", "Plain-V1", " x "], ["d_1", "plain-v1", "x"]),
        (["d_1", ""], ["d_1", None]),
        (["d_1", " \t"], ["d_1", None]),
        (["d_1\n"], ["d_1"]),
        (["\u00a0é", "\u2003"], ["é", None]),
        (["a", None, 3], ["a", None, None]),
    ],
)
def test_many_texts_are_normalised_like_one(values, expected):
    assert ids.normal_texts(values) == expected
    assert [ids.normal_text(value) for value in values] == expected
    assert not ids.are_normal([*values, " "])
