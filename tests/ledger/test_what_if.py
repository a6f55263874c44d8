"""What if, over a market with one Meter Point at every cell of the truth table, beside the slow way: point by point."""

import csv
import json
from collections import Counter
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from reconcile.domain.policies import UnknownPolicy
from reconcile.domain.vocabulary import Status
from reconcile.ledger import queries
from reconcile.ledger.access import EVERYTHING, Scope
from reconcile.models import Discrepancy, Party, Run
from tests.unit.test_other_policies import STATED, expected_of

from .market import put, reconcile

FIRST, DAY = date(2025, 3, 3), date(2025, 3, 10)
STATUSES = list(Status)
NETWORKS = ("10", "12", "CADENT")
SUPPLIERS = ("OURS", "RIVL", None)
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def number_of(place: int, network: str) -> int:
    return 10**8 + place if network == "CADENT" else int(network) * 10**11 + place


def every_cell(masks=range(512)) -> dict[int, dict]:
    """A point for each flag, set of statuses, seen before or not; parties in turn."""
    cells = [(flag, mask, ever) for flag in (None, *"ANISW") for mask in masks for ever in (False, True)]
    points = {}
    for place, (flag, mask, ever) in enumerate(cells):
        network = NETWORKS[place % 3]
        points[number_of(place, network)] = {
            "flag": flag, "mask": mask, "ever": ever, "network": network, "supplier": SUPPLIERS[place // 3 % 3],
        }  # fmt: skip
    return points


def devices(points: dict[int, dict], statuses) -> list[dict]:
    return [
        {
            "device_id": f"{place:016x}",
            "device_type": "ESME" if mpxn >= 10**12 else "GSME",
            "status": status,
            "status_from": date(2021, 6, 1),
            "mpxn": mpxn,
            "role": "import",
        }
        for place, (mpxn, status) in enumerate(
            ((mpxn, status) for mpxn, point in points.items() for status in statuses(point)), 1
        )
    ]


def play(points: dict[int, dict], unreadable=()) -> Run:
    """An earlier inventory that shows what has been seen before, and the day itself."""
    put("devices", "full", FIRST, devices(points, lambda one: ["Commissioned"] if one["ever"] else []))
    rows = [{"mpxn": mpxn, "flag_from": date(2021, 6, 2), **one} for mpxn, one in points.items()]
    put("flags", "full", DAY, rows, unreadable=unreadable)
    put("devices", "full", DAY, devices(points, lambda one: [s for s in STATUSES if one["mask"] & s.bit]))
    return reconcile(DAY)


def slow_way(points: dict[int, dict], against: str, policy: str) -> dict[int, tuple[str, str]]:
    """Every point whose expected flag changes, by the naive statements of the policies."""
    found = {}
    for mpxn, one in points.items():
        asked = (one["flag"] or "-", one["mask"], one["ever"])
        now, then = (expected_of(STATED[name], *asked)[1].strip("-") for name in (against, policy))
        if now != then:
            found[mpxn] = (now, then)
    return found


def csv_of(found: queries.WhatIf, folder: Path, only=queries.EVERY_CHANGE, scope=EVERYTHING) -> list[dict[str, str]]:
    written = queries.changing_csv(scope=scope, of=found, only=only, target=folder / "out.csv")
    with (folder / "out.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert written == len(rows)
    return rows


def test_the_sums_and_the_points_are_those_of_the_slow_way(tmp_path):
    points = every_cell()
    run = play(points)
    before = (Run.objects.count(), Discrepancy.objects.count())

    for against, policy in [("mp077", name) for name in STATED] + [("pia", "before")]:
        found = queries.what_if(scope=EVERYTHING, policy=policy, against=against)
        slow = slow_way(points, against, policy)
        moves = Counter(f"{now or 'none'}>{then or 'none'}" for now, then in slow.values())

        assert (found.run, found.points, found.changed) == (run, 6144, len(slow))
        assert found.from_to == dict(moves)
        assert {one.code: one.changed for one in found.networks} == Counter(points[mpxn]["network"] for mpxn in slow)
        assert {one.code: one.changed for one in found.suppliers} == Counter(
            points[mpxn]["supplier"] or "none" for mpxn in slow
        )
        assert sum(one.changed for one in found.rules) == len(slow)
        rows = csv_of(found, tmp_path)
        assert [int(row["mpxn"]) for row in rows] == sorted(slow)
        assert {int(row["mpxn"]): (row["expected"], row["expected_then"]) for row in rows} == slow
        assert all(row["flag"] == (points[int(row["mpxn"])]["flag"] or "") for row in rows)
    assert (Run.objects.count(), Discrepancy.objects.count()) == before


def test_every_figure_leads_to_its_points(tmp_path):
    points = every_cell(masks=(0, 4, 8, 16, 64, 68))
    play(points)
    found = queries.what_if(scope=EVERYTHING, policy="alternative")
    asked = [
        *((queries.ChangesAsked(now=now, then=then), count) for now, then, count in found.moves),
        *((queries.ChangesAsked(network=one.code), one.changed) for one in found.networks),
        *((queries.ChangesAsked(supplier=one.code), one.changed) for one in found.suppliers),
        *((queries.ChangesAsked(rule=one.code), one.changed) for one in found.rules),
    ]
    everything = {row["mpxn"] for row in csv_of(found, tmp_path)}

    for only, count in asked:
        rows = {row["mpxn"] for row in csv_of(found, tmp_path, only)}
        paged, after = [], 0
        while after is not None:
            page = queries.changing_page(scope=EVERYTHING, of=found, only=only, after=after, size=5)
            paged, after = paged + page.rows, page.after
            assert page.total == count
        assert len(rows) == count
        assert [str(row["mpxn"]) for row in paged] == sorted(rows, key=int)
        assert rows <= everything


@pytest.mark.parametrize(("case", "way", "moved"), [("unseen", "N", "none>N"), ("paused", "N", "A>N")])
def test_an_open_case_read_one_way_moves_its_points_alone(case, way, moved, tmp_path):
    points = every_cell(masks=(0, 64, 8))
    play(points)

    found = queries.what_if(scope=EVERYTHING, policy=f"mp077:{case}={way}")

    masks = {points[int(row["mpxn"])]["mask"] for row in csv_of(found, tmp_path)}
    assert masks == {0 if case == "unseen" else 64}
    assert moved in found.from_to


def test_what_could_not_be_read_changes_nothing(tmp_path):
    points = every_cell(masks=(4,))
    unread = next(mpxn for mpxn, one in points.items() if one["flag"] == "I")
    run = play(points, unreadable=[unread])

    found = queries.what_if(scope=EVERYTHING, policy="requirements", run_id=run.pk)

    assert (found.points, found.unread, found.changed) == (12, 1, 11)
    assert str(unread) not in {row["mpxn"] for row in csv_of(found, tmp_path)}


def test_each_sees_their_own_points_alone(tmp_path):
    points = every_cell(masks=(4,))
    play(points)
    parties = {party.code: party for party in Party.objects.all()}
    ours = Scope(suppliers=frozenset({parties["OURS"].pk}))
    both = Scope(suppliers=ours.suppliers, networks=frozenset({parties["12"].pk}))

    for scope, sees in ((ours, lambda one: one["supplier"] == "OURS"),
                        (both, lambda one: one["supplier"] == "OURS" or one["network"] == "12")):  # fmt: skip
        found = queries.what_if(scope=scope, policy="requirements")
        own = {str(mpxn) for mpxn, one in points.items() if sees(one)}
        page = queries.changing_page(scope=scope, of=found, size=100)
        assert (found.points, found.changed) == (len(own), len(own))
        assert {row["mpxn"] for row in csv_of(found, tmp_path, scope=scope)} == own
        assert {str(row["mpxn"]) for row in page.rows} == own
    assert queries.what_if(scope=Scope(), policy="requirements") is None


def test_days_follow_from_the_limit_of_a_file():
    play(every_cell(masks=(4,)))

    found = queries.what_if(scope=EVERYTHING, policy="requirements", limit=3)

    assert [(one.changed, one.days, one.a_day) for one in found.networks] == [(4, 2, 3)] * 3
    assert (found.days, found.a_day) == (2, 9)


def test_the_command_says_it_and_writes_the_points(tmp_path):
    run = play(every_cell(masks=(4,)))
    out, said = tmp_path / "what.csv", StringIO()

    call_command("what_if", "--policy", "requirements", "--out", str(out), "--json", stdout=said)

    assert json.loads(said.getvalue()) == {
        "run": run.pk, "policy": "requirements", "against": "mp077", "points": 12, "unread": 0, "changed": 12,
        "from_to": {"I>N": 12},
    }  # fmt: skip
    lines = out.read_text().splitlines()
    assert lines[0] == "mpxn,network,supplier,flag,expected,expected_then"
    assert lines[1] == "100000002,CADENT,OURS,A,I,N"
    assert len(lines) == 13
    call_command("what_if", "--policy", "mp077", "--against", "requirements", "--run", str(run.pk), stdout=said)
    assert "from to: N>I 12" in said.getvalue()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--policy", "x"], r"^There is no policy x\. Choose one of mp077, before, "),
        (["--policy", "pia", "--run", "999999"], r"^There is no run 999999\.$"),
        (
            ["--policy", "pia", "--out", "/nowhere/x.csv"],
            r"^/nowhere/x\.csv cannot be written: /nowhere is no folder\.$",
        ),
    ],
)
def test_the_command_refuses_in_one_sentence(words, said):
    play(every_cell(masks=(4,)))

    with pytest.raises(CommandError, match=said):
        call_command("what_if", *words)


def test_without_a_run_the_command_says_so():
    with pytest.raises(CommandError, match=r"^There is no run yet\.$"):
        call_command("what_if", "--policy", "pia")


@pytest.mark.a_folder
def test_a_run_that_was_thinned_or_is_older_says_so(settings):
    run = play(every_cell(masks=(4,)))
    (settings.LAKE_DIR / run.snapshot / "cells.parquet").unlink()

    with pytest.raises(queries.NotThere, match="made before Meter Points were counted by cell"):
        queries.what_if(scope=EVERYTHING, policy="pia")
    Run.objects.update(thinned_at=run.published_at)
    with pytest.raises(queries.NotThere, match="was thinned away"):
        queries.what_if(scope=EVERYTHING, policy="pia")
    with pytest.raises(UnknownPolicy):
        queries.what_if(scope=EVERYTHING, policy="mp078")


@pytest.mark.a_folder
def test_a_run_whose_files_were_thinned_keeps_its_figures(settings, tmp_path):
    run = play(every_cell(masks=(4,)))
    found = queries.what_if(scope=EVERYTHING, policy="requirements", run_id=run.pk)
    for path in (settings.LAKE_DIR / "flags").rglob("rows.parquet"):
        path.unlink()

    assert queries.what_if(scope=EVERYTHING, policy="requirements").changed == 12
    with pytest.raises(queries.NotThere, match="its figures stand"):
        queries.changing_page(scope=EVERYTHING, of=found, size=5)


def test_updates_since_the_full_extract_count(tmp_path):
    points = every_cell(masks=(4,))
    play(points)
    mpxn = next(mpxn for mpxn, one in points.items() if one["flag"] == "A" and one["network"] == "10")
    later = DAY + timedelta(days=1)
    put("flags", "delta", later, [{"mpxn": mpxn, "flag": "S", "flag_from": later, "network": "10"}])
    put("devices", "delta", later, [d | {"status": "Suspended"} for d in devices(points, lambda one: [1])
                                    if d["mpxn"] == mpxn])  # fmt: skip
    reconcile(later)

    found = queries.what_if(scope=EVERYTHING, policy="alternative")

    assert [(row["mpxn"], row["flag"], row["expected_then"]) for row in csv_of(found, tmp_path)] == [
        (str(mpxn), "S", "S")
    ]
