"""One Meter Point as a run judged it, in words.

In: a run's Inputs, a number and what the run found of it. Out: Trace, or None where neither side knows the point.
Called by ledger.queries.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from reconcile.domain.policy import Policy, Verdict
from reconcile.domain.reads import METERS
from reconcile.domain.rejections import next_step, reason_in_words
from reconcile.domain.rules import RULES
from reconcile.domain.smets import GENERATION_NAMES, generation
from reconcile.domain.timeline import Shown
from reconcile.domain.vocabulary import (
    FIRST_MPAN,
    FLAG_NAMES,
    METER_FUEL,
    SHOWS_NAMES,
    DeviceType,
    Flag,
    Shows,
    fuel_of,
    network_named,
    shows,
    statuses_in,
    statuses_text,
)
from reconcile.feeds.values.devices import described, eui_64_text

from .contract import Inputs
from .found import Found
from .point import PointRows, Row, judge_point
from .told import Said

TIMING = "Timing"


@dataclass(frozen=True)
class DeviceEvidence:
    """A device that the inventory associates with the point. `counts`: for the flag; `why` says why or why not.

    `was_read`: reads of it are loaded; `last_heard`: the last proof of its life, UTC, and `heard_by` what says so
    (domain.reads).
    `changed_on`: the day of the alert that told its status since the inventory; `changed_by`: the order of its file.
    """

    device_id: str
    device_type: str
    status: str | None
    status_from: date | None
    role: str
    smets: str | None
    manufacturer: str | None
    model: str | None
    firmware: str | None
    csp_region: str | None
    counts: bool
    why: str
    was_read: bool = False
    last_heard: datetime | None = None
    heard_by: str | None = None
    changed_on: date | None = None
    changed_by: int | None = None

    @property
    def generation(self) -> str:
        """SMETS1 or SMETS2 of a smart meter, in words; empty of other devices."""
        is_meter = self.device_type in set(METER_FUEL)
        return GENERATION_NAMES[generation(self.smets, self.csp_region)] if is_meter else ""


@dataclass(frozen=True)
class DspView:
    """What the DSP itself holds. `notified`: whether it says that registration was told, None where it does not say.

    `certain`: its newest lines of the point could be read and agree; else `status` and the rest mean nothing.
    """

    status: str | None
    status_from: date | None
    notified: bool | None
    certain: bool


@dataclass(frozen=True)
class Standing:
    """What the run found of a point: the rules (codes) that it breaks, and since when, as every run bounds it."""

    rules: tuple[str, ...] = ()
    in_flight: bool = False
    wrong_since_earliest: date | None = None
    wrong_since_latest: date | None = None


@dataclass(frozen=True)
class Trace:
    """Everything that decides a point's verdict. `shown`: its devices as the inventory has them, where is_as_shown.

    `told`: the place of an extract among those of the run -> the flag that it tells (lake.point.PointRows).
    """

    mpxn: int
    fuel: str
    as_of: date
    in_registration: bool
    network: str | None
    supplier: str | None
    flag: str | None
    flag_from: date | None
    registration_date: date | None
    other_flags: list[str]
    point_status: str | None
    flag_unread: bool
    meter_unread: bool
    registered_meter: str | None
    dsp: DspView | None
    devices: list[DeviceEvidence]
    shown: list[Shown]
    told: dict[int, Said]
    statuses: str
    shows: Shows
    ever: bool
    policy: str
    verdict: Verdict
    rules: list[str]
    in_flight: bool
    wrong_since_earliest: date | None
    wrong_since_latest: date | None
    rejected_update: str
    next_step_after_rejection: str
    steps: list[tuple[str, str]]


def trace(inputs: Inputs, policy: Policy, mpxn: int, standing: Standing, left: Found | None = None) -> Trace | None:
    """Follow one point through a run's inputs, judged by the run's policy. `left`: by the run, of what it found."""
    rows = judge_point(inputs, policy, mpxn, left if standing.rules else None)
    if rows.judged is None and not rows.devices:
        return None
    return _trace(inputs, policy, rows, standing, mpxn)


def _trace(inputs: Inputs, policy: Policy, rows: PointRows, standing: Standing, mpxn: int) -> Trace:
    point = rows.judged or {}
    flag = Flag(point["flag"]) if point.get("flag") else None
    statuses = statuses_in(point.get("mask", 0))
    facts = {
        "mpxn": mpxn,
        "fuel": fuel_of(mpxn).value,
        "as_of": inputs.as_of,
        "in_registration": point.get("in_flags", False),
        "network": point.get("network"),
        "supplier": point.get("supplier"),
        "flag": flag,
        "flag_from": point.get("flag_from"),
        "registration_date": rows.registration_date,
        "other_flags": rows.conflicts,
        "point_status": point.get("point_status"),
        "flag_unread": rows.unread_flag,
        "meter_unread": rows.unread_meter,
        "registered_meter": eui_64_text(rows.registered_meter) if rows.registered_meter else None,
        "devices": [_device(row, mpxn, rows) for row in rows.devices],
        "dsp": _dsp(rows.dsp),
        "shown": [
            Shown(inputs.inventory.as_of, eui_64_text(row["device_id"]), row["status"], row["status_from"])
            for row in rows.shown
        ],
        "told": rows.told,
        "statuses": statuses_text(point.get("mask", 0)),
        "shows": shows(statuses),
        "ever": rows.ever,
        "policy": policy.title,
        "verdict": policy.judge(flag, statuses, rows.ever),
        "rules": list(standing.rules),
        "in_flight": standing.in_flight,
        "wrong_since_earliest": standing.wrong_since_earliest,
        "wrong_since_latest": standing.wrong_since_latest,
        **_rejection(rows.response),
    }
    return Trace(**facts, steps=_steps(facts, inputs.grace_days))


def _device(row: Row, mpxn: int, rows: PointRows) -> DeviceEvidence:
    heard, change = rows.heard.get(row["device_id"]), rows.changes.get(row["device_id"])
    counts, why = _counts(row["device_type"], mpxn)
    return DeviceEvidence(
        device_id=eui_64_text(row["device_id"]),
        device_type=row["device_type"],
        status=row["status"],
        status_from=row["status_from"],
        role=row["role"],
        **described(row["description"]),
        counts=counts,
        why=why,
        was_read=bool(heard and heard["was_read"]),
        last_heard=heard["heard_at"] if heard else None,
        heard_by=heard["source"] if heard else None,
        changed_on=change["sent_at"].date() if change else None,
        changed_by=change["extract_order"] if change else None,
    )


def _dsp(said: Row | None) -> DspView | None:
    """Of what cannot be told nothing is shown as if it could."""
    if said is None:
        return None
    if not said["certain"]:
        return DspView(None, None, None, False)
    return DspView(said["status"] or None, said["status_from"], said["notified"], True)


def _counts(device_type: str, mpxn: int) -> tuple[bool, str]:
    fuel = METER_FUEL.get(DeviceType(device_type))
    if fuel is None:
        return False, "Only electricity and gas smart meters (ESME, GSME) count for the flag."
    if fuel != fuel_of(mpxn):
        return False, f"A meter for {fuel.value} on {'an MPAN' if mpxn >= FIRST_MPAN else 'an MPRN'} does not count."
    return True, "A smart meter of this fuel: its status counts."


def _rejection(newest: Row | None) -> dict[str, str]:
    """The newest answer to an update, where it is a rejection, and what to do about it."""
    if newest is None or newest["outcome"] != "RJ":
        return {"rejected_update": "", "next_step_after_rejection": ""}
    flag = f"to flag {newest['flag']}" if newest["flag"] else "of the flag"
    words = f"The update {flag} from {_day(newest['flag_from'])} was rejected on {_day(newest['as_of'])}."
    if newest["reason"]:
        words = f"{words} The reason: {reason_in_words(newest['reason'])}."
    return {"rejected_update": words, "next_step_after_rejection": next_step(newest["reason"])}


def _steps(facts: dict[str, Any], grace_days: int) -> list[tuple[str, str]]:
    steps = [
        ("Registration", _registration_words(facts)),
        ("Inventory", _inventory_words(facts)),
        *([("DSP", _dsp_words(facts["dsp"]))] if facts["dsp"] else []),
        ("Seen before", _ever_words(facts)),
        ("Policy", _policy_words(facts)),
        ("Rules", _rule_words(facts)),
    ]
    if facts["rules"]:
        steps.append((TIMING, f"{_timing_words(facts, grace_days)} {_since_words(facts)}"))
    return steps


def _registration_words(facts: dict[str, Any]) -> str:
    unread = "A line of registration that is or may be about this Meter Point could not be read: its flag is not known."
    if not facts["in_registration"]:
        return unread if facts["flag_unread"] else "No registration extract of this run holds the Meter Point."
    flag = f"flag {facts['flag']}" if facts["flag"] else "no flag"
    since = f" from {_day(facts['flag_from'])}" if facts["flag_from"] else ""
    words = [
        f"{network_named(facts['network']).name} registers {flag}{since} (data of {_day(facts['registration_date'])})."
    ]
    words += [unread] if facts["flag_unread"] else []
    words += [f"Registration says that it is {facts['point_status']}."] if facts["point_status"] else []
    words += [f"One extract gave the point two flags: {flags}." for flags in facts["other_flags"]]
    if facts["rejected_update"]:
        words.append(facts["rejected_update"])
    return " ".join(words)


def _inventory_words(facts: dict[str, Any]) -> str:
    counted = [device for device in facts["devices"] if device.counts]
    if counted:
        meters = "; ".join(f"{device.device_id} {device.status} since {_day(device.status_from)}" for device in counted)
        words = [f"{SHOWS_NAMES[facts['shows']]}: {meters}."]
    else:
        words = ["The inventory associates no smart meter of this fuel with the Meter Point."]
    if facts["meter_unread"]:
        words.append("Another line of the inventory that is or may be about this Meter Point could not be read.")
    words += [
        f"An alert of {_day(device.changed_on)} says that {device.device_id} is {device.status}, since the inventory."
        for device in counted
        if device.changed_on
    ]
    words += [_life_words(device) for device in counted if device.was_read or device.last_heard]
    if facts["registered_meter"]:
        words.append(f"Registration holds the meter {facts['registered_meter']}.")
    return " ".join(words)


def _dsp_words(dsp: DspView) -> str:
    """The third side: the DSP's own view of the point."""
    if not dsp.certain:
        return "What the DSP says newest of this Meter Point cannot be read, or its lines contradict each other."
    held = f"status {dsp.status}" if dsp.status else "no status"
    since = f" from {_day(dsp.status_from)}" if dsp.status_from else ""
    told = "does not say whether it told registration"
    if dsp.notified is not None:
        told = f"says that registration was {'' if dsp.notified else 'never '}notified"
    return f"The DSP itself holds {held}{since}, and {told}."


def _life_words(device: DeviceEvidence) -> str:
    """The last proof that a meter lives, of one that was read or spoke by itself."""
    if device.last_heard is None:
        return f"Reads of {device.device_id} are loaded, and none proves that it lives."
    at, source = device.last_heard, device.heard_by
    by = "its own reliable clock" if source in METERS else f"its own alert {source}"
    return f"{device.device_id} was last heard on {_day(at.date())} at {at:%H:%M} UTC, by {by}."


def _ever_words(facts: dict[str, Any]) -> str:
    if facts["ever"]:
        return "An earlier inventory showed an installed or commissioned meter here."
    return "No earlier inventory that was loaded showed an installed or commissioned meter here."


def _policy_words(facts: dict[str, Any]) -> str:
    verdict: Verdict = facts["verdict"]
    accepted = " or ".join(FLAG_NAMES[flag] if flag is None else flag for flag in verdict.accepted)
    words = f"{facts['policy']} accepts {accepted} for these meters; expected is {verdict.expected or 'no flag'}."
    return f"{words} {verdict.undetermined}".strip()


def _rule_words(facts: dict[str, Any]) -> str:
    if not facts["rules"]:
        return "No rule is broken."
    return " ".join(f"{RULES[code].title} ({code}): {RULES[code].explanation}" for code in facts["rules"])


def _timing_words(facts: dict[str, Any], grace_days: int) -> str:
    if facts["in_flight"]:
        return (
            f"In flight: a change within {grace_days} days of the registration data, which the other side may follow."
        )
    return f"Not in flight: nothing changed within {grace_days} days of the registration data."


def _since_words(facts: dict[str, Any]) -> str:
    earliest, latest = facts["wrong_since_earliest"], facts["wrong_since_latest"]
    if latest is None:
        return "Since when it has been so is not known."
    if earliest is None:
        return f"It has been so since {_day(latest)} or earlier."
    return (
        f"It has been so since {_day(latest)}."
        if earliest == latest
        else (f"It has been so since a day between {_day(earliest)} and {_day(latest)}.")
    )


def _day(day: date | None) -> str:
    return f"{day:%-d %b %Y}" if day else "an unknown date"
