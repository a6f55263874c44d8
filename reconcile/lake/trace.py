"""One Meter Point through the engine: the same steps as a run, for a slice of one number, put into words.

In: a run's Inputs and a number. Out: Trace, or None where neither side knows the point. Called by ledger.queries.
"""

from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import duckdb

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

from . import store
from .engine import Inputs, judge_point, prepare_point


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
        return _plain(asdict(self))


def trace(inputs: Inputs, policy: Policy, mpxn: int) -> Trace | None:
    """Follow one point through a run's inputs."""
    with _prepared(inputs, policy).cursor() as con:
        judge_point(con, inputs, mpxn)
        devices = _devices(con, mpxn)
        point = _one(con, "SELECT * FROM judged WHERE mpxn = ?", mpxn)
        if point is None and not devices:
            return None
        return _trace(con, inputs, mpxn, policy=policy, point=point or {}, devices=devices)


@lru_cache(maxsize=2)
def _prepared(inputs: Inputs, policy: Policy) -> duckdb.DuckDBPyConnection:
    """A DuckDB that knows a run's inputs, kept for the next question about the same run."""
    con = store.connect()
    prepare_point(con, inputs, policy)
    return con


def _trace(
    con: duckdb.DuckDBPyConnection,
    inputs: Inputs,
    mpxn: int,
    *,
    policy: Policy,
    point: dict[str, Any],
    devices: list[DeviceEvidence],
) -> Trace:
    flag = Flag(point["flag"]) if point.get("flag") else None
    mask = point.get("mask", 0)
    ever = _one(con, "SELECT 1 AS seen FROM seen WHERE mpxn = ?", mpxn) is not None
    network = point.get("network")
    found = con.execute("SELECT rule, in_flight FROM findings ORDER BY id").fetchall()
    date_row = _one(con, "SELECT registration_date FROM networks WHERE network = ?", network) or {}
    facts = {
        "mpxn": mpxn,
        "fuel": fuel_of(mpxn).value,
        "as_of": inputs.as_of,
        "in_registration": point.get("in_flags", False),
        "network": network,
        "supplier": point.get("supplier"),
        "flag": flag,
        "flag_from": point.get("flag_from"),
        "registration_date": date_row.get("registration_date"),
        "other_flags": _other_flags(con),
        "devices": devices,
        "statuses": statuses_text(mask),
        "shows": shows(statuses_in(mask)),
        "ever": ever,
        "policy": policy.title,
        "verdict": policy.judge(flag, statuses_in(mask), ever),
        "rules": [rule for rule, _ in found],
        "in_flight": any(young for _, young in found),
        "rejected_update": _rejected(con, mpxn),
    }
    return Trace(**facts, steps=_steps(facts, inputs.grace_days))


def _one(con: duckdb.DuckDBPyConnection, query: str, *values: Any) -> dict[str, Any] | None:
    result = con.execute(query, list(values))
    row = result.fetchone()
    return dict(zip((column[0] for column in result.description or ()), row, strict=True)) if row else None


def _devices(con: duckdb.DuckDBPyConnection, mpxn: int) -> list[DeviceEvidence]:
    rows = con.execute("""
        SELECT device_id, device_type, status, status_from, role, description
        FROM point_devices ORDER BY device_type, device_id, role
    """).fetchall()
    found = []
    for number, kind, status, status_from, role, words in rows:
        device_id = eui_64_text(number)
        counts, why = _counts(kind, mpxn)
        found.append(
            DeviceEvidence(device_id, kind, status, status_from, role, **described(words), counts=counts, why=why)
        )
    return found


def _counts(device_type: str, mpxn: int) -> tuple[bool, str]:
    fuel = METER_FUEL.get(DeviceType(device_type))
    if fuel is None:
        return False, "Only electricity and gas smart meters (ESME, GSME) count for the flag."
    if fuel != fuel_of(mpxn):
        return False, f"A meter for {fuel.value} on {'an MPAN' if mpxn >= FIRST_MPAN else 'an MPRN'} does not count."
    return True, "A smart meter of this fuel: its status counts."


def _other_flags(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The different flags that one extract gave the point."""
    found = con.execute("SELECT DISTINCT extract_order, flags FROM conflicts ORDER BY ALL").fetchall()
    return [flags for _, flags in found]


def _rejected(con: duckdb.DuckDBPyConnection, mpxn: int) -> str:
    newest = _one(
        con,
        """SELECT outcome, flag, flag_from, as_of FROM responses WHERE mpxn = ?
           ORDER BY extract_order DESC, line DESC LIMIT 1""",
        mpxn,
    )
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
