"""The peers: other ways to find the mismatches of the same files, each as short as its tool allows.

In: nothing. Out: PEERS, a literal table. Called by __main__. Each peer is a program of its own: see `common`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Peer:
    """One program. `differs` says what it leaves out or adds; above `most_points` it does not fit this machine."""

    title: str
    module: str
    arguments: tuple[str, ...]
    differs: str
    in_bench: bool = False
    server: bool = False
    most_points: int = 100_000_000


BASE = "bare DuckDB SQL"
"""What every other row is compared with."""
NO_MORE = "No check digits, no rejects, no ledger"
PEERS = (
    Peer(BASE, "in_duckdb", ("memory",), f"{NO_MORE}, no snapshots, nothing kept."),
    Peer(
        "DuckDB, Parquet first",
        "in_duckdb",
        ("parquet",),
        f"{NO_MORE}. Keeps every column as Parquet sorted by Meter Point, as the product does.",
    ),
    Peer("Polars, streaming", "in_polars", (), f"{NO_MORE}, nothing kept.", in_bench=True),
    Peer(
        "datacompy on Polars",
        "in_datacompy",
        (),
        f"{NO_MORE}, nothing kept. Compares the flag with the expected flag: a total, no rules.",
        in_bench=True,
        most_points=12_000_000,
    ),
    Peer("pandas", "in_pandas", (), f"{NO_MORE}, nothing kept.", in_bench=True, most_points=6_000_000),
    Peer(
        "PostgreSQL, COPY and SQL",
        "in_postgres",
        (),
        f"{NO_MORE}. Keeps the tables it read. The server's memory is apart.",
        server=True,
    ),
)
