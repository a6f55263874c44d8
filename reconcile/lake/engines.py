"""Which engine judges the market: DuckDB in this process, or Spark where ENGINE_URL names a cluster.

In: what lake.engine is given. Out: what it gives. Called by ledger.record and population, and by
replaying; all else is DuckDB's.
"""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

import pyarrow as pa
from django.conf import settings

from reconcile.domain.policy import Policy

from . import engine
from .contract import EngineError, Inputs, Judgement

CLIENT = {"pyspark", "grpc", "sqlglot"}
NO_CLIENT = (
    "ENGINE_URL asks for Spark, whose client is not installed here: run pip install --require-hashes -r "
    "requirements-spark.txt, or leave ENGINE_URL empty. Nothing was changed."
)


class Engine(Protocol):
    """What each engine does."""

    def judge_market(
        self,
        inputs: Inputs,
        policy: Policy,
        *,
        open_before: pa.Table,
        workdir: Path,
        progress: Callable[[float], None] = ...,
    ) -> Judgement:
        """Judge every Meter Point. `open_before`: the `id` of each discrepancy that was open."""

    def count_market(self, inputs: Inputs, policy: Policy, *, workdir: Path) -> tuple[pa.Table, pa.Table]:
        """Count every registered point by what is known of it: KIND_COUNTS and PLACE_COUNTS."""

    def flag_moves(self, inputs: Inputs, before: Inputs, policy: Policy, *, workdir: Path) -> pa.Table:
        """What is other than the day before, of the points that both days hold: MOVES."""


def chosen() -> Engine:
    """The engine of the settings. Raises EngineError."""
    if not settings.ENGINE_URL:
        return engine
    # By name, because its packages are installed only where there is a cluster.
    try:
        return cast(Engine, import_module("reconcile.lake.spark"))
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in CLIENT:
            raise EngineError(NO_CLIENT) from error
        raise
