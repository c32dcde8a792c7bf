"""Stock of sentences for the sample's texts."""

from __future__ import annotations

from typing import Final

SETTINGS: Final = (
    "a hospital ward at night",
    "a small software team",
    "a city archive",
    "a fishing cooperative",
    "a university press",
    "a repair workshop",
    "a regional orchestra",
    "a seed exchange between villages",
    "a control room",
    "a school without bells",
    "a publishing house of three people",
    "a volunteer fire brigade",
)

# {a} and {b} are two concepts of the combination, {place} is one of SETTINGS.
OPENINGS: Final = (
    "Start with {a.noun}: it {a.does}.",
    "At first sight {a.noun} and {b.noun} have nothing to say to each other.",
    "Suppose that {place} took {a.noun} seriously, not as a picture but as a set of rules.",
    "What {a.noun} and {b.noun} share is not their matter but their timing.",
    "Few people in {place} would think of {a.noun}, yet they rely on its logic every day.",
    "There is a question behind both {a.noun} and {b.noun}: who pays for patience?",
    "The shortest way from {a.noun} to {b.noun} leads through {place}.",
)
LINKS: Final = (
    "The one {a.does}; the other {b.does}.",
    "Both come down to {a.lesson}, though only {b.noun} says so openly.",
    "Put together, they suggest {a.lesson} and, one step later, {b.lesson}.",
    "Where {a.noun} {a.does}, {b.noun} would ask what it costs and who notices.",
    "That is why {a.lesson} fails in {place} unless somebody is also {b.lesson}.",
    "Take the idea literally for a moment: {place} begins by {a.lesson}.",
    "Read in this light, {b.noun} is less an opposite than a second clock.",
    "The link is testable: remove {a.noun}, and {b.lesson} should become harder within weeks.",
    "In practice it means {b.lesson} first and {a.lesson} only when that holds.",
    "Each supplies what the other lacks, because {a.noun} {a.does}.",
    "Nobody would call {a.noun} efficient, yet it {a.does}.",
    "Seen from {place}, the difference is one of patience: here {a.lesson}, there {b.lesson}.",
    "An observer would notice the change late, since {b.noun} {b.does}.",
    "Two habits follow, {a.lesson} and {b.lesson}, and the second keeps the first honest.",
    "Imagine the opposite: without {a.lesson}, all that {b.noun} could offer would be an alarm.",
    "There is an old name for it in {place}, and it has nothing to do with {a.noun}.",
    "The test is simple enough for {place}: stop {a.lesson} for a month and count.",
    "It helps that {a.noun} {a.does}, for this gives {b.noun} something to push against.",
    "Money plays a smaller part than one would think; {b.lesson} mostly costs attention.",
    "Of the two, {b.noun} is the stricter teacher, because it {b.does}.",
    "People resist {a.lesson} until they have seen what happens without it.",
    "What looks like {a.lesson} from outside is, from inside, {b.lesson}.",
    "One could draw it as a loop in which {a.lesson} feeds {b.lesson}, and the loop closes once a season.",
    "A sceptic in {place} would call this ordinary prudence, and would be half right.",
)
DOUBTS: Final = (
    "The weak point is known: {a.risk}.",
    "Against this stands an old experience, that {b.risk}.",
    "It would be dishonest to hide that {a.risk}, and that {b.risk}.",
    "The analogy stops where {b.risk}; beyond that line it only decorates.",
    "Should it turn out that {a.risk}, the whole design has to be turned round.",
    "Whoever tries it in {place} should measure first, since {a.risk}.",
    "One objection stays: {b.risk}.",
    "It has failed before, and for a plain reason: {a.risk}.",
    "That the people of {place} like the idea proves little, because {b.risk}.",
)
CLOSINGS: Final = (
    "What remains is a modest proposal: {a.lesson}, and writing down what happened.",
    "So the next experiment is small: one month, {place}, and nothing but {b.lesson}.",
    "If the idea survives {place}, it has earned a larger stage.",
    "In the end the two meet in a habit rather than in a theory: {a.lesson}.",
    "Nothing here needs new tools; it needs {b.lesson}, done on purpose.",
    "The combination is worth keeping even if only one half of it turns out true.",
)
PRAISE: Final = (
    "The text keeps {a.noun} and {b.noun} apart long enough to make their meeting count.",
    "Its best moment is the step from {a.lesson} to {b.lesson}, which I had not seen before.",
    "The mechanism is spelled out, with a place ({place}) and an order of steps.",
    "The author says openly that {a.risk}, which makes the rest easier to trust.",
    "Examples are concrete, and the thread never gets lost between paragraphs.",
    "The reading of {b.noun} is fresh, and it follows from the premises.",
)
CRITICISM: Final = (
    "Too little is said about who would bear the cost of {a.lesson}.",
    "The claim about {b.noun} is repeated where it should have been tested.",
    "The example of {place} stays a sketch; numbers would have helped.",
    "That {b.risk} is mentioned, but nothing follows from it.",
    "Several sentences could change places without any loss, a sign of a loose argument.",
    "The conclusion promises more than the middle part delivers.",
)
