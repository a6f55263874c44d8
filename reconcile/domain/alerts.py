"""Alerts: what their codes mean, as far as that is public, and what a change of a device's status says of it.

In: nothing. Out: MEANINGS by code, CHANGES by their name in DUIS. Called by feeds, by ledger and by pages.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from .vocabulary import Status

LONGEST_ALERT_CODE = 40
"""Characters of a code that is kept, whether it is known or not; those that are known have two to four."""


ALERT_DAYS = 28
"""For so long an alert says that somebody is live where it came from; snapshots of alerts are kept for longer."""
STREET_POINTS, STREET_MINUTES = 5, 5
"""So many Meter Points of one whole postcode that tell of an outage within so many minutes of one another, if they are
more than half of those under A, prove that the supply of all was off: as many as make a storm of a whole area."""


class Sort(StrEnum):
    """What an alert is about, for whoever triages it."""

    OUTAGE = "outage"
    """The supply went off."""
    RESTORED = "restored"
    """The supply is back."""
    VOLTAGE = "voltage"
    """The quality of the supply left its limits, or came back."""
    STATUS = "status"
    """The status of a device changed: news for the flag, and nothing for a crew."""
    OTHER = "other"
    """Anything else, and every code that nobody knows."""


@dataclass(frozen=True)
class Meaning:
    """What a code means in words, what it is about, and where that can be read."""

    words: str
    sort: Sort
    source: str


SCHEMA = "DUIS 5.4 schema (PowerOutageEvent)"
NAMES = "GBCS alert codes, as public parsers of GBCS name them"
SETS = "DUIS 5.4 schema: the alerts that a network operator configures"
MANUAL = "A meter's manual (SGM1400): critical alerts for the network operator"


def _every_phase(first: int, words: str, sort: Sort, source: str, phases: int = 3) -> Iterator[tuple[str, Meaning]]:
    """The codes of one thing on each phase by itself, one after the other."""
    for phase in range(phases):
        yield f"{first + phase:04X}", Meaning(f"{words}, phase {phase + 1}", sort, source)


def _voltage() -> Iterator[tuple[str, Meaning]]:
    # The code of one phase, the first of its three codes of a polyphase meter, and the same for the return to normal.
    for one, first, words in (
        (0x8002, 0x8003, "average voltage too high"),
        (0x8006, 0x8007, "average voltage too low"),
        (0x8020, 0x8021, "voltage extremely high"),
        (0x8024, 0x8025, "voltage swell"),
        (0x8028, 0x8029, "voltage extremely low"),
        (0x802C, 0x802D, "voltage sag"),
    ):
        for offset, said in (
            (0, words.capitalize()),
            (0x83 if one < 0x8020 else 0x6D, f"{words.capitalize()}: back to normal"),
        ):
            yield f"{one + offset:04X}", Meaning(said, Sort.VOLTAGE, NAMES)
            yield from _every_phase(first + offset, said, Sort.VOLTAGE, SETS)


MEANINGS: dict[str, Meaning] = {
    "AD1": Meaning("Power outage", Sort.OUTAGE, SCHEMA),
    "8F35": Meaning("Supply restored after an outage", Sort.RESTORED, MANUAL),
    "8F36": Meaning("Supply restored after an outage of three minutes or more", Sort.RESTORED, MANUAL),
    **{f"{code:04X}": Meaning("Supply restored on one phase", Sort.RESTORED, NAMES) for code in range(0x8F37, 0x8F3D)},
    "8F57": Meaning("Supply interrupted", Sort.OUTAGE, NAMES),
    **dict(_every_phase(0x8F58, "Supply interrupted", Sort.OUTAGE, NAMES)),
    **dict(_voltage()),
    "8010": Meaning("Over current", Sort.VOLTAGE, NAMES),
    "8014": Meaning("Power factor below its threshold", Sort.VOLTAGE, NAMES),
    "8015": Meaning("Power factor back to normal", Sort.VOLTAGE, NAMES),
    "81BB": Meaning("Reverse current", Sort.OTHER, NAMES),
    "8F69": Meaning("Device commissioned", Sort.STATUS, NAMES),
}
"""Every code whose meaning is public. Of the N codes none is, so they are shown as they are until somebody fills in."""
DCC_CODES = frozenset(f"N{number}" for number in (*range(1, 32), *range(33, 66), 999))
"""The DCC's codes beside AD1 in the schemas 5.0 to 5.4. 5.0 ends at N62, and there is no N32."""


@dataclass(frozen=True)
class Change:
    """A change of a device's status: in words, and the status since then, None where the alert does not say which."""

    words: str
    status: Status | None


CHANGES: dict[str, Change] = {
    "MeterIdentity": Change("Meter commissioned, its identity told", Status.COMMISSIONED),
    "MeterDecommissioningOrWithdrawal": Change("Meter decommissioned or withdrawn", Status.DECOMMISSIONED),
    "DeviceRemovedFromInventory": Change("Device removed from the inventory", Status.WITHDRAWN),
    "CHFDecommissioning": Change("Communications hub decommissioned", None),
    "DeviceSuspended": Change("Device suspended", Status.SUSPENDED),
    "DeviceRestored": Change("Device restored from suspension", None),
    "RecoveryComplete": Change("Recovery complete", Status.RECOVERED),
    "RecoveryCompleteACBCredentials": Change("Recovery complete, with the DCC's credentials", Status.RECOVERED),
}
"""The forms of DeviceStatusChange, DUIS 5.0 to 5.4. A restored device has its old status again, which is not told."""


COMMISSIONED_CODE = "8F69"


def status_after(code: str, change: str) -> Status | None:
    """The status of a device since an alert; None where it says nothing of that, or not which."""
    if code == COMMISSIONED_CODE:
        return Status.COMMISSIONED
    return CHANGES[change].status if change in CHANGES else None


STATUS_FORMS: dict[str, Status | None] = {
    COMMISSIONED_CODE: Status.COMMISSIONED,
    **{form: change.status for form, change in CHANGES.items() if form != "CHFDecommissioning"},
}
"""What tells of a meter's own status, by the form or the code -> the status since; None: its old one again."""


def is_sign_of_life(code: str, change: str) -> bool:
    """Whether an alert proves that something is live where it came from; what the DCC says of itself does not."""
    return not change and not code.startswith("N")


OF_DEVICES = "^[0-9A-F]{4}$"
"""The codes of devices (GBCS: two bytes). AD1 is none: a hub sends it, when the meter has lost its supply."""


def sort_of(code: str, change: str = "") -> Sort:
    """What an alert is about; whatever names a change of status is one."""
    if change:
        return Sort.STATUS
    found = MEANINGS.get(code)
    return found.sort if found else Sort.OTHER


def meaning_of(code: str, change: str = "") -> str:
    """What an alert says in words, as far as that is public; empty where it is not."""
    if change in CHANGES:
        return CHANGES[change].words
    found = MEANINGS.get(code)
    return found.words if found else ""


OUTAGES, RESTORATIONS = (
    tuple(code for code, meaning in MEANINGS.items() if meaning.sort == sort) for sort in (Sort.OUTAGE, Sort.RESTORED)
)
