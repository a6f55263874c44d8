"""The sample market: its truth is the oracle's, its numbers are valid, and every rule is in it."""

import csv
import hashlib
import json
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from reconcile.domain.rules import RULES
from reconcile.domain.vocabulary import mpan_is_valid, mprn_is_valid
from reconcile.sample.make import SampleError, make_sample
from tests.oracle import Day, Found, lives, open_and_seen, reconcile_market
from tests.unit.naive_files import read_days

POINTS, DAYS = 3_000, 6
HEADINGS = ["mpxn", "rule", "flag", "expected", "meter_statuses", "meters", "in_flight", "state"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("sample")
    make_sample(path, points=POINTS, days=DAYS, seed=7)
    return path


@pytest.fixture(scope="module")
def days(folder):
    return read_days(folder)


@pytest.fixture(scope="module")
def runs(days) -> list[Found]:
    """What the oracle finds on each of the days."""
    return reconcile_market(days)


def truth_of(folder: Path) -> list[tuple]:
    headings, *rows = csv.reader((folder / "truth.csv").open())
    assert headings == HEADINGS
    return [(int(mpxn), rule, flag, expected, statuses, int(meters), *rest)
            for mpxn, rule, flag, expected, statuses, meters, *rest in rows]  # fmt: skip


def differences(folder: Path, days: list[Day], runs: list[Found]) -> list[str]:
    """Where truth.csv and the oracle differ, in words."""
    found = []
    for day, run, ledger in zip(days, runs, lives(runs), strict=True):
        planted, expected = truth_of(folder / day.as_of.isoformat()), open_and_seen(run, ledger)
        found += [f"{day.as_of} only in truth.csv: {row}" for row in planted if row not in set(expected)]
        found += [f"{day.as_of} only of the oracle: {row}" for row in expected if row not in set(planted)]
        assert planted == sorted(planted)
    return found


def test_truth_is_what_the_oracle_finds_on_every_day(folder, days, runs):
    assert differences(folder, days, runs) == []


@pytest.mark.parametrize("points, days, seed", [(2_000, 1, 3), (2_600, 3, 11)])
def test_truth_holds_for_other_sizes_and_seeds(tmp_path, points, days, seed):
    make_sample(tmp_path, points=points, days=days, seed=seed)

    told = read_days(tmp_path)
    assert differences(tmp_path, told, reconcile_market(told)) == []


def test_the_truth_of_a_suppliers_own_market_is_what_the_oracle_finds(tmp_path):
    make_sample(tmp_path, points=9_000, days=3, seed=7, supplier="WREN")

    days = read_days(tmp_path)
    assert differences(tmp_path, days, reconcile_market(days)) == []
    assert {row["supplier"] for day in days for extract in day.registration for row in extract.rows} == {"WREN"}
    assert len(days[0].registration) > 14 and len(truth_of(tmp_path / "2026-11-15")) > 10


def test_a_supplier_that_nobody_knows_has_no_market(tmp_path):
    with pytest.raises(SampleError, match=r"^There is no supplier NONE in the sample\."):
        make_sample(tmp_path, points=100, days=1, supplier="NONE")


def test_every_rule_is_planted_on_the_first_and_on_the_last_day_of_a_market_of_2000(tmp_path):
    make_sample(tmp_path, points=2_000, days=1, seed=5)

    assert {row[1] for row in truth_of(tmp_path / "2026-11-15")} == set(RULES)


def test_every_rule_is_open_on_every_day_but_that_of_the_storms_of_the_last_week(folder, days):
    for day in days:
        yet = set() if day is days[-1] else {"A_NEVER_ALERTS"}
        assert {row[1] for row in truth_of(folder / day.as_of.isoformat())} == set(RULES) - yet


def test_about_one_and_a_half_per_cent_of_the_points_carry_a_discrepancy(folder, days):
    points = {row[0] for day in days for row in truth_of(folder / day.as_of.isoformat())}

    assert 0.013 < len(points) / POINTS < 0.021


def test_discrepancies_arrive_go_and_come_back(folder, days, runs):
    states = Counter(row[-1] for day in days for row in truth_of(folder / day.as_of.isoformat()))
    after = Counter(lives(runs)[-1].values())

    assert states["new"] > 20 and states["ongoing"] > 100 and states["regressed"] >= 1
    assert after["resolved"] >= 3


def test_a_point_that_is_merely_absent_keeps_its_state(days, runs):
    unseen = [
        (key, state)
        for run, ledger in zip(runs, lives(runs), strict=True)
        for key, state in ledger.items()
        if key not in run.rows and state != "resolved"
    ]

    assert unseen
    assert {key[1] for key, _ in unseen} >= {"A_NO_METER", "A_REMOVED"}


def test_some_discrepancies_are_in_flight(folder, days):
    in_flight = Counter(row[-2] for day in days for row in truth_of(folder / day.as_of.isoformat()))

    assert in_flight["yes"] >= 3
    assert in_flight["no"] > 10 * in_flight["yes"]


def test_numbers_have_right_check_digits_and_are_unique(days):
    electricity, gas = ([row["mpxn"] for row in extract.rows] for extract in days[0].registration)

    assert all(mpan_is_valid(str(mpxn)) for mpxn in electricity)
    assert all(mprn_is_valid(str(mpxn)) for mpxn in gas)
    repeated = Counter(electricity + gas)
    assert sum(times > 1 for times in repeated.values()) < 10  # the planted DUPLICATE_FLAG only


def test_device_ids_are_unique_and_some_devices_have_no_meter_point(days):
    (inventory,) = days[0].inventory
    devices = Counter((row["device_id"], row["role"]) for row in inventory.rows)

    assert max(devices.values()) == 1
    assert {row["device_type"] for row in inventory.rows if row["mpxn"] is None} >= {
        "CHF",
        "GPF",
        "PPMID",
        "IHD",
        "CAD",
    }
    assert {row["role"] for row in inventory.rows} == {"import", "secondary", "export", None}


def test_every_overnight_file_tells_of_something(days):
    for day in days:
        for extract in [*day.updates, *day.device_updates, *day.responses]:
            assert extract.rows


def test_networks_keep_their_number_of_points(days):
    by_day = [Counter(row["network"] for extract in day.registration for row in extract.rows) for day in days]

    assert {"10", "16", "23", "CADENT", "NGN", "SGN", "WWU"} <= set(by_day[0])
    for before, after in pairwise(by_day):
        assert all(abs(after[network] - before[network]) <= 5 for network in before)


def test_the_same_arguments_make_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        make_sample(tmp_path / name, points=2_000, days=2, seed=9)

    assert checksums(tmp_path / "one") == checksums(tmp_path / "two")


def checksums(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("points, days", [(0, 1), (-5, 1), (10**9, 1), (100, 0)])
def test_impossible_sizes_are_refused_in_one_sentence(tmp_path, points, days):
    with pytest.raises(SampleError, match=r"^The number of .* must be between"):
        make_sample(tmp_path, points=points, days=days)

    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_a_day_already_is_left_alone(tmp_path):
    (tmp_path / "2026-11-15").mkdir()

    with pytest.raises(SampleError, match="already holds 2026-11-15"):
        make_sample(tmp_path, points=100, days=2, last_day=date(2026, 11, 15))


@pytest.mark.parametrize("points", [1, 7, 25])
def test_a_handful_of_points_is_a_market_too(tmp_path, points):
    make_sample(tmp_path, points=points, days=2, seed=1)

    assert len(read_days(tmp_path)) == 2


def test_the_command_prints_one_json_object(tmp_path, capsys):
    call_command("make_sample", tmp_path / "market", meter_points=200, days=1, seed=2, json=True)

    summary = json.loads(capsys.readouterr().out)
    assert (summary["meter_points"], [day["as_of"] for day in summary["days"]]) == (200, ["2026-11-15"])
    assert json.loads((tmp_path / "market" / "summary.json").read_text()) == summary


def test_the_command_fails_in_one_sentence(tmp_path):
    with pytest.raises(CommandError, match=r"^The number of days must be between 1 and 520\.$"):
        call_command("make_sample", tmp_path, meter_points=200, days=0)
