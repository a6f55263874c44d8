"""One text serves two engines: every step, transpiled, is Spark's SQL and holds nothing that only DuckDB knows."""

import os
import re
import sys
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
import sqlglot
from sqlglot import exp

from reconcile.domain.mp077 import MP077
from reconcile.lake import engine, engines
from reconcile.lake.contract import COVERED, EngineError
from reconcile.lake.named import name_all, name_market
from reconcile.lake.steps import SQL, VARIABLES
from reconcile.lake.transpiled import to_spark
from reconcile.ledger.inputs import select
from tests.ledger.market import put

SNAPSHOT = Path(__file__).parent / "spark.sql"
OF_THE_RUN = {"first_mpxn": 0, "last_mpxn": 10**15, "grace_days": 5}
STEPS = sorted(path.stem for path in SQL.glob("*.sql"))
SPARK_FUNCTIONS = {
    *(
        "ANY_VALUE",
        "ARRAY_CONTAINS",
        "BIT_OR",
        "CAST",
        "COALESCE",
        "COLLECT_LIST",
        "COUNT",
        "EXPLODE",
        "GREATEST",
        "IF",
        "MAX",
        "MAX_BY",
    ),
    *("MIN", "ROW_NUMBER", "STRUCT", "SUM", "DATEDIFF", "GROUPING", "MIN_BY", "MONTH", "NULLIF", "YEAR"),
    *("LOGICAL_OR", "BOOL_OR", "RANK"),
}
"""What the steps may call, each looked up in Spark's reference of built-in functions.

`grouping(col)` is 1 where the column of a GROUP BY was aggregated, else 0 (since 2.0); `nullif(expr1, expr2)` is NULL
where both are equal, else the first (2.0). `month(date)` and `year(date)` are parts of a date (1.5). `datediff` of two
dates counts days from the second to the first (1.5); the steps have it with a unit, `datediff(DAY, start, end)`, which
counts from the first to the second and is of the grammar, not of the list of functions (3.3). `array_contains(array,
value)` says whether an array holds a value (1.5); `min_by(x, y)` is the x of the least y (3.0). `bool_or(expr)` is true
if any value is (3.0), and `rank()` of a window gives peers one place (1.4).
"""
FUNCTION = re.compile(r"\b(?!FILTER\()([A-Z_]+)\(")


def transpiled(step: str) -> str:
    """A step as Spark's SQL, with a number for each variable. No step reads a file by itself."""
    return to_spark(
        (SQL / f"{step}.sql").read_text(), VARIABLES | OF_THE_RUN, lambda *_: pytest.fail("It reads a file.")
    )


def test_the_transpiled_sql_is_the_sql_that_was_reviewed():
    """Set UPDATE_SNAPSHOTS=1 to accept a change; the file's diff is what there is to review."""
    text = "\n\n".join(f"-- step: {step}\n{transpiled(step)}" for step in STEPS) + "\n"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text(text)

    assert text == SNAPSHOT.read_text()


@pytest.mark.parametrize("step", STEPS)
def test_a_step_is_sql_that_spark_knows(step):
    text = transpiled(step)

    tree = sqlglot.parse_one(text, read="spark")

    assert set(FUNCTION.findall(text)) <= SPARK_FUNCTIONS
    assert not list(tree.find_all(exp.Qualify, exp.Command, exp.Parameter))


class Told(dict):
    """The SQL of every name that an engine would be told."""

    def table(self, name: str, rows: pa.Table) -> None:
        self[name] = f"FROM {name}"

    def view(self, name: str, query: str) -> None:
        self[name] = query

    made = view


@pytest.mark.django_db
def test_what_is_named_to_an_engine_is_sql_that_spark_knows(lake_dir, settings):
    settings.ALERTS_UPDATE_DEVICES = True
    day, point = date(2025, 3, 3), {"mpxn": 1000000000000, "network": "10"}
    put("devices", "full", day, [])
    put("flags", "full", day, [{**point, "flag": flag, "flag_from": day} for flag in "AN"], unreadable=[1000000000001])
    put("flags", "delta", day, [{**point, "flag": "N", "flag_from": day}])
    put("alerts", "delta", day, [])
    inputs, told, files = select(day).inputs, Told(), []
    name_all(told, inputs, MP077, COVERED.empty_table())
    name_market(told, inputs)

    for name, query in told.items():
        text = to_spark(
            query, VARIABLES | OF_THE_RUN, lambda paths, numbered: files.append((*paths, numbered)) or "file"
        )
        tree = sqlglot.parse_one(text, read="spark")
        assert not list(tree.find_all(exp.Qualify, exp.Command, exp.Parameter, exp.ReadParquet)), name
        assert not re.search(r"BY NAME|REPLACE|UBIGINT", text), name
    rows, repeats = inputs.registration[0].rows, inputs.registration[0].repeats
    assert {(str(rows), True), (str(repeats), False)} <= set(files)


def test_an_engine_is_asked_for_that_is_not_installed(settings, monkeypatch):
    assert engines.chosen() is engine
    settings.ENGINE_URL = "sc://nowhere:15002"
    for name in ("grpc", "pyspark", "reconcile.lake.spark", "reconcile.lake.cluster"):
        monkeypatch.setitem(sys.modules, name, None) if name in engines.CLIENT else sys.modules.pop(name, None)

    with pytest.raises(
        EngineError, match=r"requirements-spark\.txt, or leave ENGINE_URL empty\. Nothing was changed\.$"
    ):
        engines.chosen()
