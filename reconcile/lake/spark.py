"""The Spark engine: the same steps as DuckDB's, transpiled, over the whole market at once on a cluster.

In: Inputs, a Policy and the discrepancies that were open. Out: a Judgement of the same rows. Called by lake.engines,
which alone imports it, where ENGINE_URL names a cluster.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa

from reconcile.domain.policy import Policy

from .cluster import Cluster, connected
from .contract import COVERED, EVER, KIND_COUNTS, MOVES, PLACE_COUNTS, SCHEMAS, Inputs, Judgement
from .engine import END, NETWORK_UPDATES_APPLIED, judgement
from .named import name_all, name_market
from .steps import VARIABLES, Step, move_steps, population_steps, slice_steps, told_steps

COUNTS = {"kind_counts": KIND_COUNTS, "place_counts": PLACE_COUNTS}


def judge_market(
    inputs: Inputs,
    policy: Policy,
    *,
    open_before: pa.Table,
    workdir: Path,
    progress: Callable[[float], None] = lambda share: None,
) -> Judgement:
    """Judge every Meter Point. `open_before`: the `id` of each discrepancy that was open. Raises EngineError."""
    with connected(variables(inputs)) as cluster:
        name_all(cluster, inputs, policy, open_before)
        name_market(cluster, inputs)
        found = take(cluster, slice_steps(inputs), SCHEMAS, progress)
        return judgement([found], cluster.rows(NETWORK_UPDATES_APPLIED))


def count_market(inputs: Inputs, policy: Policy, *, workdir: Path) -> tuple[pa.Table, pa.Table]:
    """Count every registered point by what is known of it: KIND_COUNTS and PLACE_COUNTS. Raises EngineError."""
    with connected(variables(inputs)) as cluster:
        name_all(cluster, inputs, policy, COVERED.empty_table())
        found = take(cluster, population_steps(inputs), COUNTS)
        return found["kind_counts"], found["place_counts"]


def flag_moves(inputs: Inputs, before: Inputs, policy: Policy, *, workdir: Path) -> pa.Table:
    """What is other than the day before, of the points that both days hold: MOVES. Raises EngineError."""
    with connected(variables(inputs)) as cluster:
        name_all(cluster, before, policy, COVERED.empty_table(), since=EVER)
        take(cluster, told_steps(before), {})
        cluster.made("day_before", "FROM told_points")
        # The names are the cluster's anew from here; what `day_before` holds is a checkpoint.
        name_all(cluster, inputs, policy, COVERED.empty_table(), since=EVER)
        return take(cluster, move_steps(inputs), {"flag_moves": MOVES})["flag_moves"]


def variables(inputs: Inputs) -> dict[str, int]:
    """What the steps ask for: there are no slices."""
    return {**VARIABLES, "grace_days": inputs.grace_days, "first_mpxn": 0, "last_mpxn": END}


def take(
    cluster: Cluster,
    steps: tuple[Step, ...],
    schemas: Mapping[str, pa.Schema],
    progress: Callable[[float], None] = lambda share: None,
) -> dict[str, pa.Table]:
    """Name the steps to the cluster; gives the rows of those that are `given`, by name, in their schemas."""
    for step in steps:
        (cluster.made if step.table else cluster.view)(step.name, step.sql)
    found = {}
    given = [step.name for step in steps if step.given]
    for number, name in enumerate(given, 1):
        rows = cluster.rows(f"FROM {name}")
        schema = schemas.get(name, rows.schema)
        found[name] = rows.select(schema.names).cast(schema)
        progress(number / len(given))
    return found
