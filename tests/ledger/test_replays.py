"""Every day of the kept history judged again: as the runs of the time were, under any policy, each day once."""

import csv
import json
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import duckdb
import pytest
from django.core.management import CommandError, call_command

from reconcile.domain.policies import reading_named
from reconcile.lake import replaying
from reconcile.ledger import operations, queries, replays
from reconcile.ledger.access import EVERYTHING, Scope
from reconcile.ledger.actors import MACHINE
from reconcile.ledger.queries.replayed import replayed_days
from reconcile.ledger.replays import days
from reconcile.models import Job, Party, ReplayedDay, Run

from .market import put, reconcile

FIRST = date(2025, 3, 3)
NOW = datetime(2025, 4, 1, tzinfo=UTC)
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
C, D, J = "Commissioned", "Decommissioned", "InstalledNotCommissioned"
# Of each point its supplier, and on each of four days the flag, its day, the status of its meter and since when.
POINTS = {
    # The meter is commissioned on the second day, and the flag follows on the fourth, two days late.
    1000000000001: ("OURS", [("N", 0, None, 0), ("N", 0, C, 1), ("N", 0, C, 1), ("A", 3, C, 1)]),
    # Wrong on every day: nobody mends it.
    1000000000002: ("OURS", [("A", 0, D, 0)] * 4),
    # The flag follows on the day of the change.
    1000000000003: ("RIVL", [("A", 0, C, 0), ("A", 0, C, 0), ("N", 2, D, 2), ("N", 2, D, 2)]),
    # A flag that goes wrong while nothing happens to its meter.
    1000000000004: ("RIVL", [("A", 0, C, 0), ("A", 0, C, 0), ("A", 0, C, 0), ("N", 3, C, 0)]),
    # Right by the code, and not by the requirements, which know no I for it.
    1000000000005: (None, [("I", 0, J, 0)] * 4),
}


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def play(number: int) -> None:
    told = {mpxn: (supplier, *days[number]) for mpxn, (supplier, days) in POINTS.items()}
    put("flags", "full", day(number), [
        {"mpxn": mpxn, "flag": flag, "flag_from": day(since - 9), "network": "10", "supplier": supplier}
        if not since else
        {"mpxn": mpxn, "flag": flag, "flag_from": day(since), "network": "10", "supplier": supplier}
        for mpxn, (supplier, flag, since, _, _) in told.items()
    ])  # fmt: skip
    put("devices", "full", day(number), [
        {"device_id": f"{mpxn:016x}", "device_type": "ESME", "status": status, "mpxn": mpxn, "role": "import",
         "status_from": day(since) if since else day(-9)}
        for mpxn, (_, _, _, status, since) in told.items() if status
    ])  # fmt: skip


@pytest.fixture
def files() -> None:
    """The files of four days."""
    for number in range(4):
        play(number)


def replay(*words: str, first: int = 0, last: int = 3) -> dict:
    said = StringIO()
    call_command("replay", f"--from={day(first)}", f"--to={day(last)}", "--json", *words, stdout=said)
    return json.loads(said.getvalue())


def answer(**asked: int) -> dict:
    """All that a replay says, but for the number of its job."""
    return {**replay(**asked), "job": 0}


@pytest.fixture
def judged(monkeypatch) -> list[int]:
    """The days that are judged, as they are."""
    seen: list[int] = []
    judge = replaying.judge_day

    def seeing(inputs, *more):
        seen.append((inputs.as_of - FIRST).days)
        return judge(inputs, *more)

    monkeypatch.setattr(replaying, "judge_day", seeing)
    return seen


def numbers(rows: list[dict], *names: str) -> list[tuple]:
    return [tuple(row[name] for name in names) for row in rows]


def test_a_replay_finds_what_the_runs_found_and_sums_it_by_day_network_and_supplier(files, settings, tmp_path):
    runs = [reconcile(day(number)) for number in range(4)]
    found = replay(f"--out={tmp_path / 'days.csv'}")

    # Equal to the runs.
    stood = queries.party_replay(scope=EVERYTHING).runs[::-1]
    of_runs = [(f"{run.as_of}", run.mismatches, run.in_flight) for run in runs]
    assert numbers(found["days"], "as_of", "mismatches", "in_flight") == of_runs
    of_runs = [(one.right, one.wrong, one.open, one.unread) for one in stood]
    assert numbers(found["days"], "right", "wrong", "open", "unread") == of_runs
    late = ("changes", "waiting", "median_days", "in_time_per_cent")
    assert numbers(found["days"], *late) == [tuple(one.late.as_json()[name] for name in late) for one in stood]
    for run, kept in zip(runs, ReplayedDay.objects.order_by("as_of"), strict=True):
        of_run, replayed = (
            duckdb.sql(f"SELECT network, supplier, days, followed, points FROM '{settings.LAKE_DIR / one.snapshot}"
                       "/lateness.parquet' ORDER BY ALL").fetchall()
            for one in (run, kept)
        )  # fmt: skip
        assert replayed == of_run

    # By day, by party, and in the file by all of these.
    total = found["total"]
    assert numbers(found["days"], "wrong", "flag_changes", "asked") == [
        (1, None, None), (2, 0, {"A": 1}), (2, 1, {"N": 1}), (2, 2, {}),
    ]  # fmt: skip
    assert (total["wrong_days"], total["from_to"]) == (7, {"A>N": 2, "N>A": 1})
    assert (total["followed"], total["median_days"], total["waiting"]) == (2, 0, 2)
    assert numbers(found["suppliers"], "code", "wrong_days", "flag_changes", "followed") == [
        ("OURS", 6, 1, 1), ("RIVL", 1, 2, 1), ("none", 0, 0, 0),
    ]  # fmt: skip
    assert numbers(found["networks"], "code", "wrong_days") == [("10", 7)]
    rows = list(csv.DictReader((tmp_path / "days.csv").open()))
    assert len(rows) == found["rows"] == 4 * 3
    assert sum(int(row["wrong"]) for row in rows) == 7
    ours = next(row for row in rows if row["as_of"] == f"{day(3)}" and row["supplier"] == "OURS")
    assert numbers([ours], "flag_changes", "followed", "days_late") == [("1", "1", "2")]

    # Nobody sees more than their rows.
    ids = list(ReplayedDay.objects.values_list("pk", flat=True))
    seen = replayed_days(scope=Scope(suppliers=frozenset({Party.objects.get(code="OURS").pk})), ids=ids)
    assert (set(seen.suppliers), seen.total.wrong, seen.total.changes.total()) == ({"OURS"}, 6, 1)
    assert replayed_days(scope=Scope(), ids=ids).total.wrong == 0

    # Other policies.
    by_policy = queries.party_replay(scope=EVERYTHING, policy="requirements").runs[::-1]
    requirements, paused = replay("--policy=requirements"), replay("--policy=mp077:paused=N", last=0)
    assert numbers(requirements["days"], "wrong") == [(one.wrong,) for one in by_policy]
    assert requirements["total"]["wrong_days"] > total["wrong_days"]
    assert paused["total"]["wrong_days"] == 1
    assert Run.objects.count() == len(runs)


def test_each_day_is_worked_out_once_whoever_asks_and_however_often_it_is_stopped(files, judged, monkeypatch):
    first = answer(first=1, last=2)
    whole = answer()

    assert judged == [1, 2, 0, 3]
    assert whole["days"][2] == first["days"][1]
    play(3)
    answer()
    assert judged[4:] == [3], "a file came since: that day alone is another"

    ReplayedDay.objects.all().delete()
    judge = replaying.judge_day

    def killed(inputs, *more):
        if inputs.as_of == day(2):
            raise KeyboardInterrupt
        return judge(inputs, *more)

    monkeypatch.setattr(replaying, "judge_day", killed)
    with pytest.raises(KeyboardInterrupt):
        answer(last=2)
    assert list(ReplayedDay.objects.values_list("as_of", flat=True)) == [day(0), day(1)]
    monkeypatch.setattr(replaying, "judge_day", judge)
    assert answer(last=2)["days"] == whole["days"][:3]
    assert judged[5:] == [0, 1, 2]


def test_helpers_and_whoever_has_the_job_share_the_days_and_give_the_same_answer(files, judged):
    alone, judged[:] = replay(last=2), []
    ReplayedDay.objects.all().delete()
    job = operations.start_replay(actor=MACHINE, first=day(0), last=day(2), now=NOW)
    helped = []

    def help_with_it(began: Job) -> None:
        for as_of in reversed(operations.days_to_share(actor=MACHINE, job=began)[1:]):
            helped.append(operations.replay_day(actor=MACHINE, job_id=began.pk, as_of=as_of, now=NOW))

    operations.perform(actor=MACHINE, job_id=job.pk, began=help_with_it)

    assert (helped, judged) == ([True, True], [2, 1, 0])
    found = queries.replayed(actor=MACHINE, job_id=job.pk).as_json()
    assert found == {name: alone[name] for name in found}
    assert not operations.replay_day(actor=MACHINE, job_id=job.pk, as_of=day(0), now=NOW), "it is done"


def test_a_day_that_its_worker_left_is_taken_by_another_once_it_has_been_silent(files, settings):
    settings.LOST_AFTER_SECONDS = 30
    here = days.day_of(day(0), reading_named("mp077"))

    assert days._take(here, "first", NOW)
    assert not days._take(here, "second", NOW + timedelta(seconds=29))
    assert days._take(here, "third", NOW + timedelta(seconds=31))
    assert ReplayedDay.objects.get().taken_by == "third"


@pytest.mark.a_folder
def test_what_is_damaged_is_worked_out_anew_and_what_was_cleared_away_is_said(files, judged, settings):
    whole = answer(last=1)
    last = ReplayedDay.objects.latest("as_of")
    (settings.LAKE_DIR / last.snapshot / "stood.parquet").write_bytes(b"damaged")

    assert answer(last=1) == whole
    assert judged == [0, 1, 1]
    assert len(replays.forget(datetime.now(UTC) + timedelta(days=1))) == 2
    with pytest.raises(queries.NotThere, match="cleared away"):
        queries.replayed(actor=MACHINE, job_id=Job.objects.latest("pk").pk)


def test_days_without_files_are_named_and_a_range_without_any_is_refused(files):
    found = replay(first=-2, last=0)

    assert (found["days"][0]["as_of"], found["not_judged"]) == (f"{day(0)}", [f"{day(-2)}", f"{day(-1)}"])
    with pytest.raises(CommandError, match="has both sides"):
        replay(first=-40, last=-30)


@pytest.mark.parametrize(
    "words, told",
    [
        (["--policy=mine"], "There is no policy mine"),
        ([f"--to={FIRST - timedelta(days=1)}"], "is before the first"),
        (["--to=2999-01-01"], "still to come"),
    ],
)
def test_what_cannot_be_replayed_is_said_in_a_sentence(words, told):
    with pytest.raises(CommandError, match=told):
        replay(*words)
