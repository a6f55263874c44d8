"""Whatever befalls a file, a run says nothing new that the file does not prove.

A new discrepancy is proven at a Meter Point by whole lines that name it, read by the naive reader here, whose values
`judge` finds wrong. What a file does not hold it proves only if it is whole: every line of it, and every column that
lines of the good file had. Where it is not whole, and a line of the good file about the point is gone from it, one more
meter of any status may stand there, and a flag is not known. A file that fails or is held says nothing.
"""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import product

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from reconcile.domain.mp077 import judge
from reconcile.domain.vocabulary import LIVE, Flag, Status, mpan_is_valid, mprn_is_valid
from reconcile.feeds import BadFile
from reconcile.ledger import guards, loading, population
from reconcile.ledger.actors import MACHINE
from reconcile.ledger.coverages import LoadError
from reconcile.ledger.guards import Approval, Held
from reconcile.models import Event

from . import harm
from .harm import File
from .market import reconcile

pytestmark = pytest.mark.one_database

FIRST, DAY, NOW = date(2025, 3, 3), date(2025, 3, 10), datetime(2025, 3, 11, tzinfo=UTC)
FLAGS = {"A": Flag.A, "N": Flag.N, "I": Flag.I, "": None}
METERS = {"ESME", "GSME"}
Proven = set[tuple[int, str]]


class Read:
    """A file as one reads it who takes the good file's headings and whole lines for true, and nothing else."""

    def __init__(self, file: File, good: File) -> None:
        heading, *lines = file.content.decode("cp1252", "replace").split("\n")
        self.headings = heading.split(",")
        rows = [line.split(",") for line in lines if line]
        read = [dict(zip(self.headings, row, strict=True)) for row in rows if len(row) == len(self.headings)]
        self.lines = [line for line in read if is_readable(line)]
        columns = [*map(set, zip(*good.lines, strict=True))]
        filled = {name for name, values in zip(good.headings, columns, strict=True) if values != {""}}
        named = filled & (harm.NUMBERS | harm.WORDS) <= set(self.headings)
        self.is_whole = named and len(self.lines) == len(rows) and lines[-1] == ""
        self.texts = {tuple(sorted(line.items())) for line in self.lines}

    def about(self, point: int) -> list[dict[str, str]]:
        return [line for line in self.lines if point in points_of(line)]

    def misses(self, line: dict[str, str]) -> bool:
        """Whether a line of the good file may stand in what could not be read."""
        kept = {name: value for name, value in line.items() if name in self.headings}
        return not self.is_whole and tuple(sorted(kept.items())) not in self.texts


def is_readable(line: dict[str, str]) -> bool:
    """Every number, flag, status and type is one, as the good file would write it."""
    return (
        all(is_number(line[name]) for name in harm.NUMBERS if line.get(name))
        and line.get("dcc_service_flag", "") in FLAGS
        and bool(line.get("mpan_core", "1") and line.get("mprn", "1"))
        and line.get("DeviceStatus", "Pending") in {*map(str, Status)}
        and line.get("DeviceType", "ESME") in METERS
    )


def is_number(text: str) -> bool:
    return mpan_is_valid(text) if len(text) == 13 else text.isascii() and text.isdecimal() and mprn_is_valid(text)


def points_of(line: dict[str, str]) -> set[int]:
    return {int(line[name]) for name in harm.NUMBERS if line.get(name)}


def rows(file: File) -> list[dict[str, str]]:
    return [dict(zip(file.headings, line, strict=True)) for line in file.lines]


def proven(good: dict[str, File], changed: str, file: File) -> Proven:
    """Every rule that could be said to be broken at every point that any file names."""
    read = {name: Read(one, good[name]) for name, one in {**good, changed: file}.items()}
    registered, inventory = [read["electricity"], read["gas"]], read["inventory"]
    everything = [line for one in good.values() for line in rows(one)] + [*inventory.lines, *registered[0].lines]
    points = {point for line in everything for point in points_of(line)}
    return {(point, rule) for point in points for rule in proven_at(point, registered, inventory, good)}


def proven_at(point: int, registered: list[Read], inventory: Read, good: dict[str, File]) -> Iterator[str]:
    told = [line.get("dcc_service_flag", "") for one in registered for line in one.about(point)]
    devices = devices_at(point, inventory)
    missed = any(inventory.misses(line) for line in rows(good["inventory"]) if point in points_of(line))
    for flag, ever in product(told, (False, True)):
        for statuses in product(*devices.values()):
            yield from firm(FLAGS[flag], frozenset(statuses), ever, missed=missed)
    if len(set(told)) > 1:
        yield "DUPLICATE_FLAG"
    was_registered = any(point in points_of(line) for name in ("electricity", "gas") for line in rows(good[name]))
    if devices and not told and (registered[0].is_whole or not was_registered):
        yield "SMI_ONLY"
    if len([told for told in devices.values() if told & LIVE]) > 1:
        yield "MANY_METERS"
    if any((line.get("DeviceType") == "ESME") != (point >= 10**12) for line in inventory.about(point)):
        yield "FUEL_MISMATCH"


def devices_at(point: int, inventory: Read) -> dict[str, set[Status]]:
    """What whole lines say of each meter of the right fuel."""
    found: dict[str, set[Status]] = {}
    for line in inventory.about(point):
        if (line.get("DeviceType") == "ESME") == (point >= 10**12) and "DeviceStatus" in line:
            found.setdefault(line.get("DeviceID", "?"), set()).add(Status(line["DeviceStatus"]))
    return found


def firm(flag: Flag | None, statuses: frozenset[Status], ever: bool, *, missed: bool) -> Iterator[str]:
    """The rule that is broken; where a line is missed, whatever that says."""
    rules = {judge(flag, statuses, ever).rule}
    if missed:
        rules |= {judge(flag, statuses | {more}, ever).rule for more in Status}
    if len(rules) == 1:
        yield from rules - {None}


def load(file: File, folder) -> None:
    path = folder / file.name
    path.write_bytes(file.content)
    request = loading.Request(path=path, name=file.name, kind=None, as_of=None, coverage=None)
    loading.load(request=request, by=MACHINE, now=NOW, approval=Approval(), report=lambda *_: None)


@pytest.fixture
def good(db, tmp_path, monkeypatch) -> dict[str, File]:
    """The good files, loaded and reconciled a week before. Guards have no floor, for the market is small."""
    for floor in ("ROWS_FLOOR", "MOVED_FLOOR", "RISE_FLOOR"):
        monkeypatch.setattr(guards, floor, 3)
    # What is counted for causes, once a run is published, finds nothing.
    monkeypatch.setattr(population, "count", lambda *_: None)
    files = harm.good_files()
    for file in files.values():
        load(File(file.stem, file.headings, file.lines, day=FIRST.isoformat()), tmp_path)
    reconcile(FIRST)
    return files


def found_new(file: File, folder) -> Proven | None:
    """What a run finds that the one before did not, once the file is loaded; None where that is refused."""
    with transaction.atomic():
        try:
            load(file, folder)
            run = reconcile(DAY, yes=False)
        except (BadFile, LoadError, Held):
            return None
        else:
            changes = Event.objects.filter(run=run, after__in=("new", "regressed"))
            return set(changes.values_list("discrepancy__mpxn", "discrepancy__rule"))
        finally:
            transaction.set_rollback(True)


def test_the_good_files_say_nothing_new(good, tmp_path):
    for file in good.values():
        assert found_new(file, tmp_path) == set()


def test_what_a_whole_line_proves_is_found(good, tmp_path):
    file = good["inventory"]
    gone = file.changed([0], lambda line: [*line[:2], "Decommissioned", *line[3:]])

    found = found_new(gone, tmp_path)

    imported, exported = int(harm.MPANS[0]), int(harm.MPANS[-2])
    assert found == {(imported, "A_REMOVED"), (exported, "A_REMOVED")} <= proven(good, "inventory", gone)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.sampled_from(harm.HARM), st.sampled_from(["electricity", "gas", "inventory"]), st.integers(0, 1 << 40))
def test_nothing_new_is_found_that_the_file_does_not_prove(good, tmp_path, change, changed, seed):
    draw = random.Random(seed)
    file = change(draw, harm.reordered(draw, good[changed]))
    note(f"{change.__name__} of {changed}\n{file.content!r}")

    found = found_new(file, tmp_path)

    assert (found or set()) <= proven(good, changed, file)
