"""Migrations over rows that are there: nothing of them is lost, and nobody may do more than before."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import StateApps

from reconcile.ledger.actors import MACHINE, NotAllowed, Right, actor_for
from reconcile.ledger.jobs import approval, asker
from reconcile.models import Job, JobEvent, Membership
from tests.record import let_it_be_emptied

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2025, 3, 3, 6, 30, tzinfo=UTC)
BEFORE = "0003_recording"
AFTER = next(name for _, name in MigrationLoader(None).graph.leaf_nodes("reconcile"))


def migrate(name: str) -> StateApps:
    """The database as of a migration, and its models as they were."""
    executor = MigrationExecutor(connection)
    executor.migrate([("reconcile", name)])
    return MigrationExecutor(connection).loader.project_state([("reconcile", name)]).apps


@pytest.fixture
def old() -> Iterator[StateApps]:
    """The database as it was before roles."""
    yield migrate(BEFORE)
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes("reconcile"))
    let_it_be_emptied()


def test_people_keep_what_they_could_do(old):
    User, Party = old.get_model("auth", "User"), old.get_model("reconcile", "Party")
    for kind in ("network", "supplier", "operator"):
        party = Party.objects.create(kind=kind, code=kind, name=kind)
        old.get_model("reconcile", "Membership").objects.create(
            user=User.objects.create(username=kind, is_active=True), party=party
        )

    migrate(AFTER)

    rights = {row.user.username: actor_for(row.user).rights for row in Membership.objects.select_related("user")}
    assert rights["network"] == rights["supplier"] == {"see", "export", "work"}
    assert rights["operator"] == set(Right) - {Right.RUN_JOBS}


def test_jobs_tell_who_asked_and_what_they_made_is_given_to_those_who_see_everything(old):
    User, OldJob = old.get_model("auth", "User"), old.get_model("reconcile", "Job")
    jo = User.objects.create(username="jo")
    facts = {"title": "x", "created_at": NOW}
    made = {"rows": 1, "file": "x.csv"}
    ids = {
        "hers": OldJob.objects.create(kind="export", requested_by=jo, state="done", result=made, **facts).pk,
        "command": OldJob.objects.create(kind="export", options={"target": "/srv/x.csv"}, **facts).pk,
        "orphan": OldJob.objects.create(kind="export", options={"target": None, "query": ""}, **facts).pk,
        "nightly": OldJob.objects.create(kind="tidy", **facts).pk,
    }

    migrate(AFTER)

    jobs = {name: Job.objects.get(pk=pk) for name, pk in ids.items()}
    assert jobs["hers"].sight["everything"] is True
    assert (jobs["hers"].requested_name, jobs["command"].requested_name) == ("jo", MACHINE.name)
    assert asker(jobs["command"]) is asker(jobs["nightly"]) is MACHINE
    with pytest.raises(NotAllowed, match="has gone"):
        asker(jobs["orphan"])


def test_words_about_decisions_become_rows_and_back(old):
    jo = old.get_model("auth", "User").objects.create(username="jo")
    facts = {"title": "x", "created_at": NOW, "kind": "load"}
    words = {"approved_by": "jo", "approved_at": NOW.isoformat(), "ceilings": {"trailer": 2}}
    approved = {"path": "/x", "name": "x.csv", **words}
    message = "Refused by sam.jones: The trailer says 3 records,\nand more."
    OldJob = old.get_model("reconcile", "Job")
    first = OldJob.objects.create(options=approved, state="queued", **facts).pk
    second = OldJob.objects.create(state="failed", message=message, finished_at=NOW, **facts).pk
    third = OldJob.objects.create(state="failed", message="Refused by the operator: Why.", finished_at=NOW, **facts).pk

    migrate(AFTER)

    job = Job.objects.get(pk=first)
    assert (job.options, approval(job).ceilings) == ({"path": "/x", "name": "x.csv"}, {"trailer": 2})
    told = [(event.job_id, event.what, event.name, event.by_id, event.at) for event in JobEvent.objects.order_by("pk")]
    assert told == [
        (first, "approved", "jo", jo.pk, NOW),
        (second, "refused", "sam.jones", None, NOW),
        (third, "refused", MACHINE.name, None, NOW),
    ]
    refused = Job.objects.get(pk=second)
    assert (refused.message, refused.final) == ("The trailer says 3 records,\nand more.", True)

    before = migrate(BEFORE).get_model("reconcile", "Job")
    assert before.objects.get(pk=first).options == approved
    assert before.objects.get(pk=second).message == message
