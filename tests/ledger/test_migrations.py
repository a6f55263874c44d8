"""Migrations over rows that are there: nothing of them is lost, and nobody may do more than before."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import StateApps

from reconcile.ledger.actors import MACHINE, NotAllowed, Right, actor_for
from reconcile.ledger.jobs import approval, asker
from reconcile.models import Job, JobEvent, Membership
from tests import migrated

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2025, 3, 3, 6, 30, tzinfo=UTC)
BEFORE = "0003_recording"
AFTER = next(name for _, name in MigrationLoader(None).graph.leaf_nodes("reconcile"))


def migrate(name: str) -> StateApps:
    """The database as of a migration, and its models as they were."""
    executor = MigrationExecutor(connection)
    others = [node for node in executor.loader.graph.leaf_nodes() if node[0] != "reconcile"]
    executor.migrate([*others, ("reconcile", name)])
    return MigrationExecutor(connection).loader.project_state([("reconcile", name)]).apps


@pytest.fixture
def old() -> Iterator[StateApps]:
    """The database as it was before roles."""
    migrated.let_it_be_new()
    yield migrate(BEFORE)
    migrated.put_back()


def test_what_was_there_before_roles_comes_along_and_goes_back(old):
    """One way there and back for everything: it takes as long as all migrations do."""
    jo = old.get_model("auth", "User").objects.create(username="jo")
    people_before(old)
    jobs, decided = jobs_before(old, jo), decisions_before(old)

    migrate(AFTER)

    assert_people_keep_what_they_could_do()
    assert_jobs_tell_who_asked_and_what_they_made_is_given_to_those_who_see_everything(jobs)
    assert_words_about_decisions_became_rows(decided, jo)
    before = migrate(BEFORE).get_model("reconcile", "Job")
    assert before.objects.get(pk=decided[0]).options == APPROVED
    assert before.objects.get(pk=decided[1]).message == REFUSED


def people_before(old: StateApps) -> None:
    User, Party = old.get_model("auth", "User"), old.get_model("reconcile", "Party")
    for kind in ("network", "supplier", "operator"):
        party = Party.objects.create(kind=kind, code=kind, name=kind)
        old.get_model("reconcile", "Membership").objects.create(
            user=User.objects.create(username=kind, is_active=True), party=party
        )


def assert_people_keep_what_they_could_do() -> None:
    rights = {row.user.username: actor_for(row.user).rights for row in Membership.objects.select_related("user")}
    assert rights["network"] == rights["supplier"] == {"see", "export", "work"}
    assert rights["operator"] == set(Right) - {Right.RUN_JOBS}


def jobs_before(old: StateApps, jo: Any) -> dict[str, int]:
    OldJob = old.get_model("reconcile", "Job")
    facts = {"title": "x", "created_at": NOW}
    made = {"rows": 1, "file": "x.csv"}
    return {
        "hers": OldJob.objects.create(kind="export", requested_by=jo, state="done", result=made, **facts).pk,
        "command": OldJob.objects.create(kind="export", options={"target": "/srv/x.csv"}, **facts).pk,
        "orphan": OldJob.objects.create(kind="export", options={"target": None, "query": ""}, **facts).pk,
        "nightly": OldJob.objects.create(kind="tidy", **facts).pk,
    }


def assert_jobs_tell_who_asked_and_what_they_made_is_given_to_those_who_see_everything(ids: dict[str, int]) -> None:
    jobs = {name: Job.objects.get(pk=pk) for name, pk in ids.items()}
    assert jobs["hers"].sight["everything"] is True
    assert (jobs["hers"].requested_name, jobs["command"].requested_name) == ("jo", MACHINE.name)
    assert asker(jobs["command"]) is asker(jobs["nightly"]) is MACHINE
    with pytest.raises(NotAllowed, match="has gone"):
        asker(jobs["orphan"])


APPROVED = {
    "path": "/x", "name": "x.csv", "approved_by": "jo", "approved_at": NOW.isoformat(), "ceilings": {"trailer": 2},
}  # fmt: skip
REFUSED = "Refused by sam.jones: The trailer says 3 records,\nand more."


def decisions_before(old: StateApps) -> list[int]:
    """An approved load, one that a person refused, and one that nobody in particular refused."""
    facts = {"title": "x", "created_at": NOW, "kind": "load"}
    make = old.get_model("reconcile", "Job").objects.create
    return [
        make(options=APPROVED, state="queued", **facts).pk,
        make(state="failed", message=REFUSED, finished_at=NOW, **facts).pk,
        make(state="failed", message="Refused by the operator: Why.", finished_at=NOW, **facts).pk,
    ]


def assert_words_about_decisions_became_rows(decided: list[int], jo: Any) -> None:
    first, second, third = decided
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
