"""What the truth table says of Meter Points by the alerts that came since the inventory.

In: Inputs that read alerts as updates of devices, and a Policy. Out: CONTRADICTED. Called by ledger.alerting.
"""

from pathlib import Path

import pyarrow as pa

from reconcile.domain.policy import Policy

from . import store
from .contract import CONTRADICTED, COVERED, Inputs
from .engine import END, set_slice, take
from .named import name_inputs
from .steps import NONE_ASKED, Step, associations_step, flags_step

OF_POINTS = ("full_flags", "full_devices")
"""What is read of the Meter Points with changes alone."""


def contradicted(inputs: Inputs, policy: Policy, *, workdir: Path) -> pa.Table:
    """Every Meter Point with a change since the inventory, as it is judged by that; it spills to `workdir`."""
    with store.connected(workdir) as con:
        name_inputs(con, inputs, policy, COVERED.empty_table())
        if not con.execute("SELECT EXISTS (FROM device_changes)").fetchall()[0][0]:
            return CONTRADICTED.empty_table()
        set_slice(con, 0, END)
        take(con, (Step("changed_points", "changed_points", table=True),))
        for name in OF_POINTS:
            # Temporary tables stand before the views of their names.
            con.execute(f"CREATE TEMP TABLE {name} AS FROM memory.main.{name} SEMI JOIN changed_points USING (mpxn)")
        return take(con, _steps(inputs))["contradicted"].cast(CONTRADICTED)


def _steps(inputs: Inputs) -> tuple[Step, ...]:
    return (
        flags_step(inputs),
        associations_step(inputs),
        NONE_ASKED,
        Step("point_masks", "point_masks"),
        Step("judged", "judged"),
        Step("contradicted", "contradicted", given=True),
    )
