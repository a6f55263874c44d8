"""An installation in which nothing is loaded: what its pages say, and the sample market that can be taken there."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.contrib.auth.models import User
from django.test import Client

from reconcile.ledger import operations, trying_out
from reconcile.ledger.actors import MACHINE
from reconcile.models import AuditEntry, Extract, Job, Membership, Party, Role, Run
from reconcile.sample.make import make_sample

pytestmark = pytest.mark.django_db


def as_one_of(kind: Party.Kind, role: Role) -> Client:
    """Somebody of a party, logged in."""
    user = User.objects.create_user(f"{kind}-{role}")
    party, _ = Party.objects.get_or_create(kind=kind, code="P", defaults={"name": "P"})
    Membership.objects.create(user=user, party=party, role=role)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def loader(monkeypatch) -> Client:
    monkeypatch.setattr(trying_out, "POINTS", 300)
    monkeypatch.setattr(trying_out, "DAYS", 1)
    monkeypatch.setattr(trying_out, "make_sample", partial(make_sample, meters_only=True))
    return as_one_of(Party.Kind.OPERATOR, Role.ANALYST)


def test_a_meter_point_is_not_said_to_be_missing_from_a_run_that_is_not_there(loader):
    page = loader.get("/points/1200000000146/").content.decode()

    assert "Nothing has been reconciled yet, so there is no Meter Point to show." in page
    assert "the last run" not in page


@pytest.mark.parametrize(
    "path", ["/", "/networks/", "/suppliers/", "/runs/", "/discrepancies/", "/causes/", "/work/", "/runs/compare/"]
)
def test_every_page_says_what_the_product_needs_and_where_to_begin(loader, path):
    page = loader.get(path).content.decode()

    assert "There is no run yet" in page
    assert "/extracts/upload/" in page and "/extracts/sample/" in page


def test_one_file_is_named_and_what_is_still_missing(loader):
    day = datetime(2026, 11, 15, tzinfo=UTC)
    Extract.objects.create(
        name="smi.csv", kind="smi", table="devices", as_of=day.date(), size=1, rows=1, rejects=0, loaded_at=day
    )

    page = loader.get("/").content.decode()

    assert "Loaded so far" in page and "smi.csv" in page and "Still missing" in page
    assert "registration extract</strong> of each" in page and "<strong>inventory (SMI) export" not in page
    assert "/extracts/sample/" not in page


def test_alerts_are_not_counted_where_none_was_ever_loaded(loader):
    page = loader.get("/alerts/").content.decode()

    assert "No alert is open here" in page and 'class="figures"' not in page and 'class="filters"' not in page


def test_what_is_held_comes_before_everything_else(loader):
    Job.objects.create(kind="load", title="Load smi.csv", state=Job.State.HELD, created_at=datetime.now(UTC))

    page = loader.get("/").content.decode()

    assert page.index("1 held for a person") < page.index("What a run needs") and "/extracts/sample/" not in page


def test_who_may_not_load_is_asked_for_nothing():
    page = as_one_of(Party.Kind.SUPPLIER, Role.MANAGER).get("/").content.decode()

    assert "nothing is asked of you" in page
    assert "/extracts/sample/" not in page


def test_a_sample_market_is_taken_on_the_spot_and_only_where_there_is_nothing(loader, lake_dir):
    asked = loader.post("/extracts/sample/")
    again = loader.post("/extracts/sample/", follow=True).content.decode()
    job = operations.perform(actor=MACHINE, job_id=Job.objects.get().pk)
    run = Run.objects.get()
    page = loader.get(asked["Location"]).content.decode()
    overview = loader.get("/").content.decode()
    beside = loader.post("/extracts/sample/", follow=True).content.decode()

    assert (job.state, job.result["run"]) == ("done", run.pk), job.message
    assert Extract.objects.filter(coverage="full").count() > 1
    assert run.as_of == (job.created_at - timedelta(days=1)).date()
    assert "late or overdue" not in overview
    assert f"/runs/{run.pk}/" in page
    assert f"at {run.points} Meter Points" in overview
    assert "A sample market is on its way already." in again
    assert "There is data here already. A sample market is only taken where nothing is loaded." in beside
    assert Job.objects.count() == 1
    assert AuditEntry.objects.filter(what=AuditEntry.What.ASKED, job=job.pk).exists()


def test_a_request_that_makes_no_sense_is_answered_in_the_same_voice(loader):
    answer = loader.get("/", headers={"host": "elsewhere.example"})

    assert answer.status_code == 400
    assert "nothing was done" in answer.content.decode()


def test_the_log_in_says_why_one_is_asked_for_it(client):
    assert "your session is over" in client.get("/runs/", follow=True).content.decode()
    assert "your session is over" not in client.get("/login/").content.decode()


def test_with_both_sides_the_first_run_is_one_button_away(loader):
    day = datetime(2026, 11, 15, tzinfo=UTC)
    for table, kind in (("devices", "smi"), ("flags", "registration")):
        facts = {"as_of": day.date(), "size": 1, "rows": 1, "rejects": 0, "loaded_at": day, "sha256": kind}
        Extract.objects.create(name=f"{kind}.csv", kind=kind, table=table, **facts)

    page = loader.get("/").content.decode()

    assert "Both sides are there" in page and "Still missing" not in page
    assert page.count(">Reconcile now</button>") == 1


def test_what_is_held_is_said_where_there_is_no_run(loader):
    Job.objects.create(kind="load", title="Load a.csv", state="held", created_at=datetime(2026, 11, 15, tzinfo=UTC))

    assert "1 held for a person" in loader.get("/").content.decode()


def test_nobody_can_answer_before_the_first_run(loader):
    page = loader.get("/look-up/").content.decode()

    assert "Nothing has been reconciled yet" in page and "What is missing" in page
