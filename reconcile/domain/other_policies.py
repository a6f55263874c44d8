"""The readings of the flag that were proposed, or held, and are not the code in force: each a table, each one function.

In: a flag, a set of SMI statuses, seen before or not. Out: a Verdict. Called through domain.policies.
Sources: the papers of MP077, by the number of the file among them: 000 early report, 001 DCC's Preliminary Impact
Assessment, 002 Panel paper with Annex A (requirements v0.4), 003 Modification Report v1.0, 004 problem statement.
"""

from collections.abc import Callable

from .mp077 import CASES as MP077_CASES
from .mp077 import rule_elsewhere
from .policy import Case, Policy, Verdict, first_case
from .vocabulary import GONE, NEVER_INSTALLED, PAUSED, Flag, Status, shows

A, N, S, W = Flag.A, Flag.N, Flag.S, Flag.W
SUSPENDED = frozenset({Status.SUSPENDED})
WITHDRAWN = frozenset({Status.WITHDRAWN})
NOT_OPERATING = frozenset({Status.INSTALLED, Status.DECOMMISSIONED, Status.RECOVERY, Status.RECOVERED})
"""The statuses of N in requirement 3 (001 section 1.4; 002 Annex A 2.4)."""
NO_PROOF = "A single snapshot cannot prove that no meter was ever there."
REMOVED_OR_NOT = "Seen before tells of an InstalledNotCommissioned or Commissioned meter, not of which."


def _has(*some: Status) -> Callable[[frozenset[Status], bool], bool]:
    return lambda statuses, ever: bool(statuses.intersection(some))


def _only(those: frozenset[Status]) -> Callable[[frozenset[Status], bool], bool]:
    """One meter at least, and every one of them in these."""
    return lambda statuses, ever: bool(statuses) and statuses <= those


def _seen(statuses: frozenset[Status], ever: bool) -> bool:
    return ever


def _always(statuses: frozenset[Status], ever: bool) -> bool:
    return True


COMMISSIONED = Case("Commissioned, whatever else", _has(Status.COMMISSIONED), (A,))
"""A: at least one Commissioned meter; all of the papers say so (002 Annex A 2.2; 003 section 3)."""

BEFORE_CASES = (
    COMMISSIONED,
    # 003 section 2: A stays "even when all Smart Meters have been physically removed"; 001 "Terminology": the DCC never
    # told registration of a change after A. 001 "DSP Solution Overview": what is decommissioned has been Active.
    Case("Decommissioned, none Commissioned", _has(Status.DECOMMISSIONED), (A,)),
    # 001 requirement 2: W "would require that all meters are set to the SMI state Withdrawn".
    Case(
        "Withdrawn only",
        _only(WITHDRAWN),
        (W, A),
        "W is for meters that are all Withdrawn, and the request for that (SRV 8.5) was closed to every user.",
    ),
    Case("Withdrawn, not alone", _has(Status.WITHDRAWN), (A,)),
    # 001 requirement 1: "set to Suspended ... will require all meters to be in the Suspended state".
    Case(
        "Suspended only",
        _only(SUSPENDED),
        (S, A, None),
        "S is for meters that are all Suspended, and was never used; whether they were Commissioned is not shown.",
    ),
    Case(
        "Suspended, Recovery or Recovered; none gone or commissioned",
        _has(*PAUSED),
        (A, None),
        "None of these sets a flag, and whether the meter was Commissioned before is not shown.",
    ),
    Case("Pending, Whitelisted or InstalledNotCommissioned only", _seen, (None, A), REMOVED_OR_NOT),
    Case(
        "Pending, Whitelisted or InstalledNotCommissioned only",
        _always,
        (None, A),
        "A is for ever, and a single snapshot cannot prove that no meter was ever Commissioned.",
    ),
)

REQUIREMENTS_CASES = (
    COMMISSIONED,
    Case("InstalledNotCommissioned, Decommissioned, Recovery or Recovered only", _only(NOT_OPERATING), (N,)),
    Case(
        "InstalledNotCommissioned, with a status that is not of N",
        _has(Status.INSTALLED),
        (N,),
        "N is for one meter that is InstalledNotCommissioned by the first circumstance, for all meters by the second.",
    ),
    # 001 requirement 1 sets S for these; 003 section 7 recalls that N was to have them; 002 Annex A leaves S open.
    Case(
        "Suspended only",
        _only(SUSPENDED),
        (S, N),
        "Requirement 1 sets S where all meters are Suspended; the Modification Report says that N was to hold these.",
    ),
    Case(
        "Suspended, not alone",
        _has(Status.SUSPENDED),
        (N, S),
        "S is for meters that are all Suspended, and Suspended is not among the statuses of N.",
    ),
    Case(
        "Withdrawn, or Decommissioned, Recovery or Recovered with Pending, Whitelisted or Withdrawn",
        _has(*GONE, *PAUSED),
        (N,),
        "N is for all meters in its four statuses; Pending, Whitelisted and Withdrawn are not among them.",
    ),
    Case(
        "Pending or Whitelisted only",
        _seen,
        (N,),
        "The circumstances of N speak of meters in a status, not of meters that have gone.",
    ),
    Case("Pending or Whitelisted only", _always, (None, N), NO_PROOF, once=N),
)

PIA_CASES = (
    COMMISSIONED,
    Case("Decommissioned only", _only(frozenset({Status.DECOMMISSIONED})), (N,)),
    Case(
        "Decommissioned, with any other but Commissioned",
        _has(Status.DECOMMISSIONED),
        (A, N),
        "N is not set while another Smart Meter is associated with the Meter Point; the example is a Commissioned one.",
    ),
    Case(
        "Suspended, Recovery, Recovered or Withdrawn; none Commissioned or Decommissioned",
        _has(*PAUSED, Status.WITHDRAWN),
        (A, N, None),
        "None of these moves the status, so what came before stands.",
    ),
    Case(
        "InstalledNotCommissioned, beside it at most Pending or Whitelisted",
        lambda statuses, ever: Status.INSTALLED in statuses and ever,
        (None, A, N),
        "InstalledNotCommissioned does not move the status, so what an earlier meter left stands.",
    ),
    Case(
        "InstalledNotCommissioned, beside it at most Pending or Whitelisted",
        _has(Status.INSTALLED),
        (None, N),
        NO_PROOF,
    ),
    Case(
        "Pending or Whitelisted only",
        lambda statuses, ever: bool(statuses) and ever,
        (N, A, None),
        f"{REMOVED_OR_NOT} While another meter is associated, whatever its status, N is not set.",
    ),
    Case("No smart meter", _seen, (N, None), REMOVED_OR_NOT),
    Case("Pending or Whitelisted only", _always, (None, N), NO_PROOF, once=N),
)

WHICH_S = (
    "S is for meters that are all Suspended; whether one that has gone or is not yet installed counts is not said."
)
ALTERNATIVE_CASES = (
    # The four flags A, N, I and S of 003 section 7; what S means is said in 001 requirement 1 alone.
    COMMISSIONED,
    Case("Suspended only", _only(SUSPENDED), (S,)),
    Case(
        "Suspended, beside it at most Decommissioned, Withdrawn, Pending or Whitelisted",
        lambda statuses, ever: Status.SUSPENDED in statuses and statuses <= SUSPENDED | GONE | NEVER_INSTALLED,
        (S,),
        WHICH_S,
    ),
    Case(
        "Suspended with Recovery or Recovered; none installed or commissioned",
        lambda statuses, ever: Status.SUSPENDED in statuses and Status.INSTALLED not in statuses,
        (S, A, Flag.I, N, None),
        "S is for meters that are all Suspended, and Recovery never moves the flag.",
    ),
    *MP077_CASES[1:],
)


def before(flag: Flag | None, statuses: frozenset[Status], ever: bool) -> Verdict:
    """What registration could know before 4 November 2021: A, S, W; A at the first commissioning and for ever."""
    return _judged(BEFORE_CASES, flag, statuses, ever)


def requirements(flag: Flag | None, statuses: frozenset[Status], ever: bool) -> Verdict:
    """The business requirements: N for INC, Decommissioned, Recovery and Recovered; no I."""
    return _judged(REQUIREMENTS_CASES, flag, statuses, ever)


def pia(flag: Flag | None, statuses: frozenset[Status], ever: bool) -> Verdict:
    """The DSP's own rules: A and N only; Suspended, Recovery and INC move nothing (001 "DCC Service Status Rules")."""
    return _judged(PIA_CASES, flag, statuses, ever)


def alternative(flag: Flag | None, statuses: frozenset[Status], ever: bool) -> Verdict:
    """The rejected Alternative Solution: A, N, I and S (003 section 7)."""
    return _judged(ALTERNATIVE_CASES, flag, statuses, ever)


def _judged(cases: tuple[Case, ...], flag: Flag | None, statuses: frozenset[Status], ever: bool) -> Verdict:
    case = first_case(cases, statuses, ever)
    rule = rule_elsewhere(flag, shows(statuses), case.accepted)
    return Verdict(case.accepted, case.expected(flag), rule, case.undetermined)


BEFORE = Policy(
    name="before",
    title="Before MP077",
    version="1.0",
    judge=before,
    sources=(
        "MP077 Modification Report v1.0, section 2 (003)",
        "DCC Preliminary Impact Assessment, requirements 1 and 2, “Terminology and Definitions” (001)",
        "DP077 problem statement (004)",
    ),
    about="What registration could know before 4 November 2021: A at the first commissioning and for ever; S and W.",
    cases=BEFORE_CASES,
)
REQUIREMENTS = Policy(
    name="requirements",
    title="Business requirements",
    version="0.4",
    judge=requirements,
    sources=(
        "MP077 Annex A, business requirements v0.4, requirement 3 (002, 000)",
        "DCC Preliminary Impact Assessment, requirements 1 to 3 (001)",
    ),
    about="What the working group asked for first: N for every meter that does not work in smart mode, and no I.",
    cases=REQUIREMENTS_CASES,
)
PIA = Policy(
    name="pia",
    title="Preliminary Impact Assessment",
    version="1.0",
    judge=pia,
    sources=("DCC Preliminary Impact Assessment, “DCC Service Status Rules”, “DSP Solution Overview” (001)",),
    about="The rules that the DSP had in its own inventory: A and N only; Suspended and Recovery are left out.",
    cases=PIA_CASES,
)
ALTERNATIVE = Policy(
    name="alternative",
    title="Rejected alternative",
    version="1.0",
    judge=alternative,
    sources=(
        "MP077 Modification Report v1.0, “Rejected Alternative Solution” (003)",
        "DCC Preliminary Impact Assessment, requirement 1, for what S means (001)",
    ),
    about="MP077 with S kept for meters that are all Suspended; the working group did without.",
    cases=ALTERNATIVE_CASES,
)
