"""A Spark cluster by Spark Connect: names for rows and SQL there, their rows back here, and its troubles in words.

In: ENGINE_URL. Out: a Cluster, which is told names as a DuckDB is. Called by lake.spark.
"""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import grpc
import pyarrow as pa
from django.conf import settings
from pyarrow import parquet
from pyspark.errors import PySparkException
from pyspark.sql.connect.client.retries import DefaultPolicy
from pyspark.sql.connect.session import SparkSession
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import StructType

from . import objects, read_by_pyarrow, sites, store
from .contract import EngineError
from .engine import with_parts
from .transpiled import ROW_NUMBER, to_spark

logger = logging.getLogger(__name__)
AS_DUCKDB_READS = {
    "spark.sql.ansi.enabled": "true",
    # Spark 4.3 loses what it knows of a checkpoint's columns where it is read twice: "key not found: mpxn#153782L".
    "spark.sql.constraintPropagation.enabled": "false",
    # Lists are made of cells of the truth table, thousands of them: from 128 on Spark would sort all rows instead.
    "spark.sql.objectHashAggregate.sortBased.fallbackThreshold": "100000",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
}
"""What the steps rest on, whatever the cluster is told otherwise."""
TRIES = 5
"""Further ones: after 0.05, 0.2, 0.8, 3.2 and 12.8 seconds. The client's own patience is over ten minutes."""
SEND = "send"
"""As ENGINE_LAKE_URL: the cluster sees nothing of the lake, and is sent its rows."""
NUMBERED = (pa.field(ROW_NUMBER, pa.int64()),)
"""What files have besides their columns where it is asked for."""
MOST_WORDS = 300
READS = re.compile(r"\bFROM\b", re.IGNORECASE)
"""In the text of a query that reads anything."""


class Cluster:
    """A session of a cluster, with what is kept there while it lasts."""

    def __init__(self, spark: SparkSession, variables: Mapping[str, int]) -> None:
        self.spark = spark
        self._variables = variables
        self._parts: dict[str, str] = {}
        self._files: dict[tuple[tuple[str, ...], bool], str] = {}
        self._has_reader = False
        self._told: Thread | None = None

    def table(self, name: str, rows: pa.Table) -> None:
        self._is(name, self._sent(rows))

    def view(self, name: str, query: str) -> None:
        # As a view of the cluster's it would be read and checked by itself, and with all before it once more.
        self._parts.pop(name, None)
        self._parts[name] = self._to_spark(query)

    def made(self, name: str, query: str) -> None:
        # A checkpoint is a leaf of every plan after it: with a cache alone the plans of the last steps hold all before
        # them many times over, and take minutes to read. What reads nothing is a leaf by itself, and plans may drop it.
        asked = self.asked(query)
        self._is(name, asked.localCheckpoint() if READS.search(query) else asked)

    def rows(self, query: str) -> pa.Table:
        """What a query gives."""
        return self.asked(query).toArrow()

    def interrupt(self) -> None:
        """Have the cluster break off, in a thread of its own: it may be that nobody answers."""
        if self._told is None or not self._told.is_alive():
            self._told = Thread(target=self._break_off, daemon=True)
            self._told.start()

    def let_go(self) -> None:
        """Free what is kept on the cluster, as far as it can be told."""
        self.spark.stop()

    def _break_off(self) -> None:
        with suppress(PySparkException, grpc.RpcError):
            self.spark.interruptAll()

    def asked(self, query: str) -> Any:
        """A query that the cluster has read."""
        if self._told:
            raise EngineError("The work was told to stop.")
        return self.spark.sql(with_parts(self._parts, self._to_spark(query)))

    def _to_spark(self, query: str) -> str:
        return to_spark(query, self._variables, self._file_view)

    def _is(self, name: str, rows: Any) -> None:
        self._parts.pop(name, None)
        rows.createOrReplaceTempView(name)

    def _sent(self, rows: pa.Table) -> Any:
        return self.spark.createDataFrame(rows.cast(_signed(rows.schema)) if len(rows) else [], _schema(rows.schema))

    def _file_view(self, paths: list[str], numbered: bool) -> str:
        """The name of a view of files, each of which is opened once."""
        key = (tuple(paths), numbered)
        if key not in self._files:
            self._files[key] = f"files_{len(self._files)}"
            self._read([Path(path) for path in paths], numbered).createOrReplaceTempView(self._files[key])
        return self._files[key]

    def _read(self, paths: list[Path], numbered: bool) -> Any:
        if settings.ENGINE_LAKE_URL == SEND:
            rows = pa.concat_tables(parquet.read_table(path) for path in paths)
            return self._sent(_numbered(rows) if numbered else rows)
        columns = [*parquet.read_schema(paths[0])]
        files = {address(path): path for path in paths}
        if all(one.startswith(objects.S3) for one in files):
            return self._read_by_pyarrow(files, [*columns, *NUMBERED] if numbered else columns)
        # Else the cluster would open a file only to see what it holds.
        read = self.spark.read.schema(_schema(columns)).parquet(*files)
        return read.select("*", read["_metadata.row_index"].alias(ROW_NUMBER)) if numbered else read

    def _read_by_pyarrow(self, files: dict[str, Path], columns: list[pa.Field]) -> Any:
        if not self._has_reader:
            read_by_pyarrow.register(self.spark)
            self._has_reader = True
        return read_by_pyarrow.read(self.spark, files, _schema(columns))


def address(path: Path) -> str:
    """A file of the lake as the cluster finds it; one in a bucket it reads there, and not this machine's copy."""
    own = settings.LAKE_DIR.as_uri() if sites.is_here() else settings.LAKE_URL
    lake = settings.ENGINE_LAKE_URL or own
    return f"{lake.rstrip('/')}/{path.relative_to(settings.LAKE_DIR)}"


def _signed(columns: Iterable[pa.Field]) -> pa.Schema:
    """Columns that Spark takes: it has no unsigned numbers, and reads those of files as decimals."""
    kinds = {pa.uint64(): pa.decimal128(20, 0)}
    return pa.schema([field.with_type(kinds.get(field.type, field.type)) for field in columns])


def _schema(columns: Iterable[pa.Field]) -> StructType:
    return from_arrow_schema(_signed(columns), prefer_timestamp_ntz=True)


def _numbered(rows: pa.Table) -> pa.Table:
    return rows.append_column(NUMBERED[0], pa.array(range(len(rows)), pa.int64()))


@contextmanager
def connected(variables: Mapping[str, int]) -> Iterator[Cluster]:
    """A session of its own, let go at the end. `variables`: what the SQL asks `getvariable` for. Raises EngineError."""
    where = urlsplit(settings.ENGINE_URL).netloc
    try:
        spark = SparkSession(connection=settings.ENGINE_URL)
        spark.client.set_retry_policies([DefaultPolicy(max_retries=TRIES)])
        # What the builder does, which would first ask the cluster something with ten minutes of patience.
        SparkSession._set_default_and_active_session(spark)
        cluster = Cluster(spark, variables)
        try:
            for name, value in AS_DUCKDB_READS.items():
                spark.conf.set(name, value)
            with store.at_work(cluster):
                yield cluster
        finally:
            cluster.let_go()
    except (PySparkException, grpc.RpcError) as error:
        logger.warning("Spark broke off.", exc_info=True)
        raise EngineError(_in_words(where, error)) from error


def _in_words(where: str, error: PySparkException | grpc.RpcError) -> str:
    # What a task of ours said stands within the words of Spark's, between lines of where it was.
    _, begins, unread = str(error).partition(read_by_pyarrow.UNREAD)
    said = (begins + unread or str(error)).strip().partition("\n")[0][:MOST_WORDS].rstrip(".") or type(error).__name__
    return f"Spark at {where} did not do the work ({said}). Nothing was changed: run it again once it does."
