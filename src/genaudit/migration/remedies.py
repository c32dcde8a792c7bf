"""Reasons why a migration leaves something unchanged, each with a fix."""

from __future__ import annotations

from typing import Final

from genaudit.migration.mapping import KeepReason

REMEDIES: Final = {
    KeepReason.EXCEPTED: ("It was excepted.", "Nothing, if that is still meant."),
    KeepReason.NOT_CHOSEN: ("The choice of ids, stages or cohort leaves it out.", "Plan again with a wider choice."),
    KeepReason.MISMATCHED: (
        "Its name is deterministic, but not the one that its record gives.",
        "Find out which of the two is wrong, and repair it: a rename would cover it up.",
    ),
    KeepReason.UNVERIFIABLE: (
        "Its record is missing, unreadable or incomplete.",
        "Restore or complete the record, then plan again.",
    ),
    KeepReason.UNSAFE_NAME: ("The folder's name cannot be an id.", "Rename the folder by hand, or remove it."),
    KeepReason.RECORD_DISAGREES: (
        "Its record names another generation.",
        "Correct gen_id in the record, then plan again.",
    ),
    KeepReason.PARENT_MISSING: (
        "Its parent is not in the store.",
        "Restore the parent, or correct the link in the record.",
    ),
    KeepReason.COLLISION: (
        "The new name is taken, or would be given twice.",
        "Look at both: they are the same by their records. Keep one, or give one another replicate.",
    ),
    KeepReason.CHILD_KEPT: (
        "A generation below it keeps a name that holds, and would not hold any more.",
        "Settle that generation first.",
    ),
}
LEFT: Final = {
    "ambiguous": (
        "It contains a changing id in a place where the meaning is unclear.",
        "Read it after the migration; old ids can be looked up with genaudit migrate resolve.",
    ),
    "not_in_its_place": ("An id is in a place that no program may change.", "Change it by hand if it should follow."),
    "id_of_several_stages": ("An id could mean generations of several stages.", "Change it by hand."),
    "belongs_to_another_membership": (
        "The manifest does not belong to the membership beside it.",
        "Backfill the cohort's manifest, then plan again.",
    ),
}
LEFT_OTHERWISE: Final = ("It could not be searched or changed safely.", "Check it by hand.")
