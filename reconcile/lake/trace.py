"""One Meter Point as a run judged it, in words.

In: a run's Inputs and a number. Out: Trace, or None where neither side knows the point. Called by ledger.queries.
"""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from reconcile.domain.policy import Policy, Verdict
from reconcile.domain.rules import RULES
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
from .point import PointRows, Row, judge_point


@dataclass(frozen=True)
class DeviceEvidence:
    """A device that the inventory associates with the point. `counts`: for the flag; `why` says why or why not."""

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


@dataclass(frozen=True)
class Trace:
    """Everything that decides a point's verdict. Dates are days; `ever_since` is when a live meter was first shown."""

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
    devices: list[DeviceEvidence]
    statuses: str
    shows: Shows
    ever: bool
    policy: str
    verdict: Verdict
    rules: list[str]
    in_flight: bool
    rejected_update: str
    steps: list[tuple[str, str]]

    def as_json(self) -> dict[str, Any]:
        """The trace with dates as text, for a machine."""
        return {name: _plain(value) for name, value in asdict(self).items()}


def trace(inputs: Inputs, policy: Policy, mpxn: int) -> Trace | None:
    """Follow one point through a run's inputs, judged by the run's policy."""
    rows = judge_point(inputs, policy, mpxn)
    if rows.judged is None and not rows.devices:
        return None
    return _trace(inputs, policy, mpxn, rows)


def _trace(inputs: Inputs, policy: Policy, mpxn: int, rows: PointRows) -> Trace:
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
        "devices": [_device(row, mpxn) for row in rows.devices],
        "statuses": statuses_text(point.get("mask", 0)),
        "shows": shows(statuses),
        "ever": rows.ever,
        "policy": policy.title,
        "verdict": policy.judge(flag, statuses, rows.ever),
        "rules": [row["rule"] for row in rows.findings],
        "in_flight": any(row["in_flight"] for row in rows.findings),
        "rejected_update": _rejected(rows.response),
    }
    return Trace(**facts, steps=_steps(facts, inputs.grace_days))


def _device(row: Row, mpxn: int) -> DeviceEvidence:
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
    )


def _counts(device_type: str, mpxn: int) -> tuple[bool, str]:
    fuel = METER_FUEL.get(DeviceType(device_type))
    if fuel is None:
        return False, "Only electricity and gas smart meters (ESME, GSME) count for the flag."
    if fuel != fuel_of(mpxn):
        return False, f"A meter for {fuel.value} on {'an MPAN' if mpxn >= FIRST_MPAN else 'an MPRN'} does not count."
    return True, "A smart meter of this fuel: its status counts."


def _rejected(newest: Row | None) -> str:
    if newest is None or newest["outcome"] != "RJ":
        return ""
    return (
        f"The update to flag {newest['flag']} from {_day(newest['flag_from'])} was rejected on {_day(newest['as_of'])}."
    )


def _steps(facts: dict[str, Any], grace_days: int) -> list[tuple[str, str]]:
    steps = [
        ("Registration", _registration_words(facts)),
        ("Inventory", _inventory_words(facts)),
        ("Seen before", _ever_words(facts)),
        ("Policy", _policy_words(facts)),
        ("Rules", _rule_words(facts)),
    ]
    if facts["rules"]:
        steps.append(("Timing", _timing_words(facts, grace_days)))
    return steps


def _registration_words(facts: dict[str, Any]) -> str:
    if not facts["in_registration"]:
        return "No registration extract of this run holds the Meter Point."
    flag = f"flag {facts['flag']}" if facts["flag"] else "no flag"
    since = f" from {_day(facts['flag_from'])}" if facts["flag_from"] else ""
    words = [
        f"{network_named(facts['network']).name} registers {flag}{since} (data of {_day(facts['registration_date'])})."
    ]
    words += [f"One extract gave the point two flags: {flags}." for flags in facts["other_flags"]]
    if facts["rejected_update"]:
        words.append(facts["rejected_update"])
    return " ".join(words)


def _inventory_words(facts: dict[str, Any]) -> str:
    counted = [device for device in facts["devices"] if device.counts]
    if not counted:
        return "The inventory associates no smart meter of this fuel with the Meter Point."
    meters = "; ".join(f"{device.device_id} {device.status} since {_day(device.status_from)}" for device in counted)
    return f"{SHOWS_NAMES[facts['shows']]}: {meters}."


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


def _day(day: date | None) -> str:
    return f"{day:%-d %b %Y}" if day else "an unknown date"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value
