"""Every way through the states of a job, in any order, against a plain model: nothing lost, nothing done for nobody."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from reconcile.feeds import BadFile
from reconcile.ledger import heartbeat, jobs, operations, uploads, work
from reconcile.ledger.access import EVERYTHING, Scope
from reconcile.ledger.actors import MACHINE, Actor, NotAllowed, actor_for
from reconcile.ledger.guards import Guard, Held
from reconcile.ledger.inputs import NothingToReconcile
from reconcile.ledger.stopping import Stop
from reconcile.models import Job, JobEvent, Membership, Party, Role, SignOfLife

pytestmark = pytest.mark.one_database

START = datetime(2026, 1, 1, tzinfo=UTC)
AS_OF = date(2025, 3, 3)
EXAMPLES = 80
SILENT = timedelta(seconds=settings.LOST_AFTER_SECONDS)
LIMIT = timedelta(seconds=settings.JOB_SECONDS)
FOR = {"load": "load", "reconcile": "reconcile", "export": "export", "tidy": "thin"}
ROLES = {
    "manager": {"load", "reconcile", "export", "thin", "decide", "all"},
    "clerk": {"load", "reconcile", "export", "all"},
    "seller": {"export"},
    "machine": {"load", "reconcile", "export", "thin", "decide", "all"},
}
"""Who plays, and what each may do: all stands for seeing everyone's jobs."""
OUTCOMES = {
    "done": None,
    "held": Held([Guard("rejects", 7, 5, "Seven lines were rejected.")]),
    "bad": BadFile("This is no industry file."),
    "waiting": NothingToReconcile("One side is missing."),
    "full": OSError("no space left on device"),
}


@dataclass
class Expected:
    """What a job should be."""

    kind: str
    asker: str
    state: str = "queued"
    attempt: int = 0
    final: bool = False
    beat: datetime | None = None
    began: datetime | None = None
    made: bool = False
    stopping: bool = False
    file: Path | None = None
    history: list[tuple[str, str]] = field(default_factory=list)


class Jobs(RuleBasedStateMachine):
    """The product beside the model."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.expected: dict[int, Expected] = {}
        self.at_work: list[Job] = []
        self.rights = dict(ROLES)
        self.gone: set[str] = set()
        operator = Party.objects.create(kind="operator", code="DCC", name="Market operator")
        self.supplier = Party.objects.create(kind="supplier", code="SUPA", name="Supplier SUPA")
        for name, party, role in (
            ("manager", operator, Role.MANAGER),
            ("clerk", operator, Role.ANALYST),
            ("seller", self.supplier, Role.ANALYST),
        ):
            user = User.objects.create_user(name)
            Membership.objects.create(user=user, party=party, role=role)

    def teardown(self) -> None:
        for model in (JobEvent, Job, SignOfLife, Membership, Party, User):
            model.objects.all().delete()
        for path in uploads.folder().iterdir():
            path.unlink()

    def actor(self, name: str) -> Actor:
        return MACHINE if name == "machine" else actor_for(User.objects.get(username=name))

    def pick(self, data: st.DataObject, *states: str) -> int:
        wanted = [pk for pk, job in self.expected.items() if not states or job.state in states]
        return data.draw(st.sampled_from(wanted or list(self.expected)))

    def someone(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from([name for name in ROLES if name not in self.gone]))

    # ------------------------------------------------------------------ what happens

    @rule(data=st.data(), kind=st.sampled_from(list(FOR)))
    def ask(self, data: st.DataObject, kind: str) -> None:
        name = self.someone(data)
        path = uploads.new_place() if kind == "load" else None
        asked: dict[str, dict[str, Any]] = {
            "load": {"path": path, "name": "a.csv"}, "reconcile": {"as_of": AS_OF}, "export": {"query": ""}, "tidy": {}
        }  # fmt: skip
        start = getattr(operations, f"start_{kind}")
        if FOR[kind] not in self.rights[name]:
            with pytest.raises(NotAllowed):
                start(actor=self.actor(name), now=self.now, **asked[kind])
            return
        if path:
            path.write_text("something")
        job = start(actor=self.actor(name), now=self.now, **asked[kind])
        self.expected[job.pk] = Expected(kind, name, file=path)

    @precondition(lambda self: self.expected)
    @rule(data=st.data())
    def claim(self, data: st.DataObject) -> None:
        job_id = self.pick(data, "queued")
        job = self.expected[job_id]
        busy = self.running_reconciliation() if job.state == "queued" and job.kind == "reconcile" else None
        if busy:
            self.model_lost()
            busy = self.running_reconciliation()

        claimed = jobs.claim(job_id, self.now)

        if job.state == "queued" and busy:
            self.moves(job, "failed", "the machine", "failed")
        elif job.state == "queued":
            job.state, job.attempt, job.beat, job.began = "running", job.attempt + 1, self.now, self.now
            self.at_work.append(claimed)
            return
        assert claimed is None

    @precondition(lambda self: self.at_work)
    @rule(data=st.data())
    def beat(self, data: st.DataObject) -> None:
        worker = data.draw(st.sampled_from(self.at_work))
        job = self.expected[worker.pk]

        heartbeat.beat(worker, self.now)

        if (job.state, job.attempt) == ("running", worker.attempt):
            job.beat = self.now

    @precondition(lambda self: self.at_work)
    @rule(data=st.data(), outcome=st.sampled_from(list(OUTCOMES)))
    def end(self, data: st.DataObject, outcome: str) -> None:
        """A worker comes to the end of its work; perhaps long after it was given up."""
        worker = self.at_work.pop(data.draw(st.integers(0, len(self.at_work) - 1)))
        job = self.expected[worker.pk]
        worker.requested_by = User.objects.filter(username=job.asker).first()

        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(work.WORK, job.kind, lambda *_: self.outcome(outcome))
            work.perform(worker, lambda stage, share: None, Stop(worker))

        if (job.state, job.attempt) not in {("running", worker.attempt), ("lost", worker.attempt)}:
            return
        if not self.may_be_done(job):
            job.final, outcome = True, "bad"
        if job.stopping and outcome != "done":
            self.cancelled(job)
            job.file = None
            return
        job.made = outcome in {"done", "held"}
        if outcome == "done":
            job.state = "done"
        else:
            self.moves(job, "held" if outcome == "held" else "failed", "the machine")
        job.final = job.final or outcome == "bad"
        if outcome in {"done", "bad"}:
            job.file = None

    def outcome(self, name: str) -> dict[str, Any]:
        if OUTCOMES[name]:
            raise OUTCOMES[name]
        return {"rows": 1}

    @rule(seconds=st.integers(1, 2 * settings.LOST_AFTER_SECONDS))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def look_after(self) -> None:
        waiting = operations.requeue_lost(actor=MACHINE, now=self.now)

        self.model_lost()
        for job in self.expected.values():
            if job.state == "lost" and job.attempt < jobs.ATTEMPTS:
                self.moves(job, "queued", "the machine", "again")
        assert [job.pk for job in waiting] == [pk for pk, job in self.expected.items() if job.state == "queued"]
        assert SignOfLife.objects.get().at == self.now

    @precondition(lambda self: self.expected)
    @rule(data=st.data(), stale=st.booleans())
    def approve(self, data: st.DataObject, stale: bool) -> None:
        job_id, name = self.pick(data, "held"), self.someone(data)
        job = self.expected[job_id]
        attempt = job.attempt - 1 if stale else job.attempt

        with self.refused_unless("decide" in self.rights[name], job.state == "held" and not stale):
            operations.approve(
                actor=self.actor(name), job_id=job_id, attempt=attempt, now=self.now, reason="It is right."
            )
            self.moves(job, "queued", self.name_of(name), "approved")

    @precondition(lambda self: self.expected)
    @rule(data=st.data())
    def refuse(self, data: st.DataObject) -> None:
        job_id, name = self.pick(data, "held"), self.someone(data)
        job = self.expected[job_id]

        with self.refused_unless("decide" in self.rights[name], job.state == "held"):
            operations.refuse(actor=self.actor(name), job_id=job_id, now=self.now)
            self.moves(job, "failed", self.name_of(name), "refused")
            job.final, job.file = True, None

    @precondition(lambda self: self.expected)
    @rule(data=st.data())
    def run_again(self, data: st.DataObject) -> None:
        job_id, name = self.pick(data, "failed", "lost"), self.someone(data)
        job = self.expected[job_id]
        self.model_lost()
        may = FOR[job.kind] in self.rights[name] and ("all" in self.rights[name] or job.asker == name)
        here = job.kind != "load" or (job.file is not None and job.file.exists())
        can = job.state in {"failed", "lost"} and not job.final and here and self.may_be_done(job)

        with self.refused_unless(may, can):
            operations.run_again(actor=self.actor(name), job_id=job_id, now=self.now)
            self.moves(job, "queued", self.name_of(name), "again")

    @precondition(lambda self: self.expected)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        job_id, name = self.pick(data, "queued", "running", "held", "lost"), self.someone(data)
        job = self.expected[job_id]
        may = "decide" in self.rights[name] or job.asker == name
        can = job.state in {"queued", "held", "lost"} or (job.state == "running" and not job.stopping)

        with self.refused_unless(may, can):
            operations.cancel(actor=self.actor(name), job_id=job_id, now=self.now)
            job.history.append(("cancelled", self.name_of(name)))
            if job.state == "running":
                job.stopping = True
            else:
                self.cancelled(job)
                job.file = None

    @precondition(lambda self: len(self.gone) < 2)
    @rule(data=st.data(), how=st.sampled_from(["deleted", "closed", "demoted"]))
    def lose_a_person(self, data: st.DataObject, how: str) -> None:
        name = data.draw(st.sampled_from([name for name in ROLES if name not in self.gone | {"machine"}]))
        user = User.objects.filter(username=name)
        if how == "deleted":
            user.delete()
        elif how == "closed":
            user.update(is_active=False)
        else:
            Membership.objects.filter(user__username=name).update(role=Role.VIEWER)
        self.gone.add(name)
        self.rights[name] = set()

    @precondition(lambda self: any(job.file for job in self.expected.values()))
    @rule(data=st.data())
    def lose_a_file(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from([job for job in self.expected.values() if job.file]))
        job.file.unlink(missing_ok=True)
        job.file = None

    # ------------------------------------------------------------------ the model

    def name_of(self, name: str) -> str:
        return MACHINE.name if name == "machine" else name

    def may_be_done(self, job: Expected) -> bool:
        return FOR[job.kind] in self.rights[job.asker]

    def running_reconciliation(self) -> Expected | None:
        running = [job for job in self.expected.values() if (job.kind, job.state) == ("reconcile", "running")]
        return running[0] if running else None

    def moves(self, job: Expected, state: str, name: str, what: str = "") -> None:
        job.state = state
        job.history.append((what or state, name))
        if state == "queued":
            job.made = False

    def model_lost(self) -> None:
        for job in self.expected.values():
            if job.state == "running" and job.beat < self.now - SILENT:
                if job.stopping:
                    self.cancelled(job)
                else:
                    self.moves(job, "failed" if job.beat - job.began > LIMIT else "lost", "the machine")

    def cancelled(self, job: Expected) -> None:
        job.state, job.final, job.made, job.stopping = "cancelled", True, False, False

    def refused_unless(self, allowed: bool, possible: bool):
        """Runs what is in the block where it can be done; else it has to be refused before the model moves."""
        if allowed and possible:
            return pytest.MonkeyPatch.context()
        return pytest.raises(operations.OperationError if allowed else NotAllowed)

    # ------------------------------------------------------------------ what always holds

    @invariant()
    def every_job_is_as_expected(self) -> None:
        rows = {job.pk: job for job in Job.objects.prefetch_related("events")}
        assert set(rows) == set(self.expected)
        for pk, job in self.expected.items():
            row = rows[pk]
            assert (row.state, row.attempt, row.final) == (job.state, job.attempt, job.final)
            assert bool(row.cancel_asked_at) == job.stopping
            events = sorted(row.events.all(), key=lambda event: event.pk)
            assert [(event.what, event.name) for event in events] == job.history

    @invariant()
    def what_a_job_made_is_kept_with_what_its_asker_saw(self) -> None:
        own = Scope(suppliers=frozenset({self.supplier.pk}))
        for pk, job in self.expected.items():
            row = Job.objects.get(pk=pk)
            if job.made:
                assert Scope.kept(row.sight) == (own if job.asker == "seller" else EVERYTHING)
                assert bool(row.guards) == (job.state in {"held", "failed"})
            if job.state == "queued":
                assert (row.result, row.guards, row.sight, row.message) == ({}, [], {}, "")

    @invariant()
    def an_upload_stays_while_a_job_may_need_it(self) -> None:
        kept = {job.file for job in self.expected.values() if job.file}
        assert set(uploads.folder().iterdir()) == kept

    @invariant()
    def one_reconciliation_runs(self) -> None:
        assert Job.objects.filter(kind="reconcile", state="running").count() <= 1


@pytest.mark.django_db
@pytest.mark.timeout(600)
def test_jobs_go_through_their_states_as_promised():
    for path in uploads.folder().iterdir():
        path.unlink()
    run_state_machine_as_test(
        Jobs,
        settings=hypothesis(
            max_examples=EXAMPLES, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
