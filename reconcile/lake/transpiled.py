"""The engine's SQL as Spark's: one text serves two engines.

In: SQL of DuckDB's that the steps and lake.named are written in. Out: SQL of Spark's. Called by lake.spark.
"""

from collections.abc import Callable, Mapping

import sqlglot
from sqlglot import exp

ROW_NUMBER = "file_row_number"
"""The place of a row in its file, from 0, where `read_parquet` is asked for it."""

DEVICE_ID = "DECIMAL(20, 0)"
"""As which Spark reads unsigned numbers of 64 bits, for it has none."""


def to_spark(sql: str, variables: Mapping[str, int], file_view: Callable[[list[str], bool], str]) -> str:
    """SQL with a number for each variable, and a name for the files that it reads: `file_view` gives that of a view of
    some paths, with ROW_NUMBER or without."""

    def changed(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.Anonymous) and node.name.lower() == "getvariable":
            return exp.Literal.number(variables[node.expressions[0].name])
        if isinstance(node, exp.ReadParquet):
            return exp.to_identifier(file_view(*_files(node)))
        if isinstance(node, exp.DataType) and node.this == exp.DataType.Type.UBIGINT:
            return exp.DataType.build(DEVICE_ID)
        return node

    return sqlglot.parse_one(sql, read="duckdb").transform(changed).sql("spark", pretty=True, comments=False)


def _files(node: exp.ReadParquet) -> tuple[list[str], bool]:
    """The paths that are read, and whether with ROW_NUMBER."""
    paths, *options = node.expressions
    return [path.name for path in paths.expressions], bool(options)
