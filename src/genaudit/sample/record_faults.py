"""Faults of the contents of records, or of their readability."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Callable
from typing import Final, Unpack

from genaudit.layout import METADATA
from genaudit.sample.fault import Fault
from genaudit.sample.fault_context import FaultContext, Traits
from genaudit.stages import REPLICATE, STAGES

_OVER_A_MEGABYTE: Final = 1_200_000


def _metadata_missing(context: FaultContext) -> None:
    victim = context.sound("draft", full=True)
    (context.folder(victim) / METADATA).unlink()
    context.expect(victim)


def _metadata_unreadable(context: FaultContext) -> None:
    victim = context.sound("draft")
    path = context.folder(victim) / METADATA
    path.unlink()
    path.mkdir()
    context.expect(victim)


def _bytes(change: Callable[[bytes], bytes]) -> Callable[[FaultContext], None]:
    """Plant a draft with changed bytes in its metadata.json."""

    def plant(context: FaultContext) -> None:
        victim = context.sound("draft")
        path = context.folder(victim) / METADATA
        path.write_bytes(change(path.read_bytes()))
        context.expect(victim)

    return plant


def _with_key(pair: bytes) -> Callable[[bytes], bytes]:
    return lambda data: data.replace(b"{", b"{\n  " + pair + b",", 1)


def _field(stage: str, field: str, value: object, **traits: Unpack[Traits]) -> Callable[[FaultContext], None]:
    """Plant a generation with another value in one field.

    :param value: the new value; ``None`` removes the field.
    :param traits: its other traits, which determine its name.
    """

    def plant(context: FaultContext) -> None:
        victim = context.sound(stage, **traits)
        context.rewrite(victim, **{field: value})
        context.expect(victim, field=field)

    return plant


def _unlisted(stage: str, field: str, **traits: Unpack[Traits]) -> Callable[[FaultContext], None]:
    """Plant a generation whose template or model no catalog lists."""

    def plant(context: FaultContext) -> None:
        context.expect(context.sound(stage, **traits), field=field)

    return plant


def _field_extraneous(context: FaultContext) -> None:
    victim = context.sound("essay")
    context.rewrite(victim, combo_id=victim.combo.combo_id)
    context.expect(victim, field="combo_id")


def _field_old_name(context: FaultContext) -> None:
    victim = context.sound("essay")
    old = STAGES["essay"].old_template_field
    context.rewrite(victim, template_id=None, **{old: victim.template})
    context.expect(victim, field=old)


def _field_contradicts_folder(context: FaultContext) -> None:
    victim = context.sound("draft")
    context.rewrite(victim, gen_id=victim.named_as_before().gen_id)
    context.expect(victim, field="gen_id")


def _field_separator(context: FaultContext) -> None:
    combo = context.combo._replace(combo_id=f"{context.combo.combo_id}|revised")
    context.new_combos.append(combo)
    context.expect(context.sound("draft", combo=combo), field="combo_id")


def _combo_unknown(context: FaultContext) -> None:
    combo = context.combo._replace(combo_id=f"{context.combo.combo_id}_lost")
    context.expect(context.sound("draft", combo=combo), field="combo_id")


def _signature_duplicate(context: FaultContext) -> None:
    draft = context.sound("draft")
    again = context.write(draft.named_as_before())
    first, second = sorted((draft, again), key=lambda generation: generation.gen_id)
    context.expect(first, others=(second.gen_id,))


RECORD_FAULTS: Final = (
    Fault("METADATA_MISSING", "a draft's metadata.json is deleted", _metadata_missing),
    Fault("METADATA_UNREADABLE", "a folder replaces a draft's metadata.json", _metadata_unreadable),
    Fault(
        "METADATA_TOO_LARGE",
        "a draft's metadata.json holds more than a megabyte",
        _bytes(_with_key(b'"log": "' + b"." * _OVER_A_MEGABYTE + b'"')),
    ),
    Fault(
        "METADATA_NOT_UTF8",
        "a draft's metadata.json has a word in Latin-1",
        _bytes(_with_key('"author": "Zoé"'.encode("latin-1"))),
    ),
    Fault(
        "METADATA_BOM", "a draft's metadata.json begins with a byte-order mark", _bytes(lambda data: BOM_UTF8 + data)
    ),
    Fault("METADATA_NOT_JSON", "a draft's metadata.json ends in the middle", _bytes(lambda data: data[:-40])),
    Fault(
        "METADATA_NOT_OBJECT",
        "a draft's record is inside a list",
        _bytes(lambda data: b"[" + data.rstrip() + b"]\n"),
    ),
    Fault(
        "METADATA_DUPLICATE_KEY",
        "a draft's record gives its replicate twice",
        _bytes(_with_key(b'"replicate": 3')),
    ),
    Fault("METADATA_NAN", "a draft's record has NaN for a temperature", _bytes(_with_key(b'"temperature": NaN'))),
    Fault("FIELD_MISSING", "a draft's record has no model", _field("draft", "llm_model_id", None)),
    Fault("FIELD_BLANK", "an essay's template is two blanks", _field("essay", "template_id", "  ")),
    Fault("FIELD_TYPE", "an evaluation's replicate is true", _field("evaluation", REPLICATE, value=True)),
    Fault(
        "FIELD_LOOSE_TYPE",
        "an evaluation's replicate is a text",
        _field("evaluation", REPLICATE, "2", replicate=2),
    ),
    Fault("FIELD_OUT_OF_DOMAIN", "a draft's replicate is 0", _field("draft", REPLICATE, 0)),
    Fault("FIELD_EXTRANEOUS", "an essay's record names a combo", _field_extraneous),
    Fault("FIELD_OLD_NAME", "an essay's record has essay_template for template_id", _field_old_name),
    Fault("FIELD_CONTRADICTS_FOLDER", "a draft's record has the previous id", _field_contradicts_folder),
    Fault("FIELD_SEPARATOR", "a draft's combo, which is in the catalog, has a '|'", _field_separator),
    Fault(
        "TEMPLATE_UNKNOWN",
        "an evaluation's template is in no catalog",
        _unlisted("evaluation", "template_id", template="forgotten-lens-v1"),
    ),
    Fault("MODEL_UNKNOWN", "a draft's model is in no catalog", _unlisted("draft", "llm_model_id", model="lapwing_x")),
    Fault("COMBO_UNKNOWN", "a draft's combo is in no catalog", _combo_unknown),
    Fault("SIGNATURE_DUPLICATE", "a draft exists under its previous id as well", _signature_duplicate),
)
