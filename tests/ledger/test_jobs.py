"""Jobs: taken once, held and approved up to a figure, refused, lost and run again."""

import json
import os
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reconcile.ledger import heartbeat, jobs, kept_files, loading, operations, queries, uploads, work
from reconcile.ledger.actors import MACHINE, actor_for
from reconcile.ledger.jobs import Kind
from reconcile.ledger.stopping import Stop, Stopped
from reconcile.models import Extract, Job, Membership, Party
from tests.ledger.market import handed_in, read, uploaded

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
    return operations.start_load(actor=MACHINE, path=handed_in(text), name=name, now=timezone.now(), **options)


def in_place_of(job: Job, text: str) -> None:
    """Another file under the name of the one that a job loads."""
    place = uploads.new_place()
    place.write_text(text)
    kept_files.keep(place, job.options["path"])


def do(job: Job) -> Job:
    """The job after it was done."""
    operations.perform(actor=MACHINE, job_id=job.pk)
    job.refresh_from_db()
    return job


def test_a_load_ends_with_its_report():
    job = do(start(HEADING + GOOD + "1000000000021,A\n"))

    assert (job.state, job.percent, job.message) == ("done", 100, "")
    told = {
        "kind": "registration",
        "network": "10",
        "as_of": "2025-03-03",
        "rows": 1,
        "rejects": 1,
        "state": "loaded",
        "coverage": "full",
        "duplicate": False,
        "reasons": {"Line: too many or too few fields": 1},
        "first_lines": {"Line: too many or too few fields": 3},
    }
    assert {name: job.result[name] for name in told} == told
    lines = read(job.result["rejects_file"]).splitlines()
    assert lines == ["line,reason,raw", '3,"The line has 2 fields, 4 are needed.","1000000000021,A"']


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
    dropped = "1000000000012,A,31/02/2024,\n1000000000012,A,20240231,\n"
    bad = "1000000000011,A,,\n1000000000013,A,,\n1000000000012,X,,\n1000000000012,t,,\n12,A,,\ncaf\xe9,A,,\n"
    path = handed_in((HEADING + GOOD + dropped + bad).encode("latin-1"))

    job = do(operations.start_load(actor=MACHINE, path=path, name="registration_2025-03-04.csv", now=timezone.now()))

    assert job.result["reasons"] == {
        "Meter Point: a wrong check digit": 2,
        "DCC Service Flag: not A, N, I, S, W or empty": 2,
        "Meter Point: of the other fuel than its heading says": 1,
        "Meter Point: not digits only": 1,
    }
    assert job.result["kept_without"] == {"flag_from": {"not a date": 2}}
    assert job.result["found"]["flag_from"] == "dcc_service_flag_efd"


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

    operations.approve(actor=MACHINE, job_id=job.pk, now=timezone.now(), reason="It is right.")
    job = do(job)

    assert (job.state, job.result["rows"]) == ("done", 1)
    assert Extract.objects.get().report["guards"][0]["figure"] == 2


def test_an_approval_does_not_pass_a_worse_figure():
    job = do(start(UPDATES.format(count=4), name="updates.usr"))
    operations.approve(actor=MACHINE, job_id=job.pk, now=timezone.now(), reason="It is right.")
    in_place_of(job, UPDATES.format(count=10))

    job = do(job)

    assert (job.state, job.guards[0]["figure"]) == ("held", 8)


def test_a_refused_job_ends_and_its_upload_goes():
    job = do(start(UPDATES.format(count=4), name="updates.usr"))

    operations.refuse(actor=MACHINE, job_id=job.pk, now=timezone.now())

    job.refresh_from_db()
    assert job.state == "failed"
    assert uploaded() == []


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

    assert [one.pk for one in waiting] == [job.pk]
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
    why = {} if ask is operations.run_again else {"reason": "It is right."}

    with pytest.raises(operations.OperationError, match="Only a"):
        ask(actor=MACHINE, job_id=job.pk, now=timezone.now(), **why)


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


BAD = "1000000000011,A,,\n" * 101
"""More rejected lines than pass unasked."""


@pytest.fixture
def jo() -> User:
    """An analyst of the market operator."""
    operator = Party.objects.create(kind="operator", code="DCC", name="Market operator")
    user = User.objects.create_user("jo")
    Membership.objects.create(user=user, party=operator, role="analyst")
    return user


def close(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


@pytest.mark.parametrize(
    "loses, words",
    [
        (lambda user: user.delete(), "jo, who asked for this, has gone. Ask for it anew."),
        (close, "The log-in of jo, who asked for this, is closed. Ask for it anew."),
        (lambda user: user.memberships.update(role="viewer"), "The log-in jo may not export rows."),
        (lambda user: user.memberships.all().delete(), "The log-in jo may not export rows."),
    ],
    ids=["deleted", "closed", "demoted", "left"],
)
def test_an_export_whose_asker_has_lost_the_right_holds_nothing(jo, loses, words):
    job = operations.start_export(actor=actor_for(jo), query="", now=timezone.now())
    loses(jo)

    job = do(job)

    assert (job.state, job.message, job.result, job.final) == ("failed", words, {}, True)
    assert not list((settings.VAR_DIR / "exports").glob(f"*-{job.pk}.csv*"))


def test_an_export_holds_what_its_asker_may_see_when_it_is_made(jo):
    job = operations.start_export(actor=actor_for(jo), query="", now=timezone.now())
    supplier = Party.objects.create(kind="supplier", code="SUPA", name="Supplier SUPA")
    jo.memberships.update(party=supplier)

    job = do(job)

    assert job.sight == {"everything": False, "networks": [], "suppliers": [supplier.pk]}


def test_a_job_of_the_machine_is_nobodys():
    job = do(start(HEADING + GOOD))

    assert (job.by_machine, job.requested_by, job.requested_name) == (True, None, "the machine")


def test_a_file_that_has_gone_is_no_reason_to_forget_why_it_failed():
    job = do(start("%PDF-1.7\n"))
    reason = job.message

    with pytest.raises(operations.OperationError):
        operations.run_again(actor=MACHINE, job_id=job.pk, now=timezone.now())

    job.refresh_from_db()
    assert (job.state, job.message) == ("failed", reason)


def test_a_file_that_goes_before_the_worker_comes_is_said_without_a_path():
    job = start(HEADING + GOOD)
    kept_files.remove(job.options["path"])

    job = do(job)

    assert job.message == "The file registration_2025-03-03.csv is not here any more. Upload it again."


def test_what_was_said_and_who_decided_stay(jo):
    jo.memberships.update(role="manager")
    job = do(start(UPDATES.format(count=3), name="updates.usr"))
    held = job.message

    operations.approve(actor=actor_for(jo), job_id=job.pk, now=timezone.now(), reason="The sender confirmed it.")
    in_place_of(job, UPDATES.format(count=9))
    worse = do(job).message
    operations.refuse(actor=MACHINE, job_id=job.pk, now=timezone.now())
    jo.delete()

    job.refresh_from_db()
    assert (job.state, job.message, job.final) == ("failed", worse, True)
    told = [(event.what, event.name, event.words) for event in job.events.order_by("pk")]
    assert told == [
        ("held", "the machine", held),
        ("approved", "jo", "The sender confirmed it."),
        ("held", "the machine", worse),
        ("refused", "the machine", ""),
    ]
    approval = job.events.get(what="approved")
    assert [(guard["guard"], guard["figure"]) for guard in approval.figures] == [("trailer", 1)]


def test_an_approval_of_figures_that_are_no_longer_shown_is_refused():
    job = do(start(UPDATES.format(count=3), name="updates.usr"))
    operations.approve(actor=MACHINE, job_id=job.pk, attempt=1, now=timezone.now(), reason="It is right.")
    in_place_of(job, UPDATES.format(count=9))
    do(job)

    with pytest.raises(operations.OperationError, match="Look at its figures again"):
        operations.approve(actor=MACHINE, job_id=job.pk, attempt=1, now=timezone.now(), reason="It is right.")

    job.refresh_from_db()
    assert job.state == "held"


def test_a_worker_that_was_given_up_leaves_the_file_to_the_next():
    job = start(HEADING + GOOD)
    late = jobs.claim(job.pk, timezone.now())
    jobs.requeue_lost(timezone.now() + timedelta(seconds=settings.LOST_AFTER_SECONDS + 1))

    work.perform(late, lambda stage, share: None, Stop(late))

    assert (do(job).state, job.attempt) == ("done", 2)


def test_a_worker_that_was_given_up_gives_no_sign_of_life_for_the_next():
    job = start(HEADING + GOOD)
    late = jobs.claim(job.pk, timezone.now())
    later = timezone.now() + timedelta(seconds=settings.LOST_AFTER_SECONDS + 1)
    jobs.requeue_lost(later)
    jobs.claim(job.pk, later)

    heartbeat.beat(late, later + timedelta(days=1))
    with pytest.raises(Stopped):
        heartbeat.reporting(Stop(late))("Sorting the rows", 0.5)

    job.refresh_from_db()
    assert (job.heartbeat_at, job.stage) == (later, "Starting")


def test_a_held_load_shows_what_it_would_leave_out(tmp_path, lake_dir):
    path = tmp_path / "registration_2025-03-03.csv"
    path.write_text(HEADING + GOOD + BAD)
    said = StringIO()

    with pytest.raises(CommandError) as error:
        call_command("load", str(path), "--json", stdout=said)

    told = json.loads(said.getvalue())
    assert (error.value.returncode, told["state"], told["rows"], told["rejects"]) == (3, "held", 1, 101)
    assert told["reasons"] == {"Meter Point: a wrong check digit": 101}
    assert len(told["bad_lines"]) == 20
    assert told["bad_lines"][0]["line"] == 3 and told["bad_lines"][0]["raw"] == "1000000000011,A,,"
    assert len(read(told["rejects_file"]).splitlines()) == 102


def test_rejected_lines_are_for_those_who_may_read_them(jo):
    job = do(start(HEADING + GOOD + BAD))
    assert len(queries.job(actor=actor_for(jo), job_id=job.pk).bad_lines) == 20

    jo.memberships.update(role="viewer")
    page = queries.job(actor=actor_for(jo), job_id=job.pk)

    assert (page.job.state, page.bad_lines, page.reasons, page.rejects) == ("held", [], [], None)


def test_uploads_that_no_job_waits_for_go_after_six_hours(lake_dir):
    waits, done = start(HEADING + GOOD), start(HEADING + GOOD)
    failed = do(start("%PDF-1.7\n"))
    done = do(done)
    killed = uploads.folder() / "half.upload.csv"
    killed.write_text("left")
    for job in (done, failed):
        in_place_of(job, "left")
    now = timezone.now()

    assert operations.sweep_up(actor=MACHINE, now=now + timedelta(hours=5)) == []
    swept = operations.sweep_up(actor=MACHINE, now=now + timedelta(hours=7))

    assert set(swept) == {killed.name, Path(done.options["path"]).name, Path(failed.options["path"]).name}
    assert uploaded() == [waits.options["path"]]


def test_a_link_to_an_old_file_is_as_new_as_its_name(tmp_path):
    old = tmp_path / "old.csv"
    old.write_text("x")
    os.utime(old, (0, 0))
    link = uploads.new_place()
    os.link(old, link)

    assert operations.sweep_up(actor=MACHINE, now=timezone.now()) == []


def test_no_file_stops_the_next_whatever_the_error(tmp_path, lake_dir, monkeypatch):
    load = loading.load

    def unforeseen(*, request, **more):
        if request.name == "registration_2025-03-03.csv":
            raise KeyError("nobody thought of this")
        return load(request=request, **more)

    monkeypatch.setattr(loading, "load", unforeseen)
    names = [b"registration_2025-03-03.csv", b"f\xe9vrier_2025-03-04.csv", b"registration_2025-03-05.csv"]
    paths = [tmp_path / os.fsdecode(name) for name in names]
    for path in paths:
        path.write_text(HEADING + GOOD)
    said, complained = StringIO(), StringIO()

    with pytest.raises(CommandError, match=r"^1 of 3 files were not loaded\.$"):
        call_command("load", *map(str, paths), "--json", stdout=said, stderr=complained)

    reports = [json.loads(line) for line in said.getvalue().splitlines()]
    assert [report["state"] for report in reports] == ["failed", "loaded", "loaded"]
    assert "KeyError" in complained.getvalue()
    assert set(Extract.objects.values_list("name", flat=True)) == {"f\ufffdvrier_2025-03-04.csv", names[2].decode()}
    assert uploaded() == [] and all(path.exists() for path in paths)


def test_the_timer_signs_and_a_busy_worker_too():
    now = timezone.now()
    assert heartbeat.last_sign() is None

    operations.requeue_lost(actor=MACHINE, now=now)
    assert heartbeat.last_sign() == now

    job = operations.start_tidy(actor=MACHINE, now=now)
    jobs.claim(job.pk, now + timedelta(seconds=50))
    assert heartbeat.last_sign() == now + timedelta(seconds=50)


def test_a_run_keeps_the_policy_that_was_asked_for():
    job = operations.start_reconcile(actor=MACHINE, as_of=date(2025, 3, 3), policy="mp077", now=timezone.now())

    assert job.options["policy"] == "mp077"
    for policy, why in {"mp078": "There is no policy mp078", "pia": "Policy pia is there to ask what if"}.items():
        with pytest.raises(operations.OperationError, match=why):
            operations.start_reconcile(actor=MACHINE, as_of=date(2025, 3, 3), policy=policy, now=timezone.now())
