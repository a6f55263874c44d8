"""People's work and what runs find, in any order, against a plain model: neither disturbs the other or is lost."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from reconcile.domain.work import AFTER_ACT, AFTER_NEWS, REASONS, Act, News, Verdict, WorkState, after_undo
from reconcile.ledger import operations
from reconcile.ledger.actors import NotAllowed
from reconcile.ledger.working import Change, Selection, WorkError
from reconcile.models import AuditEntry, Discrepancy, WorkItem, WorkVersion

from .desk import NOW, Office, open_office

BLANK = {"state": "to_do", "assignee": None, "due": None, "reason": "", "answer": "", "raised": False}
PLACES = st.sets(st.integers(0, 2), min_size=1)
PARTY_OF = {"ann": "supplier", "bob": "supplier", "nel": "network"}
PEOPLE = st.sampled_from(sorted(PARTY_OF))


class WorkAndEvidence(RuleBasedStateMachine):
    """The model: (party, place of the discrepancy) -> values; every entry with what was before."""

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.office: Office = open_office(count=3)
        self.resolved: set[int] = set()
        self.work: dict[tuple[str, int], dict] = {}
        self.entries: list[tuple[int, str, dict[int, dict | None], dict[int, dict]]] = []
        self.rows = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    @initialize()
    def begin(self) -> None:
        self.evidence = self.of_evidence()

    def of_evidence(self) -> list:
        return list(Discrepancy.objects.order_by("pk").values_list("pk", "resolved_on", "opened_as", "last_seen"))

    def now(self, party: str, place: int) -> dict:
        closed = {"state": "closed"} if place in self.resolved else {}
        return {**BLANK, **self.work.get((party, place), {}), **closed}

    def act(self, who: str, places: set[int], change: Change, **values) -> None:
        """Do it, in the product and in the model."""
        party, ids = PARTY_OF[who], tuple(self.office.ids[place] for place in places)
        after = AFTER_ACT[change.act]
        refused = any(after[WorkState(self.now(party, place)["state"])] is None for place in places)
        try:
            entry = operations.work_on(actor=self.office.actor(who), asked=change, of=Selection(ids), now=NOW)
        except WorkError:
            assert refused
            return
        assert not refused
        before = {place: self.work.get((party, place)) for place in places}
        made = {}
        for place in places:
            kept = self.now(party, place)
            made[place] = {**kept, **values, "state": str(after[WorkState(kept["state"])])}
            self.work[party, place] = made[place]
        self.entries.append((entry.pk, party, before, made))
        self.rows += len(places)

    @rule(who=PEOPLE, places=PLACES, to=st.sampled_from(["ann", ""]))
    def assign(self, who: str, places: set[int], to: str) -> None:
        name = to if PARTY_OF[who] == "supplier" else ""
        self.act(who, places, Change(Act.ASSIGN, assignee=name), assignee=name or None)

    @rule(who=PEOPLE, places=PLACES)
    def note(self, who: str, places: set[int]) -> None:
        self.act(who, places, Change(Act.NOTE, words="A note"))

    @rule(places=PLACES, chase=st.integers(1, 5))
    def raise_(self, places: set[int], chase: int) -> None:
        due = self.office.day + timedelta(days=chase)
        self.act("bob", places, Change(Act.RAISE, to="network", due=due), **{**OF_STATE, "due": due, "raised": True})

    @rule(who=PEOPLE, places=PLACES, days=st.integers(1, 3))
    def explain(self, who: str, places: set[int], days: int) -> None:
        due = self.office.day + timedelta(days=days)
        now = {**OF_STATE, "due": due, "reason": REASONS[0]}
        self.act(who, places, Change(Act.EXPLAIN, reason=REASONS[0], due=due), **now)

    @rule(who=PEOPLE, places=PLACES)
    def take_up(self, who: str, places: set[int]) -> None:
        self.act(who, places, Change(Act.TAKE_UP), **OF_STATE)

    @rule(place=st.integers(0, 2), verdict=st.sampled_from(Verdict))
    def answer(self, place: int, verdict: Verdict) -> None:
        item = WorkItem.objects.filter(
            party=self.office.parties["supplier"], discrepancy=self.office.ids[place]
        ).first()
        raised = self.now("supplier", place)["state"] == "raised"
        try:
            operations.answer(
                actor=self.office.actor("nel"), asked=Change(Act.ANSWER, verdict=verdict),
                raising=(item and item.raised_id) or 0, ids=(self.office.ids[place],), now=NOW,
            )  # fmt: skip
        except NotAllowed:
            assert not raised
            return
        assert raised
        self.work["supplier", place] = {**self.now("supplier", place), "answer": str(verdict)}
        self.rows += 1

    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        if not self.entries:
            return
        number, party, before, made = data.draw(st.sampled_from(self.entries))
        still = [place for place in made if self.work.get((party, place)) is made[place]]
        who = {"supplier": "ann", "network": "nel"}[party]
        try:
            entry = operations.work_on(
                actor=self.office.actor(who), asked=Change(Act.UNDO, undoes=number), of=Selection(), now=NOW
            )
        except WorkError:
            assert not still
            return
        assert entry.rows == len(still)
        earlier, given = {place: self.work[party, place] for place in still}, {}
        for place in still:
            was = before[place] or dict(BLANK)
            state = after_undo(WorkState(was["state"]), resolved=place in self.resolved)
            given[place] = self.work[party, place] = {**was, "state": str(state)}
        self.entries.append((entry.pk, party, earlier, given))
        self.rows += len(still)

    @rule(resolve=st.sets(st.integers(0, 2)), reopen=st.sets(st.integers(0, 2)))
    def run(self, resolve: set[int], reopen: set[int]) -> None:
        resolve, reopen = resolve - self.resolved, (reopen & self.resolved) - resolve
        self.office.run(
            resolve=tuple(self.office.ids[place] for place in resolve),
            reopen=tuple(self.office.ids[place] for place in reopen),
        )
        self.resolved = (self.resolved | resolve) - reopen
        self.evidence = self.of_evidence()
        for (party, place), values in list(self.work.items()):
            self.tell(party, place, values)

    def tell(self, party: str, place: int, values: dict) -> None:
        state = WorkState(values["state"])
        if place in self.resolved:
            if state != "closed":
                self.put(party, place, {**values, "state": str(AFTER_NEWS[News.MENDED][state])})
        elif state == "closed":
            self.put(party, place, {**values, **OF_STATE, "state": str(AFTER_NEWS[News.FOUND_AGAIN][state])})
        elif state == "explained" and values["due"] <= self.office.day:
            self.put(party, place, {**values, **OF_STATE, "state": str(AFTER_NEWS[News.DUE][state])})

    def put(self, party: str, place: int, values: dict) -> None:
        self.work[party, place] = values
        self.rows += 1

    @invariant()
    def it_stands_as_the_model_says(self) -> None:
        found = {}
        for item in WorkItem.objects.select_related("party", "assignee"):
            found[item.party.name.lower(), self.office.ids.index(item.discrepancy_id)] = {
                "state": item.state, "due": item.due, "reason": item.reason, "answer": item.answer,
                "assignee": item.assignee.username if item.assignee else None, "raised": item.raised_id is not None,
            }  # fmt: skip
        assert found == self.work

    @invariant()
    def nothing_is_lost(self) -> None:
        assert WorkVersion.objects.count() == self.rows
        newest = {(one.party_id, one.discrepancy_id): one.pk for one in WorkVersion.objects.order_by("pk")}
        assert newest == {(one.party_id, one.discrepancy_id): one.version_id for one in WorkItem.objects.all()}
        assert not WorkVersion.objects.exclude(entry__in=AuditEntry.objects.values("pk")).exists()

    @invariant()
    def evidence_is_the_runs_alone(self) -> None:
        assert self.of_evidence() == self.evidence

    @invariant()
    def closed_is_what_is_resolved(self) -> None:
        for item in WorkItem.objects.select_related("discrepancy"):
            assert (item.state == "closed") == (item.discrepancy.resolved_on is not None)


OF_STATE = {"due": None, "raised": False, "answer": "", "reason": ""}


@pytest.mark.django_db
def test_work_and_evidence_never_disturb_each_other():
    run_state_machine_as_test(
        WorkAndEvidence,
        settings=settings(max_examples=25, stateful_step_count=14, suppress_health_check=[*HealthCheck]),
    )
