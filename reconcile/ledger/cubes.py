"""What a run counted its Meter Points by, and what is wrong of them, as numbers to be added up in any way.

In: a run, a scope, a filter's rows. Out: Counts by cube. Called by queries.causes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from reconcile.domain.facets import FACT_FILTERS, Cube, Facet
from reconcile.domain.smets import Generation
from reconcile.feeds.sql import literal
from reconcile.lake import store
from reconcile.models import MeterKind, Party, Run

from . import bulk
from .access import Scope
from .filters import COMPARABLE, DiscrepancyFilter
from .frame import Frame, frame_of

Codes = NDArray[np.int64]
NOT_KNOWN = -1
FILES = {Cube.KINDS: store.KINDS, Cube.PLACES: store.PLACES}
AREA = (
    "CASE WHEN postcode_area <> '' THEN ascii(postcode_area) * 256 + coalesce(ascii(postcode_area[2]), 0) ELSE -1 END"
)
PARTIES = "network_id AS network, coalesce(supplier_id, -1) AS supplier"
CUBES = {
    Cube.KINDS: f"SELECT {PARTIES}, coalesce(kind_id, -1) AS kind, points AS count",
    Cube.PLACES: f"SELECT {PARTIES}, {AREA} AS postcode_area, coalesce(commissioned_month, -1) AS commissioned, "
    "points AS count",
}
COUNTED_BY = ("network", "supplier", "kind", "postcode_area", "commissioned")
WRONG = (
    f"network, if(supplier = 0, -1, supplier) AS supplier, if(kind = 0, -1, kind) AS kind, {AREA} AS postcode_area, "
    "if(commissioned = '', -1, commissioned[:4]::BIGINT * 12 + commissioned[6:]::BIGINT - 1) AS commissioned"
)
"""The same of the columns of the frame."""
OF_KINDS = ("manufacturer", "model", "firmware", "csp_region", "smets", "generation")


@dataclass
class Rows:
    """Rows of counts, with a code for each column; NOT_KNOWN where nothing is known. Taking rows out changes counts."""

    codes: dict[str, Codes]
    count: NDArray[np.float64]
    _keys: dict[tuple[str, ...], Codes] = field(default_factory=dict, init=False)

    def are(self, codes: Mapping[str, int]) -> NDArray[np.bool_]:
        """Which rows have these codes."""
        found: NDArray[np.bool_] = np.logical_and.reduce([self.codes[name] == code for name, code in codes.items()])
        return found

    def keys(self, columns: tuple[str, ...], sizes: Mapping[str, int]) -> Codes:
        """One number a row, of several columns; NOT_KNOWN where one of them is. Worked out once: no code changes."""
        if columns not in self._keys:
            key, known = np.zeros(len(self.count), np.int64), np.ones(len(self.count), np.bool_)
            for name in columns:
                key = key * sizes[name] + self.codes[name]
                known &= self.codes[name] >= 0
            self._keys[columns] = np.where(known, key, NOT_KNOWN)
        return self._keys[columns]

    def sums(self, columns: tuple[str, ...], sizes: Mapping[str, int], classes: int) -> NDArray[np.float64]:
        """The counts by the number of the class."""
        # What is not known is counted first, and left out: quicker than to pick out what is.
        counted = np.bincount(self.keys(columns, sizes) - NOT_KNOWN, self.count, minlength=classes + 1)
        return counted[1:].astype(np.float64)


@dataclass
class Counts:
    """The points of each cube that can be counted, and what is wrong of them. `values`: column -> what a code means."""

    points: dict[Cube, Rows]
    wrong: Rows
    values: dict[str, list[Any]]

    def __post_init__(self) -> None:
        self.sizes = {name: max(len(values), 1) for name, values in self.values.items()}

    def of(self, facet: Facet) -> tuple[Codes, NDArray[np.float64], NDArray[np.float64]]:
        """The classes that have points, as their numbers; how many are wrong, and of how many points."""
        classes = int(np.prod([self.sizes[name] for name in facet.columns]))
        points = self.points[facet.cube].sums(facet.columns, self.sizes, classes)
        wrong = self.wrong.sums(facet.columns, self.sizes, classes)
        there = np.flatnonzero(points > 0)
        return there, wrong[there], points[there]

    def codes_of(self, facet: Facet, number: int) -> dict[str, int]:
        """The codes of a class, by its number."""
        codes: dict[str, int] = {}
        for name in reversed(facet.columns):
            number, codes[name] = divmod(number, self.sizes[name])
        return {name: codes[name] for name in facet.columns}

    def take_out(self, facet: Facet, codes: Mapping[str, int]) -> None:
        """Leave a class out, so that the rest can be looked at without it.

        The other cube does not know it; there the points of the same network and supplier become fewer by their share.
        """
        self.wrong.count[self.wrong.are(codes)] = 0
        own = self.points[facet.cube]
        theirs = own.are(codes)
        before = own.sums(PARTY_COLUMNS, self.sizes, self._parties)
        own.count[theirs] = 0
        left = np.divide(
            own.sums(PARTY_COLUMNS, self.sizes, self._parties), before, out=np.ones(len(before)), where=before > 0
        )
        for cube, rows in self.points.items():
            keys = rows.keys(PARTY_COLUMNS, self.sizes)
            if cube != facet.cube:
                rows.count[keys >= 0] *= left[keys[keys >= 0]]

    @property
    def _parties(self) -> int:
        return self.sizes["network"] * self.sizes["supplier"]


PARTY_COLUMNS = ("network", "supplier")


def counts(*, run: Run, scope: Scope, filters: DiscrepancyFilter, rows: Any) -> Counts:
    """What is wrong of a filter's `rows`, and the points that it is wrong of. Raises duckdb.Error without the files.

    `run`: the newest.
    """
    with store.connect() as con:
        bulk.read_rows(
            con, Party.objects.filter(kind=Party.Kind.NETWORK), {"id": "BIGINT", "fuel": "VARCHAR"}, "network"
        )
        kinds = {row.pk: row for row in MeterKind.objects.all()}
        where = _condition(scope, filters.asked(), kinds)
        found = {cube: _points(con, run, cube, where) for cube in Cube if _knows(cube, filters)}
        wrong = _wrong(con, frame_of(run), rows)
    return _coded(found, wrong, kinds)


def _wrong(con: duckdb.DuckDBPyConnection, frame: Frame, rows: Any) -> dict[str, Codes]:
    """The comparable ones of some rows, counted by what the cubes count by."""
    ids = rows.filter(COMPARABLE).order_by().values_list("pk", flat=True)
    places = frame.places(np.fromiter(ids.iterator(chunk_size=bulk.BATCH), np.int64))
    con.register("wrong", pa.table(frame.columns(COUNTED_BY, places)))
    return _fetched(con, f"SELECT {WRONG}, count(*) AS count FROM wrong GROUP BY ALL")


def _knows(cube: Cube, filters: DiscrepancyFilter) -> bool:
    """Whether a cube knows the points of every filter that narrows them."""
    return all(name in COLUMNS[cube] for name in filters.asked() if name in FACT_FILTERS)


COLUMNS = {Cube.KINDS: OF_KINDS, Cube.PLACES: ("postcode_area", "commissioned")}


def _points(con: duckdb.DuckDBPyConnection, run: Run, cube: Cube, where: str) -> dict[str, Codes]:
    """The points of a cube that a condition leaves."""
    path = store.quoted(store.kept(run, FILES[cube]))
    return _fetched(con, f"{CUBES[cube]} FROM read_parquet({path}) WHERE {where}")


def _condition(scope: Scope, asked: Mapping[str, Any], kinds: Mapping[int, MeterKind]) -> str:
    """What the parties, the fuel and the facts that a filter asks for mean for points."""
    conditions = [within(scope)]
    conditions += [f"{kind}_id IN ({_numbers(asked[kind])})" for kind in PARTY_COLUMNS if kind in asked]
    if "fuel" in asked:
        conditions.append(f"network_id IN (SELECT id FROM network WHERE fuel = {literal(asked['fuel'])})")
    if said := {name: _as_kept(asked[name]) for name in OF_KINDS if name in asked}:
        same = (pk for pk, kind in kinds.items() if all(getattr(kind, name) == text for name, text in said.items()))
        unsaid = " OR kind_id IS NULL" if said == {"generation": ""} else ""
        conditions.append(f"(kind_id IN ({_numbers(same)}){unsaid})")
    if "postcode_area" in asked:
        conditions.append(f"postcode_area = {literal(asked['postcode_area'].upper())}")
    if "commissioned" in asked:
        conditions.append(f"commissioned_month = {month_number(asked['commissioned'])}")
    return " AND ".join(conditions)


def _as_kept(text: str) -> str:
    """What is asked of a kind as the kinds have it: of an unknown generation they say nothing."""
    return "" if text == Generation.NOT_KNOWN else text


def month_number(month: str) -> int:
    """YYYY-MM as months since the year 0."""
    year, number = map(int, month.split("-"))
    return year * 12 + number - 1


def within(scope: Scope) -> str:
    """The rows of a cube that a scope sees."""
    if scope.everything:
        return "true"
    return f"(network_id IN ({_numbers(scope.networks)}) OR supplier_id IN ({_numbers(scope.suppliers)}))"


def _numbers(ids: Iterable[int]) -> str:
    """Ids for SQL; NULL, which equals nothing, where there are none."""
    return ", ".join(map(str, sorted(ids))) or "NULL"


def _fetched(con: duckdb.DuckDBPyConnection, query: str) -> dict[str, Codes]:
    return {name: column.astype(np.int64) for name, column in con.execute(query).fetchnumpy().items()}


def _coded(points: Mapping[Cube, dict[str, Codes]], wrong: dict[str, Codes], kinds: Mapping[int, MeterKind]) -> Counts:
    """Every column with small codes of its own, the same in all."""
    parts = [*points.values(), wrong]
    values: dict[str, list[Any]] = {}
    coded: list[dict[str, Codes]] = [{} for _ in parts]
    for name in COUNTED_BY:
        having = [n for n, part in enumerate(parts) if name in part]
        found, places = np.unique(np.concatenate([parts[n][name] for n in having]), return_inverse=True)
        known = found >= 0
        code = np.where(known, np.cumsum(known) - 1, NOT_KNOWN)
        values[name] = found[known].tolist()
        cuts = np.cumsum([len(parts[n][name]) for n in having])[:-1]
        for n, place in zip(having, np.split(places, cuts), strict=True):
            coded[n][name] = code[place]
    for name in OF_KINDS:
        texts = [getattr(kinds[pk], name) for pk in values["kind"]]
        values[name] = sorted({text for text in texts if text})
        places_of = {text: n for n, text in enumerate(values[name])}
        of_kind = np.array([*(places_of.get(text, NOT_KNOWN) for text in texts), NOT_KNOWN], np.int64)
        for part in coded:
            if "kind" in part:
                part[name] = of_kind[part["kind"]]
    rows = [Rows(codes, part["count"].astype(float)) for codes, part in zip(coded, parts, strict=True)]
    return Counts(dict(zip(points, rows, strict=False)), rows[-1], values)
