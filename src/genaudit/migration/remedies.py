"""Why a migration leaves something as it is, and what a person is to do about it: two sentences for each reason."""

from __future__ import annotations

from typing import Final

from genaudit.migration.mapping import Why

REMEDIES: Final = {
    Why.EXCEPTED: ("It was excepted.", "Nothing, if that is still meant."),
    Why.NOT_CHOSEN: ("The choice of ids, stages or cohort leaves it out.", "Plan again with a wider choice."),
    Why.MISMATCHED: (
        "Its name is deterministic, but not the one that its record gives.",
        "Find out which of the two is wrong, and repair it: a rename would cover it up.",
    ),
    Why.UNVERIFIABLE: (
        "Its record is missing, unreadable or incomplete.",
        "Restore or complete the record, then plan again.",
    ),
    Why.UNSAFE_NAME: ("Its folder's name is not fit to be an id.", "Rename the folder by hand, or remove it."),
    Why.RECORD_DISAGREES: ("Its record names another generation.", "Correct gen_id in the record, then plan again."),
    Why.PARENT_MISSING: ("Its parent is not in the store.", "Restore the parent, or correct the link in the record."),
    Why.COLLISION: (
        "The new name is taken, or would be given twice.",
        "Look at both: they are the same by their records. Keep one, or give one another replicate.",
    ),
    Why.CHILD_KEPT: (
        "A generation below it keeps a name that holds, and would not hold any more.",
        "Settle that generation first.",
    ),
}
LEFT: Final = {
    "ambiguous": (
        "It quotes an id that changes where only a person can tell what is meant.",
        "Read it after the migration; old ids can be looked up with genaudit migrate resolve.",
    ),
    "not_in_its_place": ("An id stands where no program may change it.", "Change it by hand, if it should follow."),
    "id_of_several_stages": ("An id could mean generations of several stages.", "Change it by hand."),
    "belongs_to_another_membership": (
        "The manifest does not belong to the membership beside it.",
        "Backfill the cohort's manifest, then plan again.",
    ),
}
LEFT_OTHERWISE: Final = ("It could not be searched or changed safely.", "Look at it by hand.")
