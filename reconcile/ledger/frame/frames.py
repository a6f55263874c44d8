"""The discrepancies as columns in memory, the worst first: what a list of any filter is counted and cut from.

In: a run, after which the ledger stands still. Out: Frame. A run leaves it in the lake, whence every web process reads
it once; without that it is made of the ledger. Called by ledger.frame.
"""

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from django.conf import settings
from django.db.models import Case, CharField, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Substr
from numpy.typing import NDArray
from pyarrow import parquet as pq

from reconcile.domain.ages import AGES
from reconcile.domain.vocabulary import ALL_MASKS, FLAGS, Fuel, PointStatus, shows, statuses_in
from reconcile.lake import store
from reconcile.models import Discrepancy, Run
from reconcile.models.worst import WORST

from .. import beside, bulk, states
from ..filters import IN_USE, MOVED, NO_FLAG, OF_RUN, ROW_TESTS

logger = logging.getLogger(__name__)
FILE = "ledger.parquet"
SMALL = 3_000
"""So many rows are read anew each time; of more, the frame of the newest run is kept."""
NONE = ""
Codes = NDArray[np.int16] | NDArray[np.int32]
"""As small as there are few values."""
Marks = NDArray[np.bool_]
Tests = dict[str, Q]
CHOICES: dict[str, tuple[str, ...]] = {
    "flag": tuple(flag or NO_FLAG for flag in FLAGS),
    "fuel": tuple(Fuel),
    "in_flight": ("yes", "no"),
    "absent": ("yes", "no"),
    "undetermined": ("yes", "no"),
    "comparable": ("yes", "no"),
    "ever_regressed": ("yes", "no"),
    "point_status": (IN_USE, *PointStatus),
}
"""Filters of which each row has one value; what that means is said by ROW_TESTS alone."""
OF_A_RUN: dict[str, tuple[str, ...]] = {"wrong_for": tuple(AGES), "move": tuple(move for move, _ in MOVED)}
RAW = {
    # column of the frame -> field of the row
    "rule": "rule",
    "network": "network_id",
    "supplier": "supplier_id",
    "kind": "kind_id",
    "postcode_area": "postcode_area",
    "commissioned": "month",
    "shows": "mask",
}
SOURCES = {**RAW, "state": "state", **{name: f"of_{name}" for name in (*CHOICES, *OF_A_RUN)}}
"""Every column of the frame -> what it is read from."""
READ = {
    "id": "BIGINT",
    "worst": "BIGINT",
    "rule": "VARCHAR",
    "network_id": "BIGINT",
    "supplier_id": "BIGINT",
    "kind_id": "BIGINT",
    "postcode_area": "VARCHAR",
    "month": "VARCHAR",
    "mask": "INTEGER",
    "state": "VARCHAR",
    **{f"of_{name}": "VARCHAR" for name in (*CHOICES, *OF_A_RUN)},
}
MONTH = Substr(Cast("commissioned", CharField()), 1, len("YYYY-MM"))
"""When the meter was commissioned; the databases write a date alike, and take far longer to take it apart."""
OF_IDS = ("network", "supplier", "kind")
EVERY = slice(None)
SHOWN = {mask: str(shows(statuses_in(mask))) for mask in ALL_MASKS}


@dataclass(frozen=True)
class Frame:
    """Rows by their place, the worst first. `codes`: column -> number of each row's value among `values`."""

    run: int
    ids: NDArray[np.int64]
    codes: dict[str, Codes]
    values: dict[str, list[Any]]
    counted: dict[Any, Any] = field(default_factory=dict)
    """What was counted of it before: a frame never changes."""

    @cached_property
    def by_id(self) -> NDArray[np.int64]:
        """The places of the rows, by id."""
        return np.argsort(self.ids, kind="stable")

    @cached_property
    def sorted_ids(self) -> NDArray[np.int64]:
        """The ids in their order."""
        return self.ids[self.by_id]

    def places(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """The places of those ids that are in it."""
        if not len(self.ids):
            return np.zeros(0, np.int64)
        found = np.minimum(np.searchsorted(self.sorted_ids, ids), len(self.ids) - 1)
        places: NDArray[np.int64] = self.by_id[found[self.sorted_ids[found] == ids]]
        return places

    def columns(self, names: Iterable[str], places: NDArray[np.int64] | slice = EVERY) -> dict[str, pa.Array]:
        """Columns of some rows, each value as what it means; nothing is 0 or empty."""
        return {
            name: pa.DictionaryArray.from_arrays(self.codes[name][places], pa.array(self.values[name], _type(name)))
            for name in names
        }

    def having(self, column: str, wanted: Iterable[Any]) -> Marks:
        """Which rows have one of some values."""
        among = set(wanted)
        table = np.array([one in among for one in self.values[column]], np.bool_)
        found: Marks = table[self.codes[column]] if len(table) else np.zeros(len(self.ids), np.bool_)
        return found


def _type(column: str) -> pa.DataType:
    return pa.int64() if column in OF_IDS else pa.string()


class _Kept:
    """The frame of the newest run, for all threads of this process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.key: tuple[Any, ...] = ()
        self.frame: Frame | None = None

    def of(self, run: Run) -> Frame:
        key = (str(settings.LAKE_DIR), run.pk, run.published_at)
        with self.lock:
            if self.frame is None or self.key != key:
                self.frame, self.key = _read(run) or made(run), key
            return self.frame


_kept = _Kept()


def frame_of(run: Run) -> Frame:
    """The ledger as the newest run left it."""
    return _kept.of(run) if is_large() else made(run)


def keep(run: Run) -> None:
    """Leave the frame in the lake. The run stands without it: pages then make their own."""
    if run.lookback or run.thinned_at or FILE in run.checksums or not is_large():
        return
    try:
        with store.scratch() as folder:
            whole = folder / "frame"
            whole.mkdir()
            frame = made(run)
            table = pa.table({"id": frame.ids, **frame.columns(SOURCES)})
            pq.write_table(table, whole / FILE, compression="zstd")
            beside.leave(run, whole)
    except (duckdb.Error, OSError):
        logger.exception("The discrepancies after run %s could not be kept as columns", run.pk)


def _read(run: Run) -> Frame | None:
    """The frame that a run left; None where there is none that can be read."""
    if FILE not in run.checksums:
        return None
    try:
        store.here(path := store.kept(run, FILE))
        table = pq.read_table(path)
    except (OSError, pa.ArrowException):
        logger.exception("What run %s left as columns cannot be read", run.pk)
        return None
    if table.column_names != ["id", *SOURCES]:
        # Of an earlier version of the product.
        return None
    codes, values = {}, {}
    for name in SOURCES:
        codes[name], values[name] = _coded(table.column(name))
    return Frame(run.pk, table.column("id").to_numpy(), codes, values)


def made(run: Run) -> Frame:
    """The frame of the ledger as it stands."""
    rows = Discrepancy.objects.annotate(
        worst=WORST,
        month=MONTH,
        state=states.state(run.as_of),
        **{f"of_{name}": _case(_tests(name, run)) for name in (*CHOICES, *OF_A_RUN)},
    )
    table = _of_many(rows) if is_large() else _of_few(rows)
    codes, values = {}, {}
    for name, source in SOURCES.items():
        codes[name], values[name] = _coded(table.column(source))
    values["shows"] = [SHOWN[mask] for mask in values["shows"]]
    return Frame(run.pk, table.column("id").to_numpy(), codes, values)


def is_large() -> bool:
    """Whether the ledger is too large to be read for each page."""
    return Discrepancy.objects.order_by()[SMALL:].exists()


def _of_many(rows: QuerySet[Any]) -> pa.Table:
    with store.scratch() as folder, store.connected(folder) as con:
        bulk.read_rows(con, rows, READ, "ledger")
        return con.sql("SELECT * FROM ledger ORDER BY worst, id").to_arrow_table()


TYPES = {"BIGINT": pa.int64(), "INTEGER": pa.int64(), "VARCHAR": pa.string()}


def _of_few(rows: QuerySet[Any]) -> pa.Table:
    found = sorted(rows.values_list(*READ), key=lambda row: (row[1], row[0]))
    columns = zip(*found, strict=True) if found else ([] for _ in READ)
    return pa.table({name: pa.array(column, TYPES[READ[name]]) for name, column in zip(READ, columns, strict=True)})


def _tests(name: str, run: Run) -> Tests:
    if name in CHOICES:
        return {value: ROW_TESTS[name](value) for value in CHOICES[name]}
    return {value: OF_RUN[name](value, run) for value in OF_A_RUN[name]}


def _case(tests: Tests) -> Case:
    """A column of the first value whose test holds."""
    cases = [When(test, then=Value(str(value))) for value, test in tests.items()]
    return Case(*cases, default=Value(NONE), output_field=CharField())


def _coded(column: pa.ChunkedArray) -> tuple[Codes, list[Any]]:
    """A column as small numbers, and what they mean; nothing is 0 or empty."""
    if pa.types.is_dictionary(column.type):
        return _numbered(column.combine_chunks())
    filled = column.fill_null("" if pa.types.is_string(column.type) else 0)
    return _numbered(filled.combine_chunks().dictionary_encode())


def _numbered(encoded: pa.DictionaryArray) -> tuple[Codes, list[Any]]:
    values = encoded.dictionary.to_pylist()
    small = np.int16 if len(values) < np.iinfo(np.int16).max else np.int32
    return encoded.indices.to_numpy(zero_copy_only=False).astype(small), values
