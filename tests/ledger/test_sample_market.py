"""The main job end to end: make a market, load its files, reconcile, export, and find exactly what was planted."""

import csv
import json
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from reconcile.domain.rules import RULES
from reconcile.models import Discrepancy, Event, Extract, Party, Run

TRUTH = ("mpxn", "rule", "flag", "expected", "meter_statuses", "meters", "in_flight", "state")
pytestmark = pytest.mark.django_db(transaction=True)


def command(*words: str) -> dict:
    """What a command says with --json."""
    said = StringIO()
    call_command(*words, "--json", stdout=said)
    return json.loads(said.getvalue())


def rows_of(path: Path) -> list[tuple]:
    """The columns of truth.csv in a CSV file."""
    with path.open(newline="") as file:
        return [tuple(row[name] for name in TRUTH) for row in csv.DictReader(file)]


def test_every_day_finds_exactly_what_was_planted(tmp_path, lake_dir):
    market, out = tmp_path / "market", tmp_path / "out.csv"
    call_command("make_sample", str(market), "--meter-points", "4000", "--days", "4", "--seed", "7", stdout=StringIO())
    days = sorted(folder for folder in market.iterdir() if folder.is_dir())
    rules: Counter[str] = Counter()

    for day in days:
        for file in sorted(day.iterdir(), key=in_loading_order):
            if file.suffix in {".csv", ".usr", ".xml"} and file.name != "truth.csv":
                report = command("load", str(file))
                assert (report["state"], report["rejects"]) == ("loaded", 0), report
        run = command("reconcile", "--as-of", day.name)
        exported = command("export", str(out), "--run", str(run["run"]))
        truth = rows_of(day / "truth.csv")

        assert rows_of(out) == truth
        assert exported["rows"] == len(truth) == run["new"] + run["ongoing"] + run["regressed"]
        rules.update(row[1] for row in truth)

        command("export", str(out))
        assert Counter(row["last_seen"] == day.name for row in csv.DictReader(out.open()))[True] == len(truth)
        assert_whole()

    assert set(rules) == set(RULES)
    assert set(Extract.objects.values_list("kind", flat=True)) == {"registration", "d0350", "dxi", "e46", "smi", "duis"}


def assert_whole() -> None:
    """Whatever the ledger refers to is there, which the database itself does not check; every life has a beginning."""
    parties, runs = Party.objects.values("pk"), Run.objects.values("pk")
    assert not Discrepancy.objects.exclude(network__in=parties).exists()
    assert not Discrepancy.objects.exclude(supplier=None).exclude(supplier__in=parties).exists()
    assert not Event.objects.exclude(discrepancy__in=Discrepancy.objects.values("pk")).exists()
    assert not Event.objects.exclude(run__in=runs).exists()
    assert Event.objects.filter(before="", after="new").count() == Discrepancy.objects.count()


def in_loading_order(file: Path) -> tuple[int, str]:
    """Full extracts before the updates to them."""
    return (0 if file.name.startswith(("registration", "smi")) else 1, file.name)
