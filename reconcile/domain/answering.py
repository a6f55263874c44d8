"""Can it answer? Whether a smart meter that somebody may talk to stands behind a Meter Point, apart from its flag.

In: what registration, inventory, coverage and reads show. Out: Answering. Called by look-ups and by what judges alerts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import product

from .vocabulary import ALL_MASKS, FLAGS, Flag, Shows, Status, shows, statuses_in


class Answer(StrEnum):
    """The four answers, in the order in which a desk wants them."""

    YES = "yes"
    UNLIKELY = "unlikely"
    NO = "no"
    UNKNOWN = "unknown"


class Wan(StrEnum):
    """What the newest coverage data say of the network that the meter would talk over."""

    NO_DATA = "no_data"
    NOW = "now"
    FROM_DATE = "from_date"
    NOT_CONFIRMED = "not_confirmed"


class Heard(StrEnum):
    """What is known of the meter's last proof of life: a reliable time that it gave, or an alert of its own."""

    NOT_ASKED = "not_asked"
    """No read of it is loaded: silence says nothing, for a meter alerts only when something happens."""
    LATELY = "lately"
    LONG_AGO = "long_ago"
    """Heard, and not within the threshold."""
    NEVER = "never"
    """Read responses are loaded, and none of them proves that it lives."""


@dataclass(frozen=True)
class Answering:
    """Whether it can answer, and why, in words that begin small and name the source that says so."""

    answer: Answer
    why: str


@dataclass(frozen=True)
class AnswerRow:
    """One cell of the table of answers."""

    flag: Flag | None
    mask: int
    wan: Wan
    heard: Heard
    found: Answering


NOTHING_KNOWS_IT = Answering(Answer.UNKNOWN, "neither registration nor the inventory knows this number")
NOT_READ = Answering(
    Answer.UNKNOWN, "a line of the inventory that is or may be about this Meter Point could not be read"
)
_ANSWERS = {
    Shows.COMMISSIONED: Answer.YES,
    Shows.INSTALLED: Answer.UNLIKELY,
    Shows.SUSPENDED: Answer.UNLIKELY,
    Shows.REMOVED: Answer.NO,
    Shows.NOT_INSTALLED: Answer.NO,
    Shows.NO_METER: Answer.NO,
}
_STATUS_WORDS = {status: status.lower() for status in Status} | {
    Status.INSTALLED: "installed, not commissioned",
    Status.RECOVERY: "in recovery",
}
DECIDING = (
    Status.COMMISSIONED,
    Status.INSTALLED,
    Status.SUSPENDED,
    Status.RECOVERY,
    Status.RECOVERED,
    Status.DECOMMISSIONED,
    Status.WITHDRAWN,
    Status.WHITELISTED,
    Status.PENDING,
)
"""Statuses, the one that decides before those that do not."""
_HEARD_WORDS = {
    Heard.NOT_ASKED: "",
    Heard.LATELY: "the meter itself was heard lately",
    Heard.LONG_AGO: "the meter itself was last heard too long ago",
    Heard.NEVER: "no read proves that the meter lives",
}
_WAN_WORDS = {
    Wan.NO_DATA: "",
    Wan.NOW: "WAN coverage is there now, so it can be commissioned",
    Wan.FROM_DATE: "WAN coverage is still to come",
    Wan.NOT_CONFIRMED: "WAN coverage cannot be confirmed",
}


def can_it_answer(
    flag: Flag | None,
    statuses: frozenset[Status],
    *,
    known: bool = True,
    unread: bool = False,
    wan: Wan = Wan.NO_DATA,
    heard: Heard = Heard.NOT_ASKED,
    proof: str = "",
) -> Answering:
    """The answer for a Meter Point whose smart meters have these statuses (SEC Section A: Commissioned).

    `known`: registration or inventory holds the point. `unread`: a line of the inventory that may be about it could not
    be read, so that a meter which is not seen may be there. The flag never decides: it is a claim, and what is asked is
    whether the claim holds. WAN coverage is said of a meter that waits for it; one that is commissioned has had it.
    `proof`: the last proof of life in words, if there is one.
    """
    shown = shows(statuses)
    if unread and _ANSWERS[shown] == Answer.NO:
        return NOT_READ
    if not known and not statuses:
        return NOTHING_KNOWS_IT
    silent = shown == Shows.COMMISSIONED and heard in (Heard.LONG_AGO, Heard.NEVER)
    answer = Answer.UNLIKELY if silent else _ANSWERS[shown]
    words = (
        _meter_words(statuses),
        _life_words(shown, heard, proof),
        _WAN_WORDS[wan] if shown == Shows.INSTALLED else "",
        _flag_words(flag, shown),
    )
    return Answering(answer, "; ".join(filter(None, words)))


def heard_of(last: date | None, *, on: date, threshold_days: int, asked: bool) -> Heard:
    """How long ago a meter was last heard, as of a day. `asked`: reads of it are loaded, so that its silence says
    something.

    Without them an old proof is as good as none: it must not make a meter less likely than one that never spoke.
    """
    if last is not None and (on - last).days <= threshold_days:
        return Heard.LATELY
    if not asked:
        return Heard.NOT_ASKED
    return Heard.NEVER if last is None else Heard.LONG_AGO


def answers() -> Iterator[AnswerRow]:
    """Every flag against every set of statuses, every WAN coverage and every last proof of life: 49,152 cells."""
    for flag, mask, wan, heard in product(FLAGS, ALL_MASKS, Wan, Heard):
        yield AnswerRow(flag, mask, wan, heard, can_it_answer(flag, statuses_in(mask), wan=wan, heard=heard))


def _meter_words(statuses: frozenset[Status]) -> str:
    """What the inventory says, the status that decides first."""
    if not statuses:
        return "the inventory has no smart meter here"
    first, *others = (_STATUS_WORDS[status] for status in DECIDING if status in statuses)
    return f"the inventory says {first}" + (f" (other meters: {', '.join(others)})" if others else "")


def _life_words(shown: Shows, heard: Heard, proof: str) -> str:
    """What was heard of it, with the last proof where there is one."""
    said = _HEARD_WORDS[heard] if shown == Shows.COMMISSIONED or heard == Heard.LATELY else ""
    return f"{said or 'its last proof of life'}: {proof}" if proof else said


def _flag_words(flag: Flag | None, shown: Shows) -> str:
    """Where the flag promises another thing than the inventory shows, that it does."""
    if shown == Shows.COMMISSIONED:
        return "" if flag == Flag.A else "the flag does not say so"
    return "flag A promises more" if flag == Flag.A else ""
