"""One text serves two engines: every step, transpiled, is Spark's SQL and holds nothing that only DuckDB knows."""

import os
import re
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from reconcile.lake.steps import SQL, VARIABLES

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
    """A step as Spark's SQL, with a number for each variable."""
    tree = sqlglot.parse_one((SQL / f"{step}.sql").read_text(), read="duckdb")
    return tree.transform(_literal).sql("spark", pretty=True, comments=False)


def _literal(node: exp.Expression) -> exp.Expression:
    if isinstance(node, exp.Anonymous) and node.name.lower() == "getvariable":
        return exp.Literal.number((VARIABLES | OF_THE_RUN)[node.expressions[0].name])
    return node


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
