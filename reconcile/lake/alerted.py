"""What registration and inventory show of the Meter Points that alerts speak of, at one time, for all of them at once.

In: a time's Inputs, and alerts as Arrow. Out: EVIDENCE. Called by ledger.alerting.
"""

from pathlib import Path

import pyarrow as pa

from reconcile.domain.policy import Policy

from . import store
from .contract import COVERED, Inputs
from .engine import END, set_slice, take
from .named import hear, name_inputs
from .point import DEVICES_HERE
from .steps import FACTS, Step, associations_step, described_step, flags_step, silent_step

ALERTS = pa.schema({"id": pa.int64(), "mpxn": pa.int64(), "device_id": pa.uint64()}.items())
"""The alerts that are asked about: an alert names a Meter Point, a device, or both."""
EVIDENCE = pa.schema(
    {
        "id": pa.int64(),
        "mpxn": pa.int64(),
        "network": pa.string(),
        "supplier": pa.string(),
        "flag": pa.string(),
        "mask": pa.int16(),
        "known": pa.bool_(),
        "elsewhere": pa.bool_(),
        "device_at": pa.int64(),
        "unread": pa.bool_(),
        "heard": pa.string(),
        "heard_at": pa.timestamp("us"),
        "heard_by": pa.string(),
        "postcode_area": pa.string(),
        "description": pa.string(),
        "meter": pa.string(),
    }.items()
)
"""One row an alert. `device_at`: where the inventory has its device; `description`: of that device, else the meter;
`meter`: the other way round. `heard`: whether its meters are silent by all that the inputs tell of life
(domain.answering); `heard_at`, `heard_by`: the last proof that they live."""
OF_POINTS = ("full_flags", "full_devices")
"""What is read of the alerts' Meter Points alone."""


def evidence(inputs: Inputs, policy: Policy, alerts: pa.Table, *, workdir: Path) -> pa.Table:
    """What is shown of each of the ALERTS at the time of the inputs; it spills to `workdir`."""
    with store.connected(workdir) as con:
        name_inputs(con, inputs, policy, COVERED.empty_table())
        set_slice(con, 0, END)
        con.register("incoming", alerts.cast(ALERTS))
        con.execute("CREATE TEMP TABLE asked_alerts AS FROM incoming")
        take(
            con, (Step("alert_devices", "alert_devices", table=True), Step("alert_points", "alert_points", table=True))
        )
        for name in OF_POINTS:
            # Temporary tables stand before the views of their names.
            con.execute(f"CREATE TEMP TABLE {name} AS FROM memory.main.{name} SEMI JOIN alert_points USING (mpxn)")
        hear(con, DEVICES_HERE)
        return take(con, _steps(inputs))["alert_evidence"]


def _steps(inputs: Inputs) -> tuple[Step, ...]:
    return (
        flags_step(inputs),
        associations_step(inputs),
        Step("point_masks", "point_masks"),
        silent_step(inputs),
        Step("proofs", "proofs"),
        described_step(inputs),
        Step("meters", text="FROM described", table=True),
        *FACTS,
        Step("alert_evidence", "alert_evidence", given=True),
    )
