"""A withdrawn extract: no run reads it, what it alone showed is resolved for that reason, and it can be taken back."""

import json
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone

from reconcile.domain.lifecycle import State, next_state
from reconcile.domain.vocabulary import mpan_check_digit
from reconcile.ledger import integrity, operations, queries, retention
from reconcile.ledger.access import EVERYTHING
from reconcile.ledger.actors import MACHINE, actor_for
from reconcile.ledger.inputs import of_run
from reconcile.ledger.queries.standing import standing
from reconcile.models import AuditEntry, Discrepancy, Event, Extract, Membership, Party, Run, Withdrawal

from .market import put, reconcile

POINT, OTHER, ELSEWHERE = 1000000000012, 1012345678904, 1200000000011
DAY = date(2025, 3, 3)
WRONG, RIGHT, GONE = "wrong", "right", "not in the extract"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lake_dir")]


def day(week: int) -> date:
    """The day of a week."""
    return DAY + timedelta(days=7 * week)


def flags(week: int, point: str, points: tuple[int, int] = (POINT, OTHER)) -> Extract:
    """A network's extract of a week, in which the first point breaks A_NO_METER, is right, or is missing."""
    mpxn, other = points
    network = str(mpxn)[:2]
    rows = [{"mpxn": other, "flag": None, "network": network}]
    if point != GONE:
        flag = "A" if point == WRONG else None
        rows.append({"mpxn": mpxn, "flag": flag, "flag_from": date(2024, 1, 1), "network": network, "supplier": "SUPA"})
    return put("flags", "full", day(week), rows)


def a_week(week: int, point: str) -> Extract:
    """A week's files and its run; gives Eastern's extract."""
    extract = flags(week, point)
    put("devices", "full", day(week), [])
    reconcile(day(week))
    return extract


def withdraw(extract: Extract, reason: str = "It was another network's.") -> Withdrawal:
    return operations.withdraw(actor=MACHINE, extract_id=extract.pk, reason=reason, now=timezone.now())


def take_back(extract: Extract) -> Withdrawal:
    return operations.take_back(actor=MACHINE, extract_id=extract.pk, reason="It was right.", now=timezone.now())


def state(point: int = POINT) -> State | None:
    """The state of A_NO_METER at a Meter Point."""
    rows = queries.discrepancies(scope=EVERYTHING, filters={"state": "all"}).filter(mpxn=point)
    return State(rows.get().state) if rows else None


# How to bring the point into each state by extracts that are withdrawn (those marked), week by week.
BEFORE = {
    State.NEW: [(WRONG, True)],
    State.ONGOING: [(WRONG, True), (WRONG, True)],
    State.REGRESSED: [(WRONG, False), (RIGHT, False), (WRONG, True)],
    State.RESOLVED: [(WRONG, True), (RIGHT, False)],
}
NOW = {(True, True): WRONG, (True, False): RIGHT, (False, False): GONE}


CELLS = [(previous, *cell) for previous in BEFORE for cell in NOW]
LAST = 3
"""The week that moves each to its next state; their stories begin so much sooner as they need."""


def test_what_was_seen_in_withdrawn_extracts_alone_moves_as_the_table_says():
    """Each cell of the table is a network with an extract of its own in each week of its story."""
    points = {cell: (_mpan(network, 1), _mpan(network, 2)) for network, cell in enumerate(CELLS, 10)}
    go: list[Extract] = []

    for week in range(LAST):
        told = {}
        for cell in CELLS:
            place = week - LAST + len(BEFORE[cell[0]])
            if place >= 0:
                point, goes = BEFORE[cell[0]][place]
                told[cell] = flags(week, point, points[cell]), goes
        put("devices", "full", day(week), [])
        reconcile(day(week))
        for cell, (extract, goes) in told.items():
            if goes and cell[0] == State.RESOLVED:
                withdraw(extract)
            elif goes:
                go.append(extract)
    assert {cell: state(points[cell][0]) for cell in CELLS} == {cell: cell[0] for cell in CELLS}
    for extract in go:
        withdraw(extract)

    for cell in CELLS:
        flags(LAST, NOW[cell[1:]], points[cell])
    put("devices", "full", day(LAST), [])
    reconcile(day(LAST))

    assert {cell: state(points[cell][0]) for cell in CELLS} == {cell: next_state(*cell, True) for cell in CELLS}


def _mpan(network: int, place: int) -> int:
    stem = f"{network}{place:010}"
    return int(f"{stem}{mpan_check_digit(stem)}")


def test_it_is_resolved_because_its_evidence_was_withdrawn_and_never_as_mended():
    wrong = a_week(0, WRONG)
    withdraw(wrong)

    a_week(1, RIGHT)

    run, event = Run.objects.latest("pk"), Event.objects.latest("pk")
    assert (event.after, event.withdrawn, event.reason) == ("resolved", True, "Its evidence was withdrawn.")
    assert (run.resolved, run.withdrawn, run.absent) == (0, 1, 0)
    totals = queries.run(scope=EVERYTHING, run_id=run.pk).found.totals
    assert (totals.resolved, totals.withdrawn) == (0, 1)
    listed = {word: queries.discrepancy_list(scope=EVERYTHING, filters={"state": word}) for word in FIGURES}
    assert {word: (found.total, len(found.rows)) for word, found in listed.items()} == FIGURES


def test_the_bridge_says_that_it_went_with_its_evidence():
    withdraw(a_week(0, WRONG))
    before = Run.objects.latest("pk")

    a_week(1, RIGHT)

    run = Run.objects.latest("pk")
    told = queries.run(scope=EVERYTHING, run_id=run.pk).bridge
    assert (told.before, told.now) == (1, 0)
    assert [(step.move, step.by) for step in told.steps] == [("withdrawn", -1)]
    assert [(group.rule.code, group.change) for group in standing(scope=EVERYTHING, run=run, now=0).groups] == []
    rows = queries.discrepancies(scope=EVERYTHING, filters={"state": "all", "move": "withdrawn"})
    assert [event.reason for event in rows.get().events.order_by("pk")][-1] == "Its evidence was withdrawn."
    found = queries.compared(scope=EVERYTHING, runs=(before.pk, run.pk), now=timezone.now())
    assert {step.move: step.count for step in found.steps if step.count} == {"withdrawn": 1}


FIGURES = {"open": (0, 0), "just_resolved": (0, 0), "just_withdrawn": (1, 1), "resolved": (1, 1)}


def test_what_another_extract_showed_too_is_mended_when_it_is_right():
    withdraw(a_week(0, WRONG))
    a_week(1, WRONG)

    a_week(2, RIGHT)

    event, run = Event.objects.latest("pk"), Run.objects.latest("pk")
    assert (event.after, event.withdrawn) == ("resolved", False)
    assert (run.resolved, run.withdrawn) == (1, 0)


def test_without_any_other_extract_of_its_network_it_is_resolved_all_the_same():
    put("flags", "full", DAY, [{"mpxn": ELSEWHERE, "flag": None, "network": "12"}])
    wrong = a_week(0, WRONG)
    withdraw(wrong)

    run = reconcile(DAY)

    assert (state(), run.withdrawn, run.absent, run.points) == (State.RESOLVED, 1, 0, 1)


def test_the_next_run_of_the_same_day_falls_back_to_the_extract_before():
    a_week(0, RIGHT)
    wrong = a_week(1, WRONG)
    first = Run.objects.latest("pk")
    withdraw(wrong)

    run = reconcile(day(1))

    assert (first.mismatches, run.mismatches, run.lookback) == (1, 0, False)
    assert run.pk != first.pk
    assert wrong not in {one.extract for one in run.inputs.all()}


def test_a_default_run_is_not_a_look_back_although_the_newest_file_went():
    a_week(0, RIGHT)
    wrong = flags(1, WRONG)
    reconcile(day(1))
    withdraw(wrong)

    job = operations.start_reconcile(actor=MACHINE, every_guard=True, now=timezone.now())
    operations.perform(actor=MACHINE, job_id=job.pk)

    job.refresh_from_db()
    assert (job.state, job.result["as_of"], job.result["state"]) == ("done", "2025-03-10", "published")


def test_a_withdrawal_that_is_taken_back_counts_again_in_a_run_of_its_own():
    wrong = a_week(0, WRONG)
    put("flags", "full", day(-1), [{"mpxn": POINT, "flag": None, "network": "10"}])
    withdraw(wrong)
    reconcile(DAY)
    assert state() == State.RESOLVED

    take_back(wrong)
    run = reconcile(DAY)

    assert (Run.objects.count(), run.mismatches, run.new, run.regressed) == (3, 1, 1, 0)
    assert (state(), Discrepancy.objects.get().first_seen) == (State.NEW, DAY)
    assert Event.objects.latest("pk").reason == "The run found it; what had been seen of it before was withdrawn."


def test_nothing_is_deleted_and_earlier_runs_still_read_what_they_read():
    wrong = a_week(0, WRONG)
    run = Run.objects.get()
    before = (list(Event.objects.values()), of_run(run).inputs)

    withdraw(wrong)

    assert (list(Event.objects.values()), of_run(run).inputs) == before
    assert (settings.LAKE_DIR / wrong.snapshot).is_dir()


COMMISSIONED = {
    "device_id": "00-00-00-00-00-00-00-01", "device_type": "ESME", "status": "Commissioned", "mpxn": POINT,
    "role": "import",
}  # fmt: skip


def inventory(week: int, *, shows: bool) -> Extract:
    """An inventory of a week that shows POINT with a live meter, or shows nothing."""
    return put("devices", "full", day(week), [COMMISSIONED] if shows else [])


def ever_shown(week: int) -> bool:
    """Whether a run of the week holds that POINT, which has neither flag nor meter now, ever had one."""
    put("flags", "full", day(week), [{"mpxn": POINT, "flag": None, "network": "10"}])
    inventory(week, shows=False)
    reconcile(day(week))
    return Discrepancy.objects.filter(mpxn=POINT, rule="NULL_REMOVED", resolved_on=None).exists()


@pytest.mark.parametrize(
    "gone, ever",
    [([], True), ([0], True), ([1], True), ([2], True), ([0, 2], True), ([2, 1], True), ([0, 1, 2], False)],
)
def test_ever_is_worked_out_again_without_what_was_withdrawn(gone, ever):
    shown = [inventory(week, shows=True) for week in range(3)]
    for week in gone:
        withdraw(shown[week])

    assert ever_shown(3) == ever


def test_ever_is_what_it_was_once_the_withdrawal_is_taken_back():
    only = inventory(0, shows=True)
    withdraw(only)
    assert not ever_shown(1)

    take_back(only)

    assert ever_shown(2)


def test_an_inventory_that_was_loaded_after_a_withdrawal_remembers_by_itself():
    withdraw(inventory(0, shows=True))
    inventory(1, shows=True)

    assert ever_shown(2)


def test_what_a_thinned_inventory_showed_outlives_the_withdrawal_of_the_one_before(settings):
    settings.KEEP_DAYS, settings.KEEP_MONTHS = 10, 0
    first, second = inventory(0, shows=True), inventory(1, shows=True)
    withdraw(first)
    for week in (4, 5):
        ever_shown(week)

    retention.thin(now=timezone.now())

    second.refresh_from_db()
    assert second.thinned_at
    assert ever_shown(6)
    assert integrity.verify(sample=False, now=timezone.now(), report=lambda stage, share: None)["damaged"] == []


def test_a_withdrawn_extract_is_no_picture_of_its_month(settings):
    settings.KEEP_DAYS, settings.KEEP_MONTHS = 10, 13
    good, bad = flags(0, RIGHT), flags(1, WRONG)
    withdraw(bad)
    for week in (6, 7):
        a_week(week, RIGHT)

    retention.thin(now=timezone.now())

    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.thinned_at is None, bad.thinned_at is None) == (True, False)


def test_who_when_and_why_stand_on_the_extract_and_on_record():
    jo = User.objects.create_user("jo")
    operator = Party.objects.create(kind="operator", code="DCC", name="Market operator")
    Membership.objects.create(user=jo, party=operator, role="manager")
    extract, now = a_week(0, WRONG), timezone.now()

    operations.withdraw(actor=actor_for(jo), extract_id=extract.pk, reason=" Another network's. ", now=now)
    jo.delete()

    row = Withdrawal.objects.get()
    assert (row.extract, row.name, row.at, row.reason) == (extract, "jo", now, "Another network's.")
    entry = AuditEntry.objects.get()
    assert (entry.what, entry.name, entry.extract) == ("withdrew", "jo", extract.pk)
    assert entry.about == f"{extract.name}: Another network's."


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_withdrawal_needs_a_reason(reason):
    extract = a_week(0, WRONG)

    with pytest.raises(operations.OperationError, match="Say in words why"):
        withdraw(extract, reason)

    assert not Withdrawal.objects.exists()


def test_it_is_withdrawn_once_and_taken_back_once():
    extract = a_week(0, WRONG)
    with pytest.raises(operations.OperationError, match="is not withdrawn"):
        take_back(extract)
    withdraw(extract)
    with pytest.raises(operations.OperationError, match="withdrawn already"):
        withdraw(extract)

    take_back(extract)

    extract.refresh_from_db()
    assert extract.withdrawn_at is None
    assert list(AuditEntry.objects.order_by("pk").values_list("what", flat=True)) == ["withdrew", "took back"]


def test_the_same_bytes_again_are_told_of_the_withdrawal(tmp_path):
    path = tmp_path / "registration_2025-03-03.csv"
    path.write_text("mpan,dcc_service_flag,dcc_service_flag_efd,supplier\n1000000000012,A,20240101,SUPA\n")

    def load():
        job = operations.start_load(actor=MACHINE, path=path, name=path.name, now=timezone.now())
        operations.perform(actor=MACHINE, job_id=job.pk)
        job.refresh_from_db()
        return job

    load()
    withdraw(Extract.objects.get())

    job = load()

    assert (job.state, job.final) == ("failed", True)
    assert "which was withdrawn" in job.message


def test_what_would_change_is_said_first_and_changes_nothing():
    put("flags", "full", DAY, [{"mpxn": ELSEWHERE, "flag": None, "network": "12"}])
    before = a_week(0, RIGHT)
    both = put(
        "flags",
        "full",
        day(1),
        [{"mpxn": POINT, "flag": "A", "network": "10"}, {"mpxn": ELSEWHERE, "flag": "A", "network": "14"}],
    )
    run = reconcile(day(1))

    found = queries.withdrawing(actor=MACHINE, extract_id=both.pk, now=timezone.now())

    instead = [(one.network.code, one.extract) for one in found.instead]
    assert instead == [("10", before), ("14", None)]
    assert (found.runs, found.resting, found.standing) == ([run], 2, None)
    assert not Withdrawal.objects.exists()


def test_of_an_inventory_the_one_before_is_read_and_of_an_older_one_nothing_changes():
    first, second = inventory(0, shows=True), inventory(1, shows=False)

    instead = {
        extract: queries.withdrawing(actor=MACHINE, extract_id=extract.pk, now=timezone.now()).instead
        for extract in (first, second)
    }

    assert instead[first] == []
    assert [(one.network, one.extract) for one in instead[second]] == [(None, first)]


def test_the_command_says_what_would_change_withdraws_and_takes_back(capsys):
    before, wrong = a_week(0, RIGHT), a_week(1, WRONG)

    call_command("withdraw", str(wrong.pk), "--json")
    told = json.loads(capsys.readouterr().out)
    call_command("withdraw", str(wrong.pk), "--reason", "Another network's.")
    said = capsys.readouterr().out
    call_command("withdraw", str(wrong.pk), "--reason", "It was right.", "--take-back", "--json")

    assert (told["state"], told["instead"], told["resting"]) == ("counts", {"10": before.name}, 1)
    assert "is withdrawn.\n1 runs read it; 1 open discrepancies were seen in nothing else.\nFor 10 the next" in said
    assert json.loads(capsys.readouterr().out)["state"] == "counts"
    row = Withdrawal.objects.get()
    assert (row.name, row.reason, row.taken_back_reason) == ("the machine", "Another network's.", "It was right.")
    with pytest.raises(CommandError, match="no extract 0"):
        call_command("withdraw", "0")
