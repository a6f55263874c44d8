"""Policy mp077: which DCC Service Flag a Meter Point may carry, given its smart meters.

In: a flag, a set of SMI statuses, seen before or not. Out: a Verdict. Called through domain.policies.
Source: MP077 Modification Report v1.0 (in force since 4 November 2021), SEC Appendix X.
"""

from .policy import NOT_ALLOWED, Case, Policy, Verdict, first_case
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


CASES = (
    Case("Commissioned, whatever else", lambda statuses, ever: Status.COMMISSIONED in statuses, (Flag.A,)),
    Case(
        "InstalledNotCommissioned, with Suspended, Recovery or Recovered",
        lambda statuses, ever: Status.INSTALLED in statuses and bool(statuses & PAUSED),
        (Flag.I, Flag.A),
        "Suspended and Recovery never move the flag, so an earlier A may stand.",
        name="installed-paused",
    ),
    Case(
        "InstalledNotCommissioned, with Pending or Whitelisted",
        lambda statuses, ever: Status.INSTALLED in statuses and bool(statuses & NEVER_INSTALLED),
        (Flag.I,),
        "Not all of the meters are InstalledNotCommissioned.",
        name="installed-pending",
    ),
    Case(
        "InstalledNotCommissioned, beside it at most Decommissioned or Withdrawn",
        lambda statuses, ever: Status.INSTALLED in statuses,
        (Flag.I,),
    ),
    Case(
        "Suspended, Recovery or Recovered; none installed or commissioned",
        lambda statuses, ever: bool(statuses & PAUSED),
        (Flag.A, Flag.I, Flag.N, None),
        "Suspended and Recovery never move the flag.",
        name="paused",
    ),
    Case(
        "Decommissioned or Withdrawn; beside it at most Pending or Whitelisted",
        lambda statuses, ever: bool(statuses & GONE),
        (Flag.N,),
    ),
    Case("Pending or Whitelisted only", lambda statuses, ever: ever, (Flag.N,)),
    Case(
        "Pending or Whitelisted only",
        lambda statuses, ever: True,
        (None, Flag.N),
        "A single snapshot cannot prove that no meter was ever installed.",
        # A flag that once came from a meter is to become N, even if no extract of ours showed that meter.
        once=Flag.N,
        name="unseen",
    ),
)
"""The first table of docs/policy.md, line by line."""


def judge(flag: Flag | None, statuses: frozenset[Status], ever: bool) -> Verdict:
    """Judge one flag against the statuses of the point's smart meters.

    `ever`: an earlier extract showed the point with an InstalledNotCommissioned or Commissioned meter.
    """
    return judged_by(CASES, flag, statuses, ever)


def judged_by(cases: tuple[Case, ...], flag: Flag | None, statuses: frozenset[Status], ever: bool) -> Verdict:
    """The verdict of a table of the same flags as this one's."""
    case = first_case(cases, statuses, ever)
    rule = _rule(flag, shows(statuses), case.accepted)
    return Verdict(case.accepted, case.expected(flag), rule, case.undetermined)


def rule_elsewhere(flag: Flag | None, column: Shows, accepted: tuple[Flag | None, ...]) -> str | None:
    """The rule that a flag breaks by another policy, in the words of the catalogue where it has any."""
    if flag in accepted:
        return None
    return BROKEN.get((flag, column)) or (LEGACY.get(flag) if flag else None) or NOT_ALLOWED


def _rule(flag: Flag | None, column: Shows, accepted: tuple[Flag | None, ...]) -> str | None:
    if flag in LEGACY:
        return LEGACY[flag]
    if flag in accepted:
        return WATCHED.get((flag, column))
    return BROKEN.get((flag, column), NOT_ALLOWED)


MP077 = Policy(
    name="mp077",
    title="MP077",
    version="1.0",
    judge=judge,
    sources=("MP077 Modification Report v1.0, in force since 4 Nov 2021", "SEC Appendix X (RDIS), flag definitions"),
    about="The code in force, by which runs are judged.",
    cases=CASES,
)
