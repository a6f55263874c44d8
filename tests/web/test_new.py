"""New is one number: that of the run, the list, the API and the CSV, whichever runs come after."""

import csv
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from reconcile.ledger import operations
from reconcile.ledger.access import EVERYTHING
from reconcile.ledger.actors import MACHINE
from reconcile.ledger.export import export
from reconcile.models import Job, Run

from . import market
from .cast import NOW, Cast

STATES = {"new": "state=new", "regressed": "state=regressed", "ongoing": "state=ongoing&absent=no"}
SHOWN = re.compile(r"Export ([\d,]+) rows? as CSV")


def counts(client: Client, folder: Path, query: str) -> list[int]:
    """How many discrepancies the list, the API and the CSV have of a filter."""
    listed = SHOWN.search(client.get(f"/discrepancies/?{query}").content.decode())
    told = client.get(f"/api/discrepancies/?{query}").json()["count"]
    target = folder / "export.csv"
    export(target=target, query=query, run=None, scope=EVERYTHING, now=NOW, report=lambda *_: None)
    with target.open(newline="") as file:
        rows = len(list(csv.DictReader(file)))
    return [int(listed[1].replace(",", "")) if listed else 0, told, rows]


def do(job: Job) -> None:
    operations.perform(actor=MACHINE, job_id=job.pk)


def run_as_of(day: date) -> None:
    do(operations.start_reconcile(actor=MACHINE, as_of=day, every_guard=True, now=timezone.now()))


def look_back(folder: Path) -> None:
    """A run of two weeks ago."""
    run_as_of(market.DAYS[1] + timedelta(days=1))


def again_that_day(folder: Path) -> None:
    """A second run of the same day, with one flag more that is wrong."""
    registration, _ = market.write_files(folder, len(market.DAYS) - 1, market.LAST_DAY)
    fine = next(mpxn for mpxn, _, _, case in market.POINTS if case is market.FINE)
    registration.write_text(registration.read_text().replace(f"{fine},A", f"{fine},N"))
    asked = {"as_of": market.LAST_DAY, "every_guard": True, "now": timezone.now()}
    do(operations.start_load(actor=MACHINE, path=registration, name=registration.name, **asked))
    run_as_of(market.LAST_DAY)


@pytest.mark.parametrize("then", [None, look_back, again_that_day])
def test_every_state_has_one_count(browse: Callable[[str], Client], cast: Cast, own_lake: Path, tmp_path: Path, then):
    if then:
        then(tmp_path)
    run = Run.objects.filter(lookback=False).order_by("as_of", "pk").last()
    assert Run.objects.count() == (5 if then else 4)
    assert (run == cast.last_run) == (then is not again_that_day)

    for state, query in STATES.items():
        assert counts(browse("operator"), tmp_path, query) == [getattr(run, state)] * 3, state
    assert run.new == cast.last_run.new + (then is again_that_day)
