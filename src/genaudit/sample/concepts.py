"""Concepts of the sample's generations."""

from __future__ import annotations

from typing import Final, NamedTuple


class Concept(NamedTuple):
    """A concept that drafts connect with others; every text has two wordings.

    :param noun: its name within a sentence.
    :param does: a predicate in the third person.
    :param lesson: its lesson for others, a gerund.
    :param risk: its point of failure, a clause.
    """

    concept_id: str
    name: str
    noun: str
    does: tuple[str, str]
    lesson: tuple[str, str]
    risk: tuple[str, str]


CONCEPTS: Final = (
    Concept(
        "tidal-rhythm",
        "Tidal Rhythm",
        "a tidal rhythm",
        (
            "gives back what it takes, on a timetable that nobody has to enforce",
            "divides the day without anyone having been asked",
        ),
        ("pacing work by a cycle that is there anyway", "waiting for the water instead of digging"),
        ("whatever falls between two tides is carried off", "those who live inland keep missing the hour"),
    ),
    Concept(
        "error-budget",
        "Error Budget",
        "an error budget",
        (
            "turns failure into something that may be spent, and therefore planned",
            "settles beforehand what would otherwise be quarrelled over afterwards",
        ),
        ("agreeing beforehand how much may go wrong", "stopping new work when the allowance is used up"),
        ("a budget that is never spent buys nothing", "whoever sets the limit is seldom the one who pays"),
    ),
    Concept(
        "fungal-network",
        "Fungal Network",
        "a fungal network",
        (
            "moves sugar from trees in the light to seedlings in the shade",
            "joins rivals at the root while they compete in the crown",
        ),
        ("letting surplus flow along many thin threads", "feeding the weakest neighbour first"),
        ("the same threads carry blight", "nobody can say afterwards who owed what to whom"),
    ),
    Concept(
        "apprenticeship",
        "Apprenticeship",
        "an apprenticeship",
        (
            "hands over what the master cannot put into words",
            "makes mistakes cheap by keeping the pieces small",
        ),
        (
            "putting the learner beside the work instead of before a book",
            "letting somebody watch long before they are allowed to touch",
        ),
        (
            "the pupil copies bad habits as faithfully as good ones",
            "the trade may be gone by the time it is learned",
        ),
    ),
    Concept(
        "seed-bank",
        "Seed Bank",
        "a seed bank",
        ("keeps varieties that nobody wants this year", "pays for a harvest that may never be needed"),
        ("storing options at a price that hardly matters", "sowing a little of everything, every few years"),
        ("seed that is never sown goes dead in the drawer", "the label outlives the knowledge of how to grow it"),
    ),
    Concept(
        "counterpoint",
        "Counterpoint",
        "counterpoint",
        (
            "lets two voices contradict each other without either giving way",
            "makes independence a matter of strict rules",
        ),
        (
            "keeping disagreement audible until the very last bar",
            "giving the second voice a line of its own instead of an echo",
        ),
        (
            "with one voice too many the ear follows none",
            "rules of that kind are learned for years and broken in an hour",
        ),
    ),
    Concept(
        "controlled-burn",
        "Controlled Burn",
        "a controlled burn",
        (
            "takes the fuel away while the weather is still kind",
            "costs a little every spring so that one summer does not cost everything",
        ),
        ("choosing the small loss early", "lighting the fire oneself, upwind and with company"),
        ("a turn of the wind makes the remedy the disaster", "neighbours see the smoke and not the reason"),
    ),
    Concept(
        "lighthouse",
        "Lighthouse",
        "a lighthouse",
        (
            "tells every ship the same thing and asks nothing in return",
            "serves best those who never come near it",
        ),
        (
            "stating a position so plainly that others can steer by it",
            "keeping a signal dull, so that every change in it means something",
        ),
        (
            "a light warns of the rock that it stands on, and of no other",
            "ships that trust one light stop looking at the water",
        ),
    ),
    Concept(
        "wayfinding",
        "Wayfinding",
        "wayfinding",
        (
            "holds a course by stars, swell and birds, none of which is exact",
            "treats the voyage as a question that is asked again every hour",
        ),
        ("combining weak signs before waiting for a strong one", "knowing where one is from where one has been"),
        ("confidence drifts faster than the boat", "an overcast week leaves nothing but memory"),
    ),
    Concept(
        "sourdough-culture",
        "Sourdough Culture",
        "a sourdough culture",
        (
            "stays the same for decades by being thrown away and fed every day",
            "belongs to whoever looks after it, and to everyone they gave some to",
        ),
        ("preserving something by using it", "giving half away, so that the other half stays alive"),
        ("a week of neglect undoes a century", "what is fed differently turns into something else"),
    ),
    Concept(
        "dry-stone-wall",
        "Dry Stone Wall",
        "a dry stone wall",
        ("stands because every stone is free to settle", "is mended with what fell out of it"),
        ("building with joints that may move", "handling each stone once and finding it a place"),
        (
            "one careless stone at the bottom shows only years later at the top",
            "nobody has the time to build it, and everybody to walk past",
        ),
    ),
    Concept(
        "relay-race",
        "Relay Race",
        "a relay race",
        (
            "is decided in the few metres where two people hold one stick",
            "asks each runner to start before there is anything to carry",
        ),
        ("practising the handover more than the running", "letting the next one start before the last has stopped"),
        ("the fastest runners drop the baton most easily", "four good legs do not make a team"),
    ),
    Concept(
        "palimpsest",
        "Palimpsest",
        "a palimpsest",
        (
            "shows the scraped-off text through the new one",
            "keeps what its owner thought worthless, and loses what was thought safe",
        ),
        (
            "leaving the earlier version legible under the present one",
            "writing over things rather than throwing them out",
        ),
        ("readers may take the ghost for the message", "the third layer makes the first unreadable for good"),
    ),
    Concept(
        "keystone-species",
        "Keystone Species",
        "a keystone species",
        (
            "holds up far more of its surroundings than its numbers explain",
            "keeps a balance by eating what would otherwise eat everything",
        ),
        (
            "finding the part whose loss changes all the others",
            "protecting one animal in order to keep a coast",
        ),
        ("such a species is noticed, as a rule, when it is gone", "every advocate believes that theirs is the one"),
    ),
    Concept(
        "tolerance-stack",
        "Tolerance Stack",
        "a tolerance stack",
        (
            "adds up deviations that were harmless one by one",
            "makes the last assembler pay for everybody's rounding",
        ),
        (
            "budgeting small inaccuracies along the whole chain",
            "measuring from one common edge instead of from part to part",
        ),
        (
            "every part passes inspection and the machine still jams",
            "tight limits everywhere cost more than they save",
        ),
    ),
    Concept(
        "lending-library",
        "Lending Library",
        "a lending library",
        ("makes one copy do the work of a hundred", "remembers the reader only until the book is back"),
        ("trusting strangers with a due date", "choosing for people whom one will never meet"),
        ("what everybody may borrow nobody repairs", "the book that is wanted is always out"),
    ),
)
