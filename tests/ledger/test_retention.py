"""Retention: what the rule lets go, what it never does, and that nothing that was known is lost by it."""

import json
import shutil
from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings as configured
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from reconcile.lake import store
from reconcile.ledger import export, inputs, operations, queries, retention
from reconcile.ledger.access import EVERYTHING
from reconcile.ledger.actors import MACHINE, NOBODY, NotAllowed
from reconcile.ledger.jobs import Kind
from reconcile.models import Discrepancy, Event, Extract, Job, Run
from tests.ledger.market import put, reconcile
from tests.web.market import keep, put_back

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.a_folder]
FIRST = date(2025, 1, 6)
POINT = 1000000000012
NOW = datetime(2026, 1, 1, tzinfo=UTC)
LIVE = {"device_id": "00-00-00-00-00-00-00-01", "device_type": "ESME", "status": "Commissioned", "mpxn": POINT}


@pytest.fixture(scope="module")
def played(django_db_setup, django_db_blocker, tmp_path_factory):
    """The weeks, played once: their rows, and the lake that these name."""
    elsewhere, configured.LAKE_DIR = configured.LAKE_DIR, tmp_path_factory.mktemp("weeks")
    try:
        with django_db_blocker.unblock(), transaction.atomic():
            play()
            rows = keep()
            transaction.set_rollback(True)
        return rows, configured.LAKE_DIR
    finally:
        configured.LAKE_DIR = elsewhere


@pytest.fixture
def weeks(db, settings, lake_dir, played):
    """Ten weeks of both sides and a run each; the only meter was live in the first week and is gone since."""
    settings.KEEP_DAYS, settings.KEEP_MONTHS = 21, 1
    rows, lake = played
    shutil.copytree(lake, lake_dir, dirs_exist_ok=True)
    put_back(rows)


def play() -> None:
    for week in range(10):
        day = FIRST + timedelta(weeks=week)
        put("flags", "full", day, [{"mpxn": POINT, "flag": None, "network": "10", "supplier": "SUPP"}])
        put("flags", "delta", day, [{"mpxn": POINT, "flag": None, "flag_from": day, "network": "10"}])
        put("devices", "full", day, [LIVE | {"role": "import"}] if week == 0 else [])
        reconcile(day)


def tidy() -> dict:
    job = operations.perform(actor=MACHINE, job_id=operations.start_tidy(actor=MACHINE, now=timezone.now()).pk)
    assert job.state == Job.State.DONE, job.message
    return job.result


def has_rows(extract: Extract) -> bool:
    return (configured.LAKE_DIR / extract.snapshot / store.ROWS).exists()


def test_the_young_and_the_last_of_a_month_stay_and_the_others_are_thinned(weeks):
    tidy()

    newest = FIRST + timedelta(weeks=9)
    assert newest == date(2025, 3, 10)
    for extract in Extract.objects.all():
        young = extract.as_of > newest - timedelta(days=21)
        # 17 February is the last old day of the one month that is kept besides.
        monthly = extract.coverage == "full" and extract.as_of == date(2025, 2, 17)
        assert has_rows(extract) == (young or monthly) == (extract.thinned_at is None), extract.as_of
    kept = set(Run.objects.filter(thinned_at=None).values_list("as_of", flat=True))
    assert kept == {date(2025, 2, 17), *(newest - timedelta(weeks=n) for n in range(3))}


def test_that_a_meter_was_ever_live_is_never_lost(weeks):
    before = queries.evidence(scope=EVERYTHING, mpxn=POINT)
    tidy()

    assert before.ever and not before.devices
    put("flags", "full", FIRST + timedelta(weeks=10), [{"mpxn": POINT, "flag": None, "network": "10"}])
    run = reconcile(FIRST + timedelta(weeks=10))
    assert list(Discrepancy.objects.filter(resolved_on=None).values_list("rule", flat=True)) == ["NULL_REMOVED"]
    assert (run.ongoing, run.new) == (1, 0)
    assert queries.evidence(scope=EVERYTHING, mpxn=POINT).ever


def test_what_the_newest_run_read_stays_however_old(settings):
    settings.KEEP_DAYS, settings.KEEP_MONTHS = 1, 0
    put("devices", "full", FIRST, [LIVE | {"role": "import"}])
    late = FIRST + timedelta(days=300)
    put("flags", "full", late, [{"mpxn": POINT, "flag": "A", "network": "10"}])
    reconcile(late)

    assert tidy()["extracts"] == 0
    assert queries.evidence(scope=EVERYTHING, mpxn=POINT).devices


def test_with_one_side_missing_nothing_is_thinned(settings):
    settings.KEEP_DAYS = 1
    for day in (FIRST, FIRST + timedelta(days=100)):
        put("flags", "full", day, [{"mpxn": POINT, "flag": "A", "network": "10"}])

    assert tidy() == {"extracts": 0, "runs": 0, "exports": 0, "bytes": 0, "waiting": False}


def test_what_the_newest_run_of_each_network_read_stays_however_old(settings):
    """One network stays away, and the other goes on: the next run of the first needs what its last one read."""
    settings.KEEP_DAYS, settings.KEEP_MONTHS = 7, 0
    for network, point in (("10", POINT), ("12", 1200000000011)):
        put("flags", "full", FIRST, [{"mpxn": point, "flag": "A", "network": network}])
    put("devices", "full", FIRST, [LIVE | {"role": "import"}])
    reconcile(FIRST)
    for week in range(1, 12):
        day = FIRST + timedelta(weeks=week)
        put("flags", "full", day, [{"mpxn": POINT, "flag": "A", "network": "10"}])
        put("devices", "full", day, [LIVE | {"role": "import"}])
        run = reconcile(day)

    tidy()

    last_of_the_other = Run.objects.exclude(pk=run.pk).filter(inputs__network__code="12").latest("as_of", "pk")
    assert last_of_the_other.as_of < run.as_of - timedelta(days=21)
    assert all(has_rows(read.extract) for read in last_of_the_other.inputs.all())


def test_what_is_thinned_can_be_brought_back_for_a_week(weeks):
    tidy()
    gone = Extract.objects.exclude(thinned_at=None).filter(coverage="full", table="flags").earliest("as_of")
    listed = queries.storage(actor=MACHINE, now=timezone.now()).trash
    assert (gone.name, gone.snapshot) in [(title, removed.name) for title, removed in listed]

    assert operations.bring_back(actor=MACHINE, names=[gone.snapshot], now=timezone.now()) == [gone.snapshot]

    gone.refresh_from_db()
    assert has_rows(gone) and gone.thinned_at is None
    retention.thin(now=timezone.now() + timedelta(days=8))
    retention.thin(now=timezone.now() + timedelta(days=16))
    with pytest.raises(operations.OperationError, match="Not in the trash"):
        operations.bring_back(actor=MACHINE, names=[gone.snapshot], now=timezone.now())


def test_nothing_is_brought_back_but_what_was_thinned(weeks):
    for name in ("../../etc", "flags/none", Extract.objects.latest("as_of").snapshot):
        with pytest.raises(operations.OperationError):
            operations.bring_back(actor=MACHINE, names=[name], now=timezone.now())
    with pytest.raises(NotAllowed):
        operations.bring_back(actor=NOBODY, names=["flags/none"], now=timezone.now())


def test_the_command_lists_the_trash_and_brings_back(weeks, capsys):
    tidy()

    call_command("bring_back", "--json")

    lying = json.loads(capsys.readouterr().out)["trash"]
    call_command("bring_back", lying[0]["name"], lying[1]["name"])
    assert lying[0]["name"] in capsys.readouterr().out
    assert len(queries.storage(actor=MACHINE, now=timezone.now()).trash) == len(lying) - 2


def test_zero_days_keep_everything(weeks, settings):
    settings.KEEP_DAYS = 0

    assert tidy()["extracts"] == 0
    assert "Every snapshot is kept" in retention.rule_in_words()


def test_counts_events_and_reports_stay(weeks):
    counted = Event.objects.count(), Run.objects.count(), Extract.objects.count(), Discrepancy.objects.count()

    result = tidy()

    assert result["extracts"] > 10 and result["runs"] == 6 and result["bytes"] > 0
    assert counted == (
        Event.objects.count(), Run.objects.count(), Extract.objects.count(), Discrepancy.objects.count()
    )  # fmt: skip
    assert queries.run(scope=EVERYTHING, run_id=Run.objects.earliest("as_of").pk).found.points == 1


def test_a_look_back_that_needs_what_is_gone_says_so(weeks):
    tidy()

    with pytest.raises(inputs.NothingToReconcile, match=r"thinned away .* Load those files again"):
        inputs.select(FIRST + timedelta(weeks=1))


def test_the_list_of_a_thinned_run_says_that_it_is_gone(weeks, tmp_path):
    tidy()

    with pytest.raises(export.ExportError, match="thinned away on"):
        export.export(
            target=tmp_path / "out.csv",
            query="",
            run=Run.objects.earliest("as_of").pk,
            scope=EVERYTHING,
            now=NOW,
            report=lambda *_: None,
        )


def test_files_are_removed_only_when_nobody_may_be_reading_them(weeks):
    running = Job.objects.create(kind=Kind.RECONCILE, title="at work", state=Job.State.RUNNING, created_at=NOW)

    result = tidy()

    assert (result["waiting"], result["bytes"]) == (True, 0)
    assert all(has_rows(extract) for extract in Extract.objects.all())
    running.delete()
    assert tidy()["bytes"] > 0
    assert not any(has_rows(extract) for extract in Extract.objects.exclude(thinned_at=None))


def test_a_tidying_that_was_killed_is_finished_by_the_next(weeks, monkeypatch):
    removed = []

    def killed(name: str, **when) -> int:
        if removed:
            raise KeyboardInterrupt
        removed.append(name)
        return 1

    with monkeypatch.context() as patch:
        patch.setattr(store, "thin", killed)
        with pytest.raises(KeyboardInterrupt):
            retention.thin(now=NOW)

    assert tidy()["bytes"] > 0
    assert not any(has_rows(extract) for extract in Extract.objects.exclude(thinned_at=None))


def test_loading_a_thinned_file_again_brings_its_rows_back(settings, tmp_path):
    settings.KEEP_DAYS, settings.KEEP_MONTHS = 1, 0

    def load(day: date) -> Job:
        path = tmp_path / f"registration_{day}.csv"
        path.write_text("mpxn,dcc_service_flag,supplier\n1000000000012,A,SUPP\n")
        job = operations.start_load(actor=MACHINE, path=path, name=path.name, now=NOW)
        return operations.perform(actor=MACHINE, job_id=job.pk)

    first = load(FIRST).result["extract"]
    put("devices", "full", FIRST, [])
    for days in (40, 80):
        load(FIRST + timedelta(days=days))
    tidy()
    assert not has_rows(Extract.objects.get(pk=first))

    job = load(FIRST)

    assert (job.state, job.result["extract"], job.result["duplicate"]) == (Job.State.DONE, first, False)
    again = Extract.objects.get(pk=first)
    assert has_rows(again) and again.thinned_at is None
    assert again.networks.count() == 1
    assert inputs.select(FIRST).inputs.registration


def test_a_thinned_file_is_not_brought_back_as_something_else(settings, tmp_path):
    settings.KEEP_DAYS, settings.KEEP_MONTHS = 1, 0
    path = tmp_path / "registration.csv"
    path.write_text("mpxn,dcc_service_flag,supplier\n1000000000012,A,SUPP\n")

    def load(day: date, coverage: str | None = None) -> Job:
        job = operations.start_load(actor=MACHINE, path=path, name=path.name, as_of=day, coverage=coverage, now=NOW)
        return operations.perform(actor=MACHINE, job_id=job.pk)

    first = load(FIRST).result["extract"]
    put("devices", "full", FIRST, [])
    load(FIRST + timedelta(days=40))
    tidy()

    job = load(FIRST, "delta")

    assert (job.state, "cannot be something else" in job.message) == (Job.State.FAILED, True)
    assert Extract.objects.get(pk=first).thinned_at


def test_two_tidyings_at_once_do_no_harm(weeks, monkeypatch):
    """Between the listing of a folder and the removal of its files the other one was quicker."""
    stat = store.Path.stat

    def gone(path, **options):
        if path.name == store.ROWS and options == {}:
            path.unlink(missing_ok=True)
        return stat(path, **options)

    with monkeypatch.context() as patch:
        patch.setattr(store.Path, "stat", gone)
        retention.thin(now=NOW)

    assert not any(has_rows(extract) for extract in Extract.objects.exclude(thinned_at=None))


def test_disk_use_is_shown_to_those_who_may_see_it_only(weeks):
    found = queries.storage(actor=MACHINE, now=NOW)

    by_name = {use.what: use for use in found.uses}
    assert by_name["Registration snapshots"].count == 20
    assert by_name["Inventory snapshots"].bytes > 0 and by_name["Database"].bytes > 0
    assert found.total == sum(use.bytes for use in found.uses)
    assert len(found.plan.runs) == 6 and found.free > 0
    tidy()
    assert queries.storage(actor=MACHINE, now=NOW).thinned == len(found.plan.extracts) + 6
    with pytest.raises(NotAllowed):
        queries.storage(actor=NOBODY, now=NOW)
