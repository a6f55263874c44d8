"""Jobs: taken once, held and approved up to a figure, refused, lost and run again."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reconcile.ledger import jobs, operations, work
from reconcile.ledger.actors import MACHINE
from reconcile.ledger.jobs import Kind
from reconcile.models import Extract, Job, Party

pytestmark = pytest.mark.django_db(transaction=True)

HEADING = "mpan,dcc_service_flag,dcc_service_flag_efd,supplier\n"
GOOD = "1000000000012,A,20240101,SUPA\n"
UPDATES = (
    "ZHV|0000000001|D0350001|Z|DCCO|P|EELC|20250303060000||||OPER|\n"
    "81H|1|\n82H|1|DC01|1000000000012|N|20250301|TERN|\n"
    "ZPT|0000000001|{count}||1|20250303060000|\n"
)


def start(text: str, name: str = "registration_2025-03-03.csv", **options) -> Job:
    """A queued load of a file with this text, uploaded as the web does."""
    path = settings.VAR_DIR / "incoming" / f"{timezone.now().timestamp()}-{name}"
    path.write_text(text)
    return operations.start_load(actor=MACHINE, path=path, name=name, now=timezone.now(), **options)


def do(job: Job) -> Job:
    """The job after it was done."""
    operations.perform(actor=MACHINE, job_id=job.pk)
    job.refresh_from_db()
    return job


def test_a_load_ends_with_its_report():
    job = do(start(HEADING + GOOD + "12,A\n"))

    assert (job.state, job.percent, job.message) == ("done", 100, "")
    assert job.result | {"extract": 0} == {
        "extract": 0,
        "kind": "registration",
        "network": "10",
        "as_of": "2025-03-03",
        "rows": 1,
        "rejects": 1,
        "state": "loaded",
        "coverage": "full",
        "duplicate": False,
        "warnings": [],
        "reasons": {"The line has 2 fields, 4 are needed.": 1},
        "rejects_file": job.result["rejects_file"],
    }
    lines = (settings.VAR_DIR / job.result["rejects_file"]).read_text().splitlines()
    assert lines == ["line,reason,raw", '3,"The line has 2 fields, 4 are needed.","12,A"']


def test_progress_is_written_only_where_a_person_sees_it_change(monkeypatch):
    def slow(job, asker, report):
        for step in range(100_000):
            report("Reading the file", step / 200_000)
        return {}

    monkeypatch.setitem(work.WORK, Kind.TIDY, slow)
    job = operations.start_tidy(actor=MACHINE, now=timezone.now())
    told = []

    with CaptureQueriesContext(connection) as queries:
        operations.perform(actor=MACHINE, job_id=job.pk, progress=lambda stage, share: told.append(share))

    assert len(told) == 100_000
    assert sum('"percent" = 49' in query["sql"] for query in queries) == 1
    assert len(queries) < 70


def test_like_reasons_are_counted_together():
    bad = "1000000000011,A,,\n1000000000013,A,,\n12,A,31/02/2024,\n13,A,20240231,\n14,X,,\n15,t,,\ncaf\xe9,A,,\n"
    path = settings.VAR_DIR / "incoming" / "registration_2025-03-04.csv"
    path.write_bytes((HEADING + GOOD + bad).encode("latin-1"))

    job = do(operations.start_load(actor=MACHINE, path=path, name=path.name, now=timezone.now()))

    assert job.result["reasons"] == {
        "MPAN - has a wrong check digit (expected -).": 2,
        "- is not a date.": 2,
        "- is not a DCC Service Flag (A, N, I, S, W or empty).": 2,
        "The line is not UTF-8 text. Export the file as UTF-8.": 1,
    }


def test_the_same_bytes_of_the_same_day_are_one_extract():
    first = do(start(HEADING + GOOD))
    second = do(start(HEADING + GOOD, name="again_2025-03-03.csv"))

    assert Extract.objects.count() == 1
    assert (second.result["extract"], second.result["duplicate"]) == (first.result["extract"], True)


def test_the_same_bytes_a_week_later_are_news():
    do(start(HEADING + GOOD))
    second = do(start(HEADING + GOOD, name="registration_2025-03-10.csv"))

    assert (second.result["duplicate"], Extract.objects.count()) == (False, 2)


def test_the_same_bytes_cannot_be_full_and_delta_on_one_day():
    first = do(start(HEADING + GOOD))

    second = do(start(HEADING + GOOD, coverage="delta"))

    assert second.state == "failed"
    assert f"extract {first.result['extract']}" in second.message


def test_a_gas_update_names_no_network_and_makes_no_party():
    job = do(start('"A00",1,"DXI",20250303,"060000",1\n"E45",1000000008,"A",20250301\n"Z99",1\n', name="updates.csv"))

    assert (job.state, job.result["network"], job.result["warnings"]) == ("done", [], [])
    assert not Party.objects.exists()


def test_a_bad_file_fails_with_one_sentence_and_leaves_nothing():
    job = do(start("%PDF-1.7\n"))

    assert job.state == "failed"
    assert job.message.count("\n") == 0
    assert not Extract.objects.exists()
    assert not any((settings.LAKE_DIR / ".aside").iterdir())


def test_a_file_without_a_date_asks_for_one():
    job = do(start(HEADING + GOOD, name="flags.csv"))

    assert job.state == "failed"
    assert "--as-of" in job.message


def test_a_held_load_writes_nothing_until_it_is_approved():
    job = do(start(UPDATES.format(count=4), name="updates.usr"))
    assert (job.state, job.guards[0]["guard"], Extract.objects.count()) == ("held", "trailer", 0)

    operations.approve(actor=MACHINE, job_id=job.pk, now=timezone.now())
    job = do(job)

    assert (job.state, job.result["rows"]) == ("done", 1)
    assert Extract.objects.get().report["guards"][0]["figure"] == 2


def test_an_approval_does_not_pass_a_worse_figure():
    job = do(start(UPDATES.format(count=4), name="updates.usr"))
    operations.approve(actor=MACHINE, job_id=job.pk, now=timezone.now())
    (settings.VAR_DIR / "incoming" / job.options["path"]).write_text(UPDATES.format(count=10))

    job = do(job)

    assert (job.state, job.guards[0]["figure"]) == ("held", 8)


def test_a_refused_job_ends_and_its_upload_goes():
    job = do(start(UPDATES.format(count=4), name="updates.usr"))

    operations.refuse(actor=MACHINE, job_id=job.pk, now=timezone.now())

    job.refresh_from_db()
    assert job.state == "failed"
    assert not (settings.VAR_DIR / "incoming" / job.options["path"]).exists()


def test_yes_answers_every_guard():
    job = do(start(UPDATES.format(count=4), name="updates.usr", every_guard=True))

    assert job.state == "done"


def test_a_job_is_done_once_however_often_it_is_sent():
    job = do(start(HEADING + GOOD))

    do(job)

    assert job.attempt == 1


def test_a_silent_job_is_lost_and_queued_again():
    job = start(HEADING + GOOD)
    long_ago = timezone.now() - timedelta(seconds=settings.LOST_AFTER_SECONDS + 1)
    Job.objects.filter(pk=job.pk).update(state="running", attempt=1, heartbeat_at=long_ago)

    waiting = operations.requeue_lost(actor=MACHINE, now=timezone.now())

    assert waiting == [job.pk]
    assert do(job).state == "done"


def test_a_job_that_loses_its_worker_again_and_again_waits_for_a_person():
    job = start(HEADING + GOOD)
    long_ago = timezone.now() - timedelta(seconds=settings.LOST_AFTER_SECONDS + 1)
    Job.objects.filter(pk=job.pk).update(state="running", attempt=jobs.ATTEMPTS, heartbeat_at=long_ago)

    assert operations.requeue_lost(actor=MACHINE, now=timezone.now()) == []
    job.refresh_from_db()
    assert job.state == "lost"

    operations.run_again(actor=MACHINE, job_id=job.pk, now=timezone.now())
    assert do(job).state == "done"


def test_a_second_reconciliation_is_told_of_the_first():
    do(start(HEADING + GOOD))
    first = operations.start_reconcile(actor=MACHINE, now=timezone.now())
    Job.objects.filter(pk=first.pk).update(state="running", heartbeat_at=timezone.now())

    second = do(operations.start_reconcile(actor=MACHINE, now=timezone.now()))

    assert second.state == "failed"
    assert f"job {first.pk}" in second.message


def test_a_dead_reconciliation_does_not_stop_the_next():
    do(start(HEADING + GOOD))
    first = operations.start_reconcile(actor=MACHINE, now=timezone.now())
    Job.objects.filter(pk=first.pk).update(state="running", heartbeat_at=timezone.now() - timedelta(days=1))

    second = do(operations.start_reconcile(actor=MACHINE, now=timezone.now()))

    assert "inventory (SMI)" in second.message


@pytest.mark.parametrize("ask", [operations.approve, operations.refuse, operations.run_again])
def test_a_job_that_is_done_cannot_be_asked_again(ask):
    job = do(start(HEADING + GOOD))

    with pytest.raises(operations.OperationError):
        ask(actor=MACHINE, job_id=job.pk, now=timezone.now())


def test_several_files_are_loaded_by_one_command_and_a_bad_one_does_not_stop_the_rest(tmp_path, lake_dir):
    names = ["registration_2025-03-03.csv", "bad.csv", "registration_2025-03-04.csv"]
    for name, text in zip(names, [HEADING + GOOD, "nothing,of,the,kind\n1,2,3,4\n", HEADING + GOOD], strict=True):
        (tmp_path / name).write_text(text)
    said, complained = StringIO(), StringIO()

    with pytest.raises(CommandError, match=r"^1 of 3 files were not loaded\.$") as error:
        call_command("load", *(str(tmp_path / name) for name in names), "--json", stdout=said, stderr=complained)

    reports = [json.loads(line) for line in said.getvalue().splitlines()]
    assert [report["state"] for report in reports] == ["loaded", "failed", "loaded"]
    assert [report.get("as_of") for report in reports] == ["2025-03-03", None, "2025-03-04"]
    assert complained.getvalue().startswith("bad.csv: ") and error.value.returncode == 1


def test_several_files_of_which_one_is_not_there_are_not_begun(tmp_path):
    (tmp_path / "registration_2025-03-03.csv").write_text(HEADING + GOOD)

    with pytest.raises(CommandError, match=r"There is no file .*other\.csv"):
        call_command("load", str(tmp_path / "registration_2025-03-03.csv"), str(tmp_path / "other.csv"))

    assert not Job.objects.exists()
