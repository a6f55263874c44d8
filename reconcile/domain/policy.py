"""Policy mp077: which DCC Service Flag a Meter Point may carry, given its smart meters.

In: a flag, a set of SMI statuses, seen before or not. Out: a Verdict. One pure function, whole truth table enumerated.
Source: MP077 Modification Report v1.0 (in force since 4 November 2021), SEC Appendix X.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from .vocabulary import (
    ALL_MASKS,
    FLAGS,
    GONE,
    NEVER_INSTALLED,
    PAUSED,
    Flag,
    Shows,
    Status,
    shows,
    statuses_in,
)

POLICY = "mp077"
POLICY_VERSION = "1.0"


@dataclass(frozen=True)
class Verdict:
    """What the code says of one combination.

    `accepted` flags are no error; `expected` is the one to suggest; `rule` the rule broken or None;
    `undetermined` says in words why the code leaves the case open, and is empty where it does not.
    """

    accepted: tuple[Flag | None, ...]
    expected: Flag | None
    rule: str | None
    undetermined: str = ""


@dataclass(frozen=True)
class PolicyRow:
    """One of the 6,144 cells of the truth table."""

    flag: Flag | None
    mask: int
    ever: bool
    shows: Shows
    verdict: Verdict


BROKEN: dict[tuple[Flag | None, Shows], str] = {
    (Flag.A, Shows.NO_METER): "A_NO_METER",
    (Flag.A, Shows.NOT_INSTALLED): "A_NOT_INSTALLED",
    (Flag.A, Shows.INSTALLED): "A_NOT_COMMISSIONED",
    (Flag.A, Shows.REMOVED): "A_REMOVED",
    (Flag.I, Shows.NO_METER): "I_NO_METER",
    (Flag.I, Shows.NOT_INSTALLED): "I_NOT_INSTALLED",
    (Flag.I, Shows.COMMISSIONED): "I_COMMISSIONED",
    (Flag.I, Shows.REMOVED): "I_REMOVED",
    (Flag.N, Shows.INSTALLED): "N_INSTALLED",
    (Flag.N, Shows.COMMISSIONED): "N_COMMISSIONED",
    (None, Shows.NO_METER): "NULL_REMOVED",
    (None, Shows.NOT_INSTALLED): "NULL_REMOVED",
    (None, Shows.INSTALLED): "NULL_INSTALLED",
    (None, Shows.COMMISSIONED): "NULL_COMMISSIONED",
    (None, Shows.REMOVED): "NULL_REMOVED",
}
"""The rule that a flag breaks where it is not accepted; S and W break theirs whatever the meters."""

LEGACY = {Flag.S: "LEGACY_S", Flag.W: "LEGACY_W"}
WATCHED: dict[tuple[Flag | None, Shows], str] = {(Flag.A, Shows.SUSPENDED): "A_SUSPENDED"}
"""Accepted flags that are still worth a watch: the meter is there, its service is not."""


def judge(flag: Flag | None, statuses: frozenset[Status], ever: bool) -> Verdict:
    """Judge one flag against the statuses of the point's smart meters.

    `ever`: an earlier extract showed the point with an InstalledNotCommissioned or Commissioned meter.
    """
    accepted, undetermined = accepted_flags(statuses, ever)
    return Verdict(accepted, _expected(flag, accepted), _rule(flag, shows(statuses), accepted), undetermined)


def accepted_flags(  # noqa: PLR0911 - one return for each row of the table in design.md
    statuses: frozenset[Status], ever: bool
) -> tuple[tuple[Flag | None, ...], str]:
    """The flags that MP077 allows for a set of statuses, and why the case is undetermined, if it is."""
    if Status.COMMISSIONED in statuses:
        return (Flag.A,), ""
    if Status.INSTALLED in statuses:
        if statuses & PAUSED:
            return (Flag.I, Flag.A), "Suspended and Recovery never move the flag, so an earlier A may stand."
        if statuses & NEVER_INSTALLED:
            return (Flag.I,), "Not all of the meters are InstalledNotCommissioned."
        return (Flag.I,), ""
    if statuses & PAUSED:
        return (Flag.A, Flag.I, Flag.N, None), "Suspended and Recovery never move the flag."
    if statuses & GONE or ever:
        return (Flag.N,), ""
    return (None, Flag.N), "A single snapshot cannot prove that no meter was ever installed."


def _expected(flag: Flag | None, accepted: tuple[Flag | None, ...]) -> Flag | None:
    if flag in accepted:
        return flag
    # A flag that once came from a meter is to become N, even if no extract of ours showed that meter.
    return accepted[0] or Flag.N


def _rule(flag: Flag | None, column: Shows, accepted: tuple[Flag | None, ...]) -> str | None:
    if flag in LEGACY:
        return LEGACY[flag]
    if flag in accepted:
        return WATCHED.get((flag, column))
    return BROKEN[flag, column]


def truth_table() -> Iterator[PolicyRow]:
    """Every flag against every set of statuses, seen before or not: 6 x 512 x 2 rows."""
    for flag in FLAGS:
        for mask in ALL_MASKS:
            statuses = statuses_in(mask)
            for ever in (False, True):
                yield PolicyRow(flag, mask, ever, shows(statuses), judge(flag, statuses, ever))
