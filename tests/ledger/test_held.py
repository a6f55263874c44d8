"""Held work: beside what came before, with what approving would do; a word needs a reason, and stays."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from reconcile.domain.vocabulary import mpan_check_digit
from reconcile.ledger import operations, queries, record
from reconcile.ledger.actors import MACHINE, actor_for
from reconcile.ledger.guards import Approval, Held
from reconcile.models import AuditEntry, Extract, Job, Membership, Party, Run

from . import market
from .market import MP077, NOW, put, reconcile

pytestmark = pytest.mark.django_db

DAY = date(2025, 3, 3)
HEADING = "mpan,dcc_service_flag,dcc_service_flag_efd,supplier\n"


def mpan(serial: int, network: str = "10") -> int:
    """A valid MPAN of a network."""
    digits = f"{network}{serial:010}"
    return int(digits + str(mpan_check_digit(digits)))


@pytest.fixture
def jo() -> User:
    """A manager of the market operator."""
    user = User.objects.create_user("jo")
    operator = Party.objects.create(kind="operator", code="DCC", name="Market operator")
    Membership.objects.create(user=user, party=operator, role="manager")
    return user


def load(points: list[int], day: date, *, bad: int = 0, **options) -> Job:
    """A registration extract as it is after it was done: every point flagged A, then so many bad lines."""
    path = settings.VAR_DIR / "incoming" / f"{len(points)}-{bad}-{day}"
    path.parent.mkdir(exist_ok=True)
    path.write_text(HEADING + "".join(f"{one},A,20240101,SUPA\n" for one in points) + "1000000000011,A,,\n" * bad)
    job = operations.start_load(actor=MACHINE, path=path, name=f"registration_{day}.csv", now=timezone.now(), **options)
    operations.perform(actor=MACHINE, job_id=job.pk)
    job.refresh_from_db()
    return job


def figures(job: Job, actor=MACHINE) -> dict[str, list[tuple]]:
    """title -> (figure, before, now) as the job's page has them."""
    page = queries.job(actor=actor, job_id=job.pk)
    return {one.title: [(row.title, row.before, row.now) for row in one.figures] for one in page.beside}


@pytest.mark.usefixtures("lake_dir")
def test_a_held_load_stands_beside_the_last_file_of_the_same_network_and_kind():
    last = load([mpan(n) for n in range(40)], DAY)
    load([mpan(n, "12") for n in range(7)], DAY + timedelta(days=1))
    held = load([mpan(n) for n in range(30)], DAY + timedelta(days=7), bad=101)

    page = queries.job(actor=MACHINE, job_id=held.pk)

    assert held.state == "held"
    assert figures(held) == {
        "UK Power Networks - Eastern": [("Meter Points", 40, 30), ("Flagged A", 40, 30), ("Rejected lines", 0, 101)]
    }
    assert (page.beside[0].extract, page.beside[0].as_of) == (last.result["extract"], "2025-03-03")
    assert page.would == [
        "30 rows are loaded as Registration, full, of 10 Mar 2025, and 101 lines are left out.",
        "The next run reads it for UK Power Networks - Eastern instead of registration_2025-03-03.csv of 3 Mar 2025.",
    ]
    assert len(page.bad_lines) == 20


@pytest.mark.usefixtures("lake_dir")
def test_a_guard_compares_with_files_of_the_same_network_and_kind_only():
    """A supplier's refresh of 20 points is no measure for a network's whole extract; nor is a younger file."""
    put("flags", "full", DAY, [{"mpxn": mpan(n), "flag": "A", "network": "10"} for n in range(20)])
    Extract.objects.update(kind="d0204")
    many = [mpan(n) for n in range(1_100)]

    first = load(many, DAY + timedelta(days=1))
    older = load([mpan(n) for n in range(50)], DAY)

    assert (first.state, older.state) == ("done", "done")


@pytest.mark.usefixtures("lake_dir")
def test_an_approval_needs_a_reason_in_words(jo):
    held = load([mpan(1)], DAY, bad=101)

    with pytest.raises(operations.OperationError, match="Say in words why"):
        operations.approve(actor=actor_for(jo), job_id=held.pk, reason="  ", now=timezone.now())

    held.refresh_from_db()
    assert (held.state, held.events.count(), AuditEntry.objects.count()) == ("held", 1, 0)


@pytest.mark.usefixtures("lake_dir")
def test_whose_word_let_it_pass_stays_on_the_extract_and_on_record(jo):
    held = load([mpan(1)], DAY, bad=101)
    now = timezone.now()

    operations.approve(actor=actor_for(jo), job_id=held.pk, reason="The sender knows of the 101.", now=now)
    operations.perform(actor=MACHINE, job_id=held.pk)
    jo.delete()

    page = queries.extract(actor=MACHINE, extract_id=Extract.objects.get().pk)
    assert (page.approval.by, page.approval.at, page.approval.reason) == ("jo", now, "The sender knows of the 101.")
    assert page.approval.guards == ["101 of 102 lines were rejected, more than 5 %. Is this the right file?"]
    entry = AuditEntry.objects.get()
    assert (entry.what, entry.name, entry.job) == ("approved", "jo", held.pk)
    assert entry.about == "Load registration_2025-03-03.csv: The sender knows of the 101."


@pytest.mark.usefixtures("lake_dir")
def test_a_file_that_nothing_held_has_nobodys_word():
    loaded = load([mpan(1)], DAY)

    assert queries.extract(actor=MACHINE, extract_id=loaded.result["extract"]).approval is None


@pytest.mark.a_folder
@pytest.mark.usefixtures("lake_dir")
def test_a_refusal_and_its_reason_are_on_record(jo):
    held = load([mpan(1)], DAY, bad=101)

    operations.refuse(actor=actor_for(jo), job_id=held.pk, reason="The wrong file.", now=timezone.now())

    assert AuditEntry.objects.get().about == "Load registration_2025-03-03.csv: The wrong file."
    assert not Path(held.options["path"]).exists()


def flags(wrong: int, day: date) -> None:
    """A full extract of 3,000 points of Eastern, so many of them flagged A with no meter anywhere."""
    rows = [{"mpxn": mpan(n), "flag": "A" if n < wrong else None, "network": "10"} for n in range(3_000)]
    rows += [{"mpxn": mpan(n), "flag": "A", "network": "10"} for n in range(4_000, 4_500)]
    put("flags", "full", day, rows)


def meters(day: date) -> None:
    """Commissioned meters at the points that are right to be flagged A."""
    devices = [
        {"device_id": f"{n:016X}", "device_type": "ESME", "status": "Commissioned", "mpxn": mpan(n), "role": "import"}
        for n in range(4_000, 4_500)
    ]
    put("devices", "full", day, devices)


@pytest.mark.usefixtures("lake_dir")
def test_a_run_with_over_half_as_many_mismatches_again_is_held_with_what_it_would_change():
    flags(100, DAY)
    meters(DAY)
    last = reconcile(DAY)
    flags(201, DAY + timedelta(days=7))

    with pytest.raises(Held) as held:
        reconcile(DAY + timedelta(days=7), yes=False)

    assert [guard.guard for guard in held.value.guards] == ["mismatches"]
    found = held.value.found
    assert Run.objects.count() == 1
    entries = {entry["title"]: entry for entry in found["beside"]}
    assert entries["The run"]["last"]["run"] == last.pk
    assert entries["The run"]["figures"][1] == {"title": "Mismatches", "before": 100, "now": 201}
    assert entries["Mismatches by rule"]["figures"] == [{"title": "A_NO_METER", "before": 100, "now": 201}]
    assert entries["Mismatches by Network Party"]["figures"] == [
        {"title": "UK Power Networks - Eastern", "before": 100, "now": 201}
    ]
    assert found["would"][1] == "101 discrepancies are opened, 0 come back, 0 are resolved."
    assert any(words.startswith("It reads flags-2025-03-10") for words in found["would"])


@pytest.mark.usefixtures("lake_dir")
def test_the_first_run_has_nothing_to_have_risen_from():
    flags(400, DAY)
    meters(DAY)

    assert reconcile(DAY, yes=False).mismatches == 400


@pytest.mark.usefixtures("lake_dir")
def test_whose_word_let_a_run_pass_stays_on_it():
    flags(100, DAY)
    meters(DAY)
    reconcile(DAY)
    flags(201, DAY + timedelta(days=7))
    word = Approval(ceilings={"mismatches": 101}, by="jo", at=NOW.isoformat(), reason="A new extract, known.")

    run = record.reconcile(
        as_of=DAY + timedelta(days=7), policy=MP077, now=NOW, approval=word, report=lambda stage, share: None
    )

    page = queries.run(scope=MACHINE.scope, run_id=run.pk)
    assert (page.approval.by, page.approval.reason) == ("jo", "A new extract, known.")
    assert page.approval.at == market.NOW
