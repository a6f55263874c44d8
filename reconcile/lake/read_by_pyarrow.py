"""Files of a lake in a bucket as Spark's executors read them by pyarrow: the cluster needs no reader of S3 of its own.

In: files that lie here too, with where executors find them. Out: a Spark DataFrame, by a Python data source that goes
to the cluster by value, so that none of our code is there. Executors need Python of our minor version with pyarrow, and
credentials of their own, named as `objects` reads them: none are sent. Called by lake.cluster.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet
from pyspark import cloudpickle
from pyspark.sql.connect.session import SparkSession
from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StructType

# By name: what LakeFiles name goes with them, but a module does not.
from .objects import REFUSED, S3, s3_of_environment
from .transpiled import ROW_NUMBER

ROWS = 1_000_000
"""As many as a task reads: row groups are put together up to there."""
UNREAD = "Its executors cannot read "
"""How the words begin that say of a cluster which file, and why; they end with their line."""
Part = tuple[str, list[int], int]
"""A file without its s3://, the row groups of it that a task reads, and the number of the first row of these."""


class LakeFiles(DataSource):
    """Files of a bucket; its option `parts` holds what each task reads, as JSON."""

    def reader(self, schema: StructType) -> DataSourceReader:
        """Who reads them in a schema, with their rows' numbers where that has ROW_NUMBER."""
        return Reader(json.loads(self.options["parts"]), schema)


class Reader(DataSourceReader):
    """Who reads them: `partitions` on the cluster's server, `read` on its executors."""

    def __init__(self, parts: list[Part], schema: StructType) -> None:
        self.parts = parts
        self.schema = schema

    def partitions(self) -> Sequence[InputPartition]:
        """A task for each part."""
        return [InputPartition(part) for part in self.parts]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        """The rows of a part, in their order. Raises OSError."""
        path, groups, row = partition.value
        # Spark takes no other types of Arrow's than those which it makes of a schema itself.
        schema = to_arrow_schema(self.schema, timezone="UTC")
        try:
            with s3_of_environment().open_input_file(path) as opened:
                file = parquet.ParquetFile(opened, pre_buffer=True)
                # Some files keep such numbers, of rows of another.
                asks_for_numbers = ROW_NUMBER in set(schema.names) - set(file.schema_arrow.names)
                for batch in file.iter_batches(row_groups=groups):
                    rows = numbered(batch, row) if asks_for_numbers else batch
                    row += len(batch)
                    yield rows.select(schema.names).cast(schema)
        except OSError as error:
            raise OSError(f"{UNREAD}{S3}{path}: {_why(str(error))}") from error


def _why(said: str) -> str:
    if any(code in said for code in REFUSED):
        return "the store refuses AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of their environment"
    return said


def numbered(rows: pa.RecordBatch, first: int) -> pa.RecordBatch:
    """Rows with their numbers in the file."""
    return rows.append_column(ROW_NUMBER, pa.array(range(first, first + len(rows)), pa.int64()))


def register(spark: SparkSession) -> None:
    """Tell a cluster of LakeFiles, with all of our code that they use."""
    for code in (LakeFiles, s3_of_environment):
        cloudpickle.register_pickle_by_value(sys.modules[code.__module__])
    spark.dataSource.register(LakeFiles)


def read(spark: SparkSession, files: dict[str, Path], schema: StructType) -> Any:
    """The rows of files, of each by its address the copy that lies here, in a schema that may have ROW_NUMBER."""
    found = [part for address, path in files.items() for part in parts(address.removeprefix(S3), path)]
    return spark.read.format(LakeFiles.name()).schema(schema).option("parts", json.dumps(found)).load()


def parts(name: str, path: Path) -> list[Part]:
    """What each task reads of a file; one without a row is read as well."""
    told = parquet.read_metadata(path)
    found: list[Part] = [(name, [], 0)]
    row = held = 0
    for group in range(told.num_row_groups):
        rows = told.row_group(group).num_rows
        if held and held + rows > ROWS:
            found.append((name, [], row))
            held = 0
        found[-1][1].append(group)
        row, held = row + rows, held + rows
    return found
