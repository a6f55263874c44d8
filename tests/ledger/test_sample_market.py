"""The main job end to end: make a market, load its files, reconcile, export, and find exactly what was planted."""

import csv
import json
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from reconcile.domain.rules import RULES
from reconcile.domain.triage import CLASS_NAMES
from reconcile.feeds.order import ORDER
from reconcile.ledger import queries
from reconcile.ledger.actors import MACHINE
from reconcile.management import demo
from reconcile.models import AlertLine, Discrepancy, Event, Extract, Party, Run

TRUTH = ("mpxn", "rule", "flag", "expected", "meter_statuses", "meters", "in_flight", "state")
OTHERS = {"registration_json", "inventory_json", "premises"}
"""Kinds that the sample market does not write."""
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]


def command(*words: str) -> dict:
    """What a command says with --json."""
    said = StringIO()
    call_command(*words, "--json", stdout=said)
    return json.loads(said.getvalue())


def rows_of(path: Path) -> list[tuple]:
    """The columns of truth.csv in a CSV file."""
    with path.open(newline="") as file:
        return [tuple(row[name] for name in TRUTH) for row in csv.DictReader(file)]


def days_of(folder: Path, *words: str) -> list[Path]:
    """The days of a sample market that is made with these words."""
    call_command("make_sample", str(folder), *words, stdout=StringIO())
    return sorted(path for path in folder.iterdir() if path.is_dir())


def loaded(day: Path) -> list[dict]:
    """The reports of all files of a day, in the order of the demonstration."""
    files = demo.files_of(day)
    beside = {"truth.csv", "truth_alerts.csv", "truth_coverage.csv", "summary.json"}
    assert {file.name for file in day.iterdir() if file not in files} == beside
    reports = [command("load", str(file)) for file in files]
    assert {(report["state"], report["rejects"]) for report in reports} == {("loaded", 0)}
    return reports


def test_every_day_finds_exactly_what_was_planted(tmp_path, lake_dir):
    out = tmp_path / "out.csv"
    days = days_of(tmp_path / "market", "--meter-points", "4000", "--days", "4", "--seed", "7")
    rules: Counter[str] = Counter()
    answers: set[str] = set()

    for day in days:
        loaded(day)
        run = command("reconcile", "--as-of", day.name)
        exported = command("export", str(out), "--run", str(run["run"]))
        truth = rows_of(day / "truth.csv")

        assert rows_of(out) == truth
        assert exported["rows"] == len(truth) == run["new"] + run["ongoing"] + run["regressed"]
        rules.update(row[1] for row in truth)
        answers |= coverage_as_planted(day, out)

        command("export", str(out))
        assert Counter(row["last_seen"] == day.name for row in csv.DictReader(out.open()))[True] == len(truth)
        assert_whole()

    assert answers == {"now", "from_date", "not_confirmed", "no_data"}
    assert_alerts_as_planted(days, tmp_path / "alerts.csv")
    assert set(rules) == set(RULES)
    assert set(Extract.objects.values_list("kind", flat=True)) == set(ORDER) - OTHERS


def coverage_as_planted(day: Path, out: Path) -> set[str]:
    """Every meter that waits is told of as planted; gives the answers that there are."""
    call_command("export_coverage", str(out), stdout=StringIO())
    told, planted = (list(csv.DictReader(path.open(newline=""))) for path in (out, day / "truth_coverage.csv"))
    assert [{name: row[name] for name in planted[0]} for row in told] == planted
    assert all(int(row["days_waiting"]) >= 0 for row in told)
    return {row["answer"] for row in told}


def assert_alerts_as_planted(days: list[Path], out: Path) -> None:
    """Every alert of every week with what was known then, what is now, its class and its storm; and the storms."""
    call_command("export_alerts", str(out), "--state", "all", stdout=StringIO())
    planted = [row for day in days for row in csv.DictReader((day / "truth_alerts.csv").open(newline=""))]
    told = list(csv.DictReader(out.open(newline="")))
    names = {name: kind.value for kind, name in CLASS_NAMES.items()}

    expected = [
        (row["sent"], row["said"], row["sender"], row["verdict"], row["verdict_then"], row["class"], row["of_storm"])
        for row in planted
    ]
    found = [
        (row["time"], row["code"], row["device_id"], row["verdict"], row["verdict_then"],
         names[row["why"].partition(":")[0]], row["storm"].partition(" ")[0])
        for row in told
    ]  # fmt: skip
    assert sorted(found) == sorted(expected)
    updated = len({row["number"] for row in planted if row["of_storm"] == "firmware"})
    storms = AlertLine.objects.exclude(kind="single").order_by("first_at")
    assert [(line.kind, line.points, line.waiting) for line in storms] == [
        ("area", 12, False),
        ("firmware", updated, False),
        ("area", 8, True),
    ]

    lines = AlertLine.objects.filter(members__triaged="ghost").distinct()
    haunted = [ghost for line in lines for ghost in queries.alert_line(actor=MACHINE, line_id=line.pk).ghosts]
    assert haunted and all(ghost.standing for ghost in haunted)


def test_a_suppliers_own_market_finds_exactly_what_was_planted_in_it(tmp_path, lake_dir):
    out = tmp_path / "out.csv"
    words = ("--meter-points", "9000", "--days", "2", "--seed", "7", "--supplier", "WREN")
    rules: set[str] = set()

    for day in days_of(tmp_path / "market", *words):
        refreshes = [report for report in loaded(day) if report["kind"] == "d0204"]
        run = command("reconcile", "--as-of", day.name)
        command("export", str(out), "--run", str(run["run"]))

        assert {(report["coverage"], report["supplier"]) for report in refreshes} == {("full", "WREN")}
        assert len(refreshes) == len({report["network"] for report in refreshes}) > 14
        assert rows_of(out) == rows_of(day / "truth.csv")
        rules.update(row[1] for row in rows_of(out))
        assert_whole()

    assert "METER_DIFFERS" in rules


def assert_whole() -> None:
    """Whatever the ledger refers to is there, which the database itself does not check; every life has a beginning."""
    parties, runs = Party.objects.values("pk"), Run.objects.values("pk")
    assert not Discrepancy.objects.exclude(network__in=parties).exists()
    assert not Discrepancy.objects.exclude(supplier=None).exclude(supplier__in=parties).exists()
    assert not Event.objects.exclude(discrepancy__in=Discrepancy.objects.values("pk")).exists()
    assert not Event.objects.exclude(run__in=runs).exists()
    assert Event.objects.filter(before="", after="new").count() == Discrepancy.objects.count()
