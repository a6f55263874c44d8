"""The engine's SQL, step by step: one file in sql/ is one named result, which the files after it read by its name.

In: Inputs, which decide what there is to apply. Out: Steps in order. Called by engine and point. What the files ask
`getvariable` for is in VARIABLES, or set for each slice: first_mpxn, last_mpxn.
"""

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from reconcile.domain.alerts import STREET_POINTS
from reconcile.domain.rules import IDENTITY_BASE
from reconcile.domain.vocabulary import FIRST_MPAN

from .contract import Inputs

SQL = Path(__file__).parent / "sql"
VARIABLES = {"first_mpan": FIRST_MPAN, "identity_base": IDENTITY_BASE, "street_points": STREET_POINTS}
"""What the domain states and the SQL reads, all of them BIGINT."""

WHOLE = {"first_mpxn": 0, "last_mpxn": 10**15}
"""The slice that is everything."""


@dataclass(frozen=True)
class Step:
    """One SQL file with one named result: a part of the statements that read it, or a table where several do.

    `given`: the engine gives it back. A step without a file has its `text`.
    """

    name: str
    file: str = ""
    table: bool = False
    given: bool = False
    text: str = ""

    @property
    def sql(self) -> str:
        return self.text or _text(self.file)


@cache
def _text(file: str) -> str:
    return (SQL / f"{file}.sql").read_text()


FINDERS = (
    "flag_rules",
    "smi_only",
    "fuel_mismatch",
    "many_meters",
    "update_rejected",
    "duplicate_flag",
    "meter_differs",
    "alert_elsewhere",
    "alerts_unflagged",
    "a_never_alerts",
    "a_silent",
    "n_heard",
    "not_notified",
    "dsp_differs",
)
"""The steps that find broken rules: each gives mpxn and rule, of points that are noted."""
NETWORK_UPDATES = Step("network_updates", "network_updates", table=True)
NETWORKS = Step("networks", "networks", table=True)
DEVICES_SHOWN = """
    SELECT device_id, device_type, status, status_from, mpxn, role, description
    FROM full_devices
    WHERE mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
"""
"""The step point_devices where nothing updates what an inventory shows."""
NOT_READ = Step("not_read", "not_read", table=True)
FOLLOWED = Step("followed", "followed")


FACTS = (Step("kinds", "kinds", table=True), Step("point_facts", "point_facts", table=True))
"""What is known of a point's meter, by the table `meters`."""


def described_step(inputs: Inputs) -> Step:
    """The smart meters with what the inventory says of them."""
    return Step("described", "described_updated" if inputs.inventory_updates else "described")


def population_steps(inputs: Inputs) -> tuple[Step, ...]:
    """The steps that count every registered point of a slice by what is known of it."""
    return (
        flags_step(inputs),
        described_step(inputs),
        Step("meters", text="FROM described", table=True),
        *FACTS,
        Step("described_points", "described_points", table=True),
        Step("kind_counts", "kind_counts", given=True),
        Step("place_counts", "place_counts", given=True),
    )


def flags_step(inputs: Inputs) -> Step:
    """The flag of every point. The updated form is used only where there is something to apply."""
    gas_extracts = sum(any(not code.isdigit() for code in extract.networks) for extract in inputs.registration)
    return Step("flags", "flags_updated" if inputs.flag_updates or gas_extracts > 1 else "flags")


def associations_step(inputs: Inputs) -> Step:
    """The smart meters at Meter Points."""
    return Step("associations", "associations_updated" if inputs.inventory_updates else "associations")


def slice_steps(inputs: Inputs) -> tuple[Step, ...]:
    """The steps that judge one slice, in order. The updated forms are used only where there is something to apply."""
    return (
        flags_step(inputs),
        # What an update has changed is worked out once; what a snapshot holds is cheaper to read again than to copy.
        replace(associations_step(inputs), table=bool(inputs.inventory_updates)),
        Step("other_meters", "other_meters", table=True),
        *lives_steps(inputs),
        _if_alerts(inputs, "alerting"),
        Step("point_masks", "point_masks"),
        *dsp_steps(inputs),
        Step("asked", "asked", table=True),
        Step("judged", "judged"),
        FOLLOWED,
        Step("tallied", "tallied", table=True),
        Step("noted", "noted", table=True),
        Step("unread", "unread_uncertain" if inputs.is_uncertain else "unread", table=True),
        Step("unread_meters", "unread_meters_uncertain" if inputs.is_uncertain else "unread_meters", table=True),
        Step("undated", "undated", table=True),
        described_step(inputs),
        Step("meters", "meters_noted", table=True),
        *FACTS,
        *(Step(name, name) for name in FINDERS),
        Step("broken", text="\nUNION ALL ".join(f"FROM {name}" for name in FINDERS)),
        Step("findings", "findings", table=True, given=True),
        Step("point_counts", "point_counts", given=True),
        NOT_READ,
        Step("cells", "cells", given=True),
        Step("lateness", "lateness", given=True),
        Step("meter_counts", "meter_counts", given=True),
        Step("covered", "covered", given=True),
    )


NO_POINT = "SELECT NULL::BIGINT AS mpxn WHERE false"


def lives_steps(inputs: Inputs) -> tuple[Step, ...]:
    """The points at which silence or a proof of life says something against flag or status; without reads, and alerts,
    there is nothing to look at."""
    none = Step("heard_on", text=NO_POINT, table=True)
    return silent_step(inputs), Step("heard_on", "heard_on", table=True) if inputs.tells_of_life else none


def silent_step(inputs: Inputs) -> Step:
    """The points whose meters were read, and are silent."""
    return Step("silent", "silent", table=True) if inputs.reads else Step("silent", text=NO_SILENCE, table=True)


NO_SILENCE = "SELECT NULL::BIGINT AS mpxn, NULL::VARCHAR AS heard WHERE false"


def dsp_steps(inputs: Inputs) -> tuple[Step, ...]:
    """What the DSP itself says, and where that contradicts a side; without an extract of it there is nothing."""
    return tuple(_of_dsp(inputs, name) for name in DSP)


def dsp_said(inputs: Inputs) -> Step:
    """What the DSP itself says."""
    return _of_dsp(inputs, "dsp_said")


def _of_dsp(inputs: Inputs, name: str) -> Step:
    return Step(name, name, table=True) if inputs.dsp_statuses else Step(name, text=DSP[name], table=True)


DSP = {
    "dsp_said": "SELECT NULL::BIGINT AS mpxn, NULL::VARCHAR AS status, NULL::DATE AS status_from, "
    "NULL::BOOLEAN AS notified, NULL::BOOLEAN AS certain WHERE false",
    "dsp_points": "SELECT NULL::BIGINT AS mpxn, NULL::BOOLEAN AS unsent, NULL::BOOLEAN AS differs, "
    "NULL::BOOLEAN AS firm WHERE false",
}
"""The steps, each with no row of it."""


def _if_alerts(inputs: Inputs, name: str) -> Step:
    """A table of what alerts say; without alerts there is nothing to look at."""
    return Step(name, name, table=True) if inputs.alerts else Step(name, text=NO_ALERT, table=True)


def market_steps(inputs: Inputs) -> tuple[Step, ...]:
    """The steps that look at the whole market once, before its slices: where alerts come from, and where none do.

    Each is a table, and the slices read SPEAKING of them.
    """
    if not inputs.alerts:
        return tuple(Step(name, text=NO_ALERT, table=True) for name in SPEAKING)
    return (
        *(Step(name, name, table=True) for name in ("speaking_devices", "alert_places", "spoke")),
        *(Step(name, name, table=True) for name in ("outages", "outage_streets", "street_flags")),
        _street_flags_now(inputs),
        Step("street_points", "street_points", table=True),
        _planned_outages(inputs),
        *(Step(name, name, table=True) for name in ("dark_streets", "quiet_in_outage")),
    )


def _street_flags_now(inputs: Inputs) -> Step:
    """The flags in force of the few points of those streets, by the step that says so of every point of a slice."""
    text = flags_step(inputs).sql.replace("full_flags", "street_flags")
    for name, number in WHOLE.items():
        text = text.replace(f"getvariable('{name}')", str(number))
    return Step("street_flags_now", text=text, table=True)


def _planned_outages(inputs: Inputs) -> Step:
    name = "planned_outages"
    if inputs.firmware_updates:
        return Step(name, name, table=True)
    return Step(name, text="SELECT mpxn, sent_at FROM outages WHERE false", table=True)


SPEAKING = ("alert_places", "spoke", "quiet_in_outage")
"""What the slices read of what the alerts of the whole market say."""
NO_ALERT = (
    "SELECT NULL::BIGINT AS mpxn, NULL::UBIGINT AS device_id, NULL::DATE AS alerted_on, NULL::BOOLEAN AS proven, "
    "NULL::DATE AS outage_on WHERE false"
)
UNREAD = ("unread", "unread_meters")
NONE_ASKED = Step("asked", text=NO_POINT, table=True)
OF_POINTS = {
    "judged": Step("judged", "judged", table=True, given=True),
    "noted": Step("noted", "noted_point", table=True),
    NONE_ASKED.name: NONE_ASKED,
}
"""The steps that are others where points are asked for by number: each is noted, whatever it shows."""
ANSWERING = {"flags", "associations", "point_masks", *UNREAD, *OF_POINTS}


def point_steps(inputs: Inputs) -> tuple[Step, ...]:
    """The steps of a slice up to what is known of each point, and which of it could not be read."""
    steps = (OF_POINTS.get(step.name, step) for step in slice_steps(inputs) if step.name in ANSWERING)
    devices = Step("point_devices", "point_devices", text="" if inputs.inventory_updates else DEVICES_SHOWN, given=True)
    return (*(replace(step, given=True) if step.name in UNREAD else step for step in steps), devices)


def changing_steps(inputs: Inputs) -> tuple[Step, ...]:
    """The steps of a slice that find the points in some cells of the truth table; the last is the question."""
    return (*_cell_steps(inputs), Step("changing", "changing"))


def told_steps(inputs: Inputs) -> tuple[Step, ...]:
    """The steps of a slice that say what a day tells of each registered point; the last is the question."""
    return (*_cell_steps(inputs), FOLLOWED, Step("told_points", "told_points"))


def move_steps(inputs: Inputs) -> tuple[Step, ...]:
    """The steps of a slice that say what is other than the day before, whose points are `day_before`."""
    return (*told_steps(inputs), Step("flag_moves", "flag_moves", given=True))


def _cell_steps(inputs: Inputs) -> tuple[Step, ...]:
    """The steps of a slice that put each point into its cell of the truth table, and nothing more."""
    return (
        flags_step(inputs),
        associations_step(inputs),
        NONE_ASKED,
        Step("point_masks", "point_masks"),
        Step("judged", "judged"),
        NOT_READ,
    )


def as_text(inputs: Inputs) -> str:
    """Every step's SQL under its name, in order: what the engine runs, to be read and reviewed."""
    steps = (NETWORK_UPDATES, NETWORKS, *market_steps(inputs), *slice_steps(inputs), *population_steps(inputs)[2:])
    return "\n".join(f"-- step: {step.name}\n{step.sql}" for step in steps)
