"""What can be planted at a Meter Point: pictures of it, and the scenarios that lead from one to the next.

In: nothing. Out: SCENARIOS (each breaks a rule), CORRECT and TWIN. Called by stories.py. The rules that a picture
breaks are stated here by hand, cell by cell of design.md, so that truth.csv is an opinion of its own.
"""

from dataclasses import dataclass

from reconcile.domain.vocabulary import Fuel, Status

P, WL, INC, C, D, W, SUS, REC, RECD = Status
FOREIGN = 2
"""The slot of a meter of the other fuel."""


@dataclass(frozen=True)
class Picture:
    """A Meter Point at one moment, and the rules it `breaks` then.

    `meter` and `second` are the statuses of its smart meters, `foreign` that of a meter of the other fuel. `twice` is a
    second row in the extract: its flag, and by how many days its date is older. `answers` are E46 outcomes in order.
    """

    flag: str | None = None
    meter: Status | None = None
    second: Status | None = None
    foreign: Status | None = None
    breaks: tuple[str, ...] = ()
    expected: str | None = None
    twice: tuple[str | None, int] | None = None
    answers: tuple[str, ...] = ()
    registered: bool = True

    @property
    def slots(self) -> tuple[Status | None, Status | None, Status | None]:
        """The statuses of its three possible meters."""
        return self.meter, self.second, self.foreign

    @property
    def statuses(self) -> list[Status]:
        """The statuses of the meters that count, one a meter."""
        return [status for status in (self.meter, self.second) if status]

    @property
    def waits(self) -> bool:
        """Whether a meter was installed and left, under a flag that leaves it to be commissioned."""
        return self.registered and self.flag in (None, "I", "N") and INC in self.statuses and C not in self.statuses


@dataclass(frozen=True)
class Scenario:
    """`before` -> `wrong` -> `after`, in shares of `weight`; `absent` stands in where one extract lacks the point.

    `kinds` are the schedules (stories.py) that make sense for it; empty for all of them.
    """

    name: str
    weight: float
    wrong: Picture
    before: Picture = Picture()
    after: Picture = Picture()
    fuel: Fuel | None = None
    absent: Picture | None = None
    kinds: tuple[str, ...] = ()


def wrong(  # noqa: PLR0917 - a call reads as a row of a table
    breaks: str,
    expected: str | None,
    flag: str | None = None,
    meter: Status | None = None,
    second: Status | None = None,
    foreign: Status | None = None,
    twice: tuple[str | None, int] | None = None,
    answers: tuple[str, ...] = (),
    registered: bool = True,
) -> Picture:
    """A picture that breaks the rules named (with spaces between)."""
    return Picture(flag, meter, second, foreign, tuple(breaks.split()), expected, twice, answers, registered)


def steady(name: str, weight: float, picture: Picture, fuel: Fuel | None = None) -> Scenario:
    """A picture that never changes."""
    return Scenario(name, weight, picture, fuel=fuel, kinds=("steady",))


BARE = Picture()
ACTIVE = Picture("A", C)
INSTALLED = Picture("I", INC)
REMOVED = Picture("N", D)
CLEARED = Picture("N")
OLD_METER = Picture("A", None, C)
EXCHANGED = Picture("A", C, D)
UNKNOWN = Picture(registered=False)
GAS, ELECTRICITY = Fuel.GAS, Fuel.ELECTRICITY
STAYS = ("steady", "mended")
ONCE = ("steady", "arrives", "mended", "passing")
LATER = ("arrives later",)

SCENARIOS = (
    # The flag was never taken back when the meter went: the dominant error.
    Scenario("removed", 26, wrong("A_REMOVED", "N", "A", D), ACTIVE, REMOVED),
    Scenario("withdrawn", 5, wrong("A_REMOVED", "N", "A", W), ACTIVE, Picture("N", W)),
    Scenario("both gone", 2, wrong("A_REMOVED", "N", "A", D, W), Picture("A", C, W), Picture("N", D, W)),
    Scenario("vanished", 24, wrong("A_NO_METER", "N", "A"), ACTIVE, CLEARED, absent=UNKNOWN),
    # A flag that ran ahead of the meter.
    Scenario("ahead pending", 3, wrong("A_NOT_INSTALLED", "N", "A", P), Picture(None, P), Picture(None, P)),
    Scenario("ahead listed", 2, wrong("A_NOT_INSTALLED", "N", "A", WL), Picture(None, WL), Picture(None, WL)),
    Scenario("ahead", 6, wrong("A_NOT_COMMISSIONED", "I", "A", INC), INSTALLED, ACTIVE, kinds=ONCE),
    Scenario("exchange half done", 2, wrong("A_NOT_COMMISSIONED", "I", "A", INC, D), OLD_METER, EXCHANGED, kinds=ONCE),
    Scenario(
        "ahead, second pending", 0.3, wrong("A_NOT_COMMISSIONED", "I", "A", INC, P), INSTALLED, ACTIVE, kinds=STAYS
    ),
    # Watch: the flag is right, the service is not.
    Scenario("suspended", 5, wrong("A_SUSPENDED", "A", "A", SUS), ACTIVE, ACTIVE),
    Scenario("in recovery", 1, wrong("A_SUSPENDED", "A", "A", REC), ACTIVE, ACTIVE),
    Scenario("recovered", 0.5, wrong("A_SUSPENDED", "A", "A", RECD, D), EXCHANGED, EXCHANGED),
    # Flag I.
    Scenario("I, vanished", 2, wrong("I_NO_METER", "N", "I"), INSTALLED, CLEARED, absent=UNKNOWN),
    Scenario("I, listed", 1.5, wrong("I_NOT_INSTALLED", "N", "I", WL), Picture(None, WL), INSTALLED, kinds=ONCE),
    Scenario("I, commissioned", 6, wrong("I_COMMISSIONED", "A", "I", C), INSTALLED, ACTIVE),
    Scenario("I, removed", 2, wrong("I_REMOVED", "N", "I", D), INSTALLED, REMOVED),
    # Flag N.
    Scenario("N, installed", 2, wrong("N_INSTALLED", "I", "N", INC), Picture("N", P), INSTALLED),
    Scenario(
        "N, half suspended", 0.5, wrong("N_INSTALLED", "I", "N", INC, SUS), Picture("N", P, SUS), Picture("I", INC, SUS)
    ),
    Scenario("N, commissioned", 3, wrong("N_COMMISSIONED", "A", "N", C), ACTIVE, ACTIVE),
    Scenario("N, exchanged", 3, wrong("N_COMMISSIONED", "A", "N", C, D), Picture("N", None, D), EXCHANGED),
    # No flag at all.
    Scenario("install and leave", 4, wrong("NULL_INSTALLED", "I", None, INC), Picture(None, P), INSTALLED),
    Scenario(
        "left, then commissioned", 2, wrong("NULL_INSTALLED", "I", None, INC), Picture(None, P), ACTIVE, kinds=ONCE
    ),
    Scenario("no flag", 6, wrong("NULL_COMMISSIONED", "A", None, C), BARE, ACTIVE),
    Scenario("flag lost", 2, wrong("NULL_REMOVED", "N", None, D), REMOVED, REMOVED),
    # Only an earlier inventory can tell that a meter was here.
    Scenario("gone without trace", 1.5, wrong("NULL_REMOVED", "N"), ACTIVE, CLEARED, kinds=LATER),
    Scenario("gone, new one listed", 0.4, wrong("NULL_REMOVED", "N", None, WL), OLD_METER, kinds=LATER),
    # Values that MP077 took out of the code.
    Scenario("S, live", 0.5, wrong("LEGACY_S", "A", "S", C), ACTIVE, ACTIVE, kinds=STAYS),
    Scenario("S, suspended", 0.5, wrong("LEGACY_S", "A", "S", SUS), ACTIVE, Picture("N", SUS), kinds=STAYS),
    Scenario("S, removed", 0.3, wrong("LEGACY_S", "N", "S", D), REMOVED, REMOVED, kinds=STAYS),
    Scenario("W, removed", 0.8, wrong("LEGACY_W", "N", "W", D), REMOVED, REMOVED, kinds=STAYS),
    Scenario("W, no meter", 0.3, wrong("LEGACY_W", "N", "W"), CLEARED, CLEARED, kinds=STAYS),
    # Meters where they should not be.
    Scenario("mistyped MPAN", 3, wrong("SMI_ONLY", "A", None, C, registered=False), UNKNOWN, UNKNOWN, ELECTRICITY),
    Scenario(
        "late MPAN", 2, wrong("SMI_ONLY", "A", None, C, registered=False), UNKNOWN, ACTIVE, ELECTRICITY, kinds=ONCE
    ),
    Scenario("mistyped, INC", 1, wrong("SMI_ONLY", "I", None, INC, registered=False), UNKNOWN, UNKNOWN, ELECTRICITY),
    Scenario("mistyped, gone", 0.5, wrong("SMI_ONLY", "N", None, D, registered=False), UNKNOWN, UNKNOWN, ELECTRICITY),
    Scenario("other fuel too", 1.5, wrong("FUEL_MISMATCH", "A", "A", C, foreign=C), ACTIVE, ACTIVE),
    Scenario("other fuel only", 1, wrong("FUEL_MISMATCH", None, foreign=C)),
    Scenario("other fuel instead", 0.5, wrong("A_NO_METER FUEL_MISMATCH", "N", "A", foreign=C), ACTIVE, ACTIVE),
    Scenario(
        "other fuel, unknown",
        0.4,
        wrong("FUEL_MISMATCH", None, foreign=C, registered=False),
        UNKNOWN,
        UNKNOWN,
        ELECTRICITY,
    ),
    Scenario("two live", 1.5, wrong("MANY_METERS", "A", "A", C, C), ACTIVE, EXCHANGED),
    Scenario("live and INC", 0.7, wrong("MANY_METERS", "A", "A", C, INC), ACTIVE, EXCHANGED),
    Scenario("two INC", 0.3, wrong("MANY_METERS", "I", "I", INC, INC), INSTALLED, INSTALLED),
    Scenario("two live, N", 0.3, wrong("N_COMMISSIONED MANY_METERS", "A", "N", C, C), ACTIVE, EXCHANGED),
    Scenario(
        "two INC, A", 0.3, wrong("A_NOT_COMMISSIONED MANY_METERS", "I", "A", INC, INC), INSTALLED, EXCHANGED, kinds=ONCE
    ),
    # What the registration systems answer, and what they say twice.
    Scenario(
        "update rejected",
        3,
        wrong("A_REMOVED UPDATE_REJECTED", "N", "A", D, answers=("RJ",)),
        ACTIVE,
        Picture("N", D, answers=("AC",)),
        GAS,
    ),
    Scenario(
        "needless update",
        1,
        wrong("UPDATE_REJECTED", "N", "N", D, answers=("RJ",)),
        REMOVED,
        Picture("N", D, answers=("AC",)),
        GAS,
    ),
    Scenario(
        "accepted, rejected",
        0.5,
        wrong("UPDATE_REJECTED", "A", "A", C, answers=("AC", "RJ")),
        ACTIVE,
        Picture("A", C, answers=("AC",)),
        GAS,
    ),
    Scenario(
        "update of MPAN rejected",
        3,
        wrong("A_REMOVED UPDATE_REJECTED", "N", "A", D, answers=("RJ",)),
        fuel=ELECTRICITY,
        kinds=("steady",),
    ),
    Scenario(
        "needless update of MPAN",
        1,
        wrong("UPDATE_REJECTED", "N", "N", D, answers=("RJ",)),
        fuel=ELECTRICITY,
        kinds=("steady",),
    ),
    Scenario("superseded row", 2, wrong("DUPLICATE_FLAG", "A", "A", C, twice=("N", 400)), ACTIVE, ACTIVE),
    Scenario(
        "wrong row last", 0.7, wrong("N_COMMISSIONED DUPLICATE_FLAG", "A", "N", C, twice=("A", 20)), ACTIVE, ACTIVE
    ),
    Scenario("row without flag", 0.5, wrong("DUPLICATE_FLAG", "A", "A", C, twice=(None, 0)), ACTIVE, ACTIVE),
    Scenario("tie, A and N", 0.5, wrong("DUPLICATE_FLAG", "A", "A", C, twice=("N", 0)), ACTIVE, ACTIVE),
    Scenario("tie, I and N", 0.3, wrong("DUPLICATE_FLAG", "I", "I", INC, twice=("N", 0)), INSTALLED, INSTALLED),
    # Absent from one extract: the discrepancy stays open unseen, and a meter at an absent MPAN is SMI_ONLY that day.
    Scenario(
        "removed, absent",
        1,
        wrong("A_REMOVED", "N", "A", D),
        fuel=GAS,
        absent=Picture(None, D, registered=False),
        kinds=("absent",),
    ),
    Scenario(
        "removed, MPAN absent",
        0.5,
        wrong("A_REMOVED", "N", "A", D),
        fuel=ELECTRICITY,
        absent=wrong("SMI_ONLY", "N", None, D, registered=False),
        kinds=("absent",),
    ),
)

CORRECT = (
    steady("smart", 55, ACTIVE),
    steady("no smart meter", 27, BARE),
    Scenario("newly commissioned", 8, ACTIVE, BARE, kinds=("arrives",)),
    steady("exchanged", 2.5, EXCHANGED),
    steady("removed", 2.2, REMOVED),
    steady("cleared", 2.4, CLEARED),
    steady("installed", 1.6, INSTALLED),
    steady("pending", 0.8, Picture(None, P)),
    steady("listed", 0.3, Picture(None, WL)),
    steady("exchanged, withdrawn", 0.3, Picture("A", C, W)),
    steady("removed, withdrawn", 0.3, Picture("N", W)),
    steady("installed again", 0.3, Picture("I", INC, D)),
    steady("N, pending", 0.2, Picture("N", P)),
    steady("N, suspended", 0.1, Picture("N", SUS)),
    # Cases that the code leaves undetermined: every accepted flag is no discrepancy.
    steady("I and pending", 0.05, Picture("I", INC, P)),
    steady("live and suspended", 0.05, Picture("A", C, SUS)),
    steady("A, INC and suspended", 0.03, Picture("A", INC, SUS)),
    steady("I, INC and recovery", 0.03, Picture("I", INC, REC)),
    steady("I, recovery", 0.03, Picture("I", REC)),
    steady("no flag, suspended", 0.03, Picture(None, SUS)),
    steady("N, recovered", 0.03, Picture("N", RECD, D)),
    steady("unknown MPRN", 0.1, Picture(None, C, registered=False), fuel=GAS),
    steady("row repeated", 0.02, Picture("A", C, twice=("A", 0))),
    steady("rejected, accepted", 0.02, Picture("A", C, answers=("RJ", "AC")), fuel=GAS),
    # What changes as it should.
    Scenario("becomes smart", 0.4, ACTIVE, BARE, kinds=("arrives",)),
    Scenario("becomes commissioned", 0.25, ACTIVE, INSTALLED, kinds=("arrives",)),
    Scenario("becomes installed", 0.15, INSTALLED, BARE, kinds=("arrives",)),
    Scenario("goes", 0.3, REMOVED, ACTIVE, kinds=("arrives",)),
    Scenario("is exchanged", 0.3, EXCHANGED, OLD_METER, kinds=("arrives",)),
)

TWIN = (
    # Export and second import MPANs: their meter is the one of the point beside them, and stays Commissioned.
    steady("twin", 98, ACTIVE, fuel=ELECTRICITY),
    Scenario("twin without flag", 1, wrong("NULL_COMMISSIONED", "A", None, C), ACTIVE, ACTIVE, ELECTRICITY),
    Scenario("twin at N", 1, wrong("N_COMMISSIONED", "A", "N", C), ACTIVE, ACTIVE, ELECTRICITY),
)
