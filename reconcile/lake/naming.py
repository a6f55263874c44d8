"""How an engine is told what the steps read: a name for rows of ours, for a query, and for what a query gives.

In: names with rows or SQL of DuckDB's. Out: relations of an engine. Called by lake.named.
"""

from dataclasses import dataclass
from typing import Protocol

import duckdb
import pyarrow as pa


class Naming(Protocol):
    """An engine that can be told names; each is told once."""

    def table(self, name: str, rows: pa.Table) -> None:
        """Rows of ours."""

    def view(self, name: str, query: str) -> None:
        """A query, asked anew whenever it is read."""

    def made(self, name: str, query: str) -> None:
        """What a query gives, worked out once."""


@dataclass(frozen=True)
class InDuckDB:
    """A DuckDB, in which names are no cursor's own."""

    con: duckdb.DuckDBPyConnection

    def table(self, name: str, rows: pa.Table) -> None:
        self.con.register("incoming", rows)
        self.made(name, "FROM incoming")
        self.con.unregister("incoming")

    def view(self, name: str, query: str) -> None:
        self.con.execute(f"CREATE VIEW {name} AS {query}")

    def made(self, name: str, query: str) -> None:
        self.con.execute(f"CREATE TABLE {name} AS {query}")
