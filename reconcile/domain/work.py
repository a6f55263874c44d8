"""A party's work on a discrepancy, as tables: what people make of it, and what news from the evidence does to it.

In: a state, and what somebody did or a run found. Out: the state after. Called by ledger.working, which changes many
rows at once by it. The evidence's own state (domain.lifecycle) is never touched by people.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class WorkState(StrEnum):
    """How far a party is with a discrepancy. Closed is exactly what the evidence has resolved."""

    TO_DO = "to_do"
    RAISED = "raised"
    EXPLAINED = "explained"
    CLOSED = "closed"


class Act(StrEnum):
    """What a person does. Answering is done by the party that something was raised with."""

    ASSIGN = "assign"
    RAISE = "raise"
    EXPLAIN = "explain"
    NOTE = "note"
    TAKE_UP = "take_up"
    ANSWER = "answer"
    UNDO = "undo"


class News(StrEnum):
    """What a run, or the calendar, says of a discrepancy that somebody works on."""

    MENDED = "mended"
    UNFOUNDED = "unfounded"
    FOUND_AGAIN = "found_again"
    WORSE = "worse"
    CHANGED = "changed"
    DUE = "due"
    REJECTED = "rejected"
    UNANSWERED = "unanswered"


class Verdict(StrEnum):
    """An answer to what was raised."""

    AGREED = "agreed"
    DISPUTED = "disputed"
    DONE = "done"


TO_DO, RAISED, EXPLAINED, CLOSED = WorkState
AFTER_ACT: Mapping[Act, Mapping[WorkState, WorkState | None]] = MappingProxyType(
    {
        # act -> state before -> state after; None: it is refused
        Act.ASSIGN: {TO_DO: TO_DO, RAISED: RAISED, EXPLAINED: EXPLAINED, CLOSED: CLOSED},
        Act.NOTE: {TO_DO: TO_DO, RAISED: RAISED, EXPLAINED: EXPLAINED, CLOSED: CLOSED},
        Act.RAISE: {TO_DO: RAISED, RAISED: RAISED, EXPLAINED: RAISED, CLOSED: None},
        Act.EXPLAIN: {TO_DO: EXPLAINED, RAISED: EXPLAINED, EXPLAINED: EXPLAINED, CLOSED: None},
        Act.TAKE_UP: {TO_DO: TO_DO, RAISED: TO_DO, EXPLAINED: TO_DO, CLOSED: None},
        Act.ANSWER: {TO_DO: None, RAISED: RAISED, EXPLAINED: None, CLOSED: None},
    }
)
"""Every cell but those of undo, which gives back what was before."""
AFTER_NEWS: Mapping[News, Mapping[WorkState, WorkState]] = MappingProxyType(
    {
        News.MENDED: dict.fromkeys(WorkState, CLOSED),
        News.UNFOUNDED: dict.fromkeys(WorkState, CLOSED),
        News.FOUND_AGAIN: {TO_DO: TO_DO, RAISED: RAISED, EXPLAINED: EXPLAINED, CLOSED: TO_DO},
        News.WORSE: {TO_DO: TO_DO, RAISED: RAISED, EXPLAINED: TO_DO, CLOSED: CLOSED},
        News.CHANGED: {TO_DO: TO_DO, RAISED: RAISED, EXPLAINED: TO_DO, CLOSED: CLOSED},
        News.DUE: {TO_DO: TO_DO, RAISED: RAISED, EXPLAINED: TO_DO, CLOSED: CLOSED},
        News.REJECTED: {TO_DO: TO_DO, RAISED: RAISED, EXPLAINED: TO_DO, CLOSED: CLOSED},
        News.UNANSWERED: {TO_DO: TO_DO, RAISED: RAISED, EXPLAINED: TO_DO, CLOSED: CLOSED},
    }
)
"""Every cell. What was raised stays so until somebody takes it up: its date only says when to ask again."""


def after_undo(before: WorkState, *, resolved: bool) -> WorkState:
    """What an undo gives back: the state before, unless the evidence says otherwise by now."""
    if resolved:
        return CLOSED
    return TO_DO if before == CLOSED else before


STATE_WORDS = {TO_DO: "To do", RAISED: "Raised", EXPLAINED: "Explained", CLOSED: "Closed by a run"}
ACT_WORDS = {
    Act.ASSIGN: "Assigned",
    Act.RAISE: "Raised",
    Act.EXPLAIN: "Explained",
    Act.NOTE: "Noted",
    Act.TAKE_UP: "To do again",
    Act.ANSWER: "Answered",
    Act.UNDO: "Undone",
}
NEWS_WORDS = {
    News.MENDED: "Mended by the run of {day}",
    News.UNFOUNDED: "Its evidence was withdrawn: closed by the run of {day}",
    News.FOUND_AGAIN: "Found again by the run of {day}",
    News.WORSE: "Worse than when it was explained: the run of {day}",
    News.CHANGED: "Flag or meters changed: the run of {day}",
    News.REJECTED: "Registration rejected its correction: seen on {day}",
    News.UNANSWERED: "Its correction was not answered in time: seen on {day}",
    News.DUE: "The date until which it was explained has come: {day}",
}
"""Why something moved without anybody's doing."""
REASONS = (
    "Update on its way",
    "Meter exchange in progress",
    "Site visit booked",
    "Change of supplier in progress",
    "Registration being corrected",
    "Accepted as it is",
)
"""What a party explains with until its manager says otherwise."""
ACTS = "acts"
"""In place of one of those below: whoever has to act by the rule."""
RAISE_TO = {
    "supplier": "Supplier",
    "network": "Network operator",
    "registration": "Network operator's registration provider",
    "dcc": "DCC (DSP)",
}
"""With whom something is raised. A network's registration provider is reached through its Network Party."""
