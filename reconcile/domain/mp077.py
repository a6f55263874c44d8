"""Policy mp077: which DCC Service Flag a Meter Point may carry, given its smart meters.

In: a flag, a set of SMI statuses, seen before or not. Out: a Verdict. Called through domain.policies.
Source: MP077 Modification Report v1.0 (in force since 4 November 2021), SEC Appendix X.
"""

from .policy import Policy, Verdict
from .vocabulary import GONE, NEVER_INSTALLED, PAUSED, Flag, Shows, Status, shows

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


MP077 = Policy(
    name="mp077",
    title="MP077",
    version="1.0",
    judge=judge,
    sources=("MP077 Modification Report v1.0, in force since 4 Nov 2021", "SEC Appendix X (RDIS), flag definitions"),
)
