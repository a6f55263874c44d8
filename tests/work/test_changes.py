"""What people do with discrepancies: once, wholly or not at all, undone as one, and for their own party alone."""

from datetime import date, timedelta

import pytest

from reconcile.domain.work import Act, Verdict
from reconcile.ledger import operations
from reconcile.ledger.actors import MACHINE, NotAllowed
from reconcile.ledger.inputs import latest_run
from reconcile.ledger.working import Change, Selection, WorkError
from reconcile.models import Answer, AuditEntry, Discrepancy, Job, Mention, Raising, WorkItem, WorkVersion

from .desk import DAY, NOW, Office, new_run, open_office

LATER = DAY + timedelta(days=30)


@pytest.fixture
def office(db) -> Office:
    return open_office()


def do(office: Office, who: str, act: Act, ids=None, request: str = "", **more):
    return operations.work_on(
        actor=office.actor(who),
        asked=Change(act, **more),
        of=Selection(tuple(office.ids[:2] if ids is None else ids)),
        request=request,
        now=NOW,
    )


def everything(office: Office, count: int, query: str = "", run: int | None = None) -> Selection:
    return Selection(query=query, run=run or latest_run().pk, count=count)


def states(office: Office, party: str = "supplier") -> dict[int, str]:
    items = WorkItem.objects.filter(party=office.parties[party])
    return dict(items.order_by("discrepancy").values_list("discrepancy", "state"))


def test_a_person_hands_rows_to_a_colleague(office):
    entry = do(office, "bob", Act.ASSIGN, assignee="ann", due=LATER)

    items = WorkItem.objects.select_related("assignee").order_by("discrepancy")
    assert [(item.discrepancy_id, item.assignee.username, item.due) for item in items] == [
        (one, "ann", LATER) for one in office.ids[:2]
    ]
    assert (entry.name, entry.rows, entry.about) == ("bob", 2, "to ann, due 1 Apr 2026")
    assert WorkVersion.objects.filter(entry=entry).count() == 2


@pytest.mark.parametrize("name", ["rob", "nobody-at-all", "olu"])
def test_rows_go_to_colleagues_only(office, name):
    with pytest.raises(WorkError, match="works for Supplier"):
        do(office, "bob", Act.ASSIGN, assignee=name)

    assert not WorkItem.objects.exists() and not AuditEntry.objects.exists()


@pytest.mark.parametrize("who", ["vic", "rob", "nel", "olu"])
def test_each_party_has_its_own_work_and_only_on_rows_that_it_sees(office, who):
    do(office, "bob", Act.NOTE, words="Ours alone")

    if who in {"vic", "rob"}:
        with pytest.raises(NotAllowed):
            do(office, who, Act.NOTE, words="x")
    else:
        do(office, who, Act.NOTE, words="x")
        assert states(office, {"nel": "network", "olu": "operator"}[who]) == dict.fromkeys(office.ids[:2], "to_do")
    assert states(office) == dict.fromkeys(office.ids[:2], "to_do")
    assert {item.noted.words for item in WorkItem.objects.filter(party=office.parties["supplier"])} == {"Ours alone"}


def test_what_is_raised_goes_to_who_acts_and_comes_back_answered(office):
    do(office, "bob", Act.RAISE, to="network", reference="INC 7", due=LATER, words="Please look")
    raising = Raising.objects.get()

    entry = operations.answer(
        actor=office.actor("nel"), asked=Change(Act.ANSWER, verdict=Verdict.DISPUTED, words="Ours is right"),
        raising=raising.pk, ids=(office.ids[0],), now=NOW,
    )  # fmt: skip

    assert (raising.target, raising.reference, raising.chase, raising.words) == (
        office.parties["network"], "INC 7", LATER, "Please look",
    )  # fmt: skip
    answers = dict(WorkItem.objects.values_list("discrepancy", "answer"))
    assert answers == {office.ids[0]: "disputed", office.ids[1]: ""}
    assert (Answer.objects.get().entry, entry.party, states(office, "network")) == (
        entry, office.parties["network"].pk, {},
    )  # fmt: skip


def test_the_rule_says_with_whom_it_is_raised(office):
    do(office, "bob", Act.RAISE)

    row = Raising.objects.get()
    assert (row.who, row.target) == ("dcc", office.parties["operator"])


@pytest.mark.parametrize("who", ["rob", "olu", "vic", "bob"])
def test_only_who_was_asked_answers(office, who):
    do(office, "bob", Act.RAISE, to="network")

    with pytest.raises(NotAllowed):
        operations.answer(
            actor=office.actor(who), asked=Change(Act.ANSWER, verdict=Verdict.AGREED),
            raising=Raising.objects.get().pk, ids=(office.ids[0],), now=NOW,
        )  # fmt: skip


def test_nobody_raises_with_themselves(office):
    with pytest.raises(WorkError, match="2 of these are for Network"):
        do(office, "nel", Act.RAISE, to="registration")

    assert not Raising.objects.exists() and not WorkItem.objects.exists()


def test_what_is_resolved_is_neither_raised_nor_explained_but_noted(office):
    Discrepancy.objects.filter(pk=office.ids[0]).update(resolved_on=DAY, last_seen=DAY)

    for asked in ({"act": Act.RAISE}, {"act": Act.EXPLAIN, "reason": "x", "due": LATER}, {"act": Act.TAKE_UP}):
        with pytest.raises(WorkError, match="1 of these are resolved"):
            do(office, "bob", **asked)
    do(office, "bob", Act.NOTE, words="Seen")

    assert states(office) == {office.ids[0]: "closed", office.ids[1]: "to_do"}


@pytest.mark.parametrize(
    "asked",
    [
        {"act": Act.EXPLAIN, "reason": "x"},
        {"act": Act.EXPLAIN, "due": LATER},
        {"act": Act.NOTE, "words": "  "},
        {"act": Act.RAISE, "to": "the moon"},
        {"act": Act.NOTE, "words": "x" * 4001},
        {"act": Act.NOTE, "words": "x", "ids": []},
        {"act": Act.NOTE, "words": "x", "ids": range(1, 1003)},
    ],
)
def test_what_makes_no_sense_is_refused_in_words(office, asked):
    with pytest.raises(WorkError):
        do(office, "bob", **asked)

    assert not AuditEntry.objects.exists()


def test_the_same_request_is_done_once(office):
    first = do(office, "bob", Act.NOTE, words="x", request="a key")
    again = do(office, "bob", Act.NOTE, words="x", request="a key")
    other = do(office, "ann", Act.NOTE, words="x", request="a key")

    assert first == again != other
    assert WorkVersion.objects.count() == 4


def test_an_undo_gives_back_what_was_and_leaves_what_changed_since(office):
    do(office, "bob", Act.ASSIGN, assignee="ann")
    entry = do(office, "bob", Act.EXPLAIN, reason="Accepted as it is", due=LATER)
    do(office, "ann", Act.TAKE_UP, ids=office.ids[:1])

    undone = do(office, "bob", Act.UNDO, ids=(), undoes=entry.pk)

    assert (undone.rows, undone.undoes) == (1, entry.pk)
    item = WorkItem.objects.get(discrepancy=office.ids[1])
    assert (item.state, item.assignee.username, item.due, item.reason, item.gravity) == ("to_do", "ann", None, "", None)
    with pytest.raises(WorkError, match="nothing to undo"):
        do(office, "bob", Act.UNDO, ids=(), undoes=entry.pk)
    with pytest.raises(NotAllowed):
        do(office, "nel", Act.UNDO, ids=(), undoes=undone.pk)


def test_an_undone_raise_is_gone_from_the_other_partys_table(office):
    entry = do(office, "bob", Act.RAISE, to="network")
    do(office, "bob", Act.UNDO, ids=(), undoes=entry.pk)

    with pytest.raises(NotAllowed):
        operations.answer(
            actor=office.actor("nel"), asked=Change(Act.ANSWER, verdict=Verdict.AGREED),
            raising=Raising.objects.get().pk, ids=(office.ids[0],), now=NOW,
        )  # fmt: skip


def test_colleagues_that_a_note_names_are_told(office):
    do(office, "bob", Act.NOTE, words="@ann. and @rob, see @bob: mail@vic.example")

    assert [one.person.username for one in Mention.objects.all()] == ["ann"]
    assert operations.read_mentions(actor=office.actor("ann"), now=NOW) == 1
    assert operations.read_mentions(actor=office.actor("ann"), now=NOW) == 0


def test_all_that_match_are_changed_by_a_job_and_undone_as_one(office):
    def ask():
        return operations.work_on(
            actor=office.actor("bob"), asked=Change(Act.ASSIGN, assignee="bob"), of=everything(office, 6), request="k",
            now=NOW,
        )  # fmt: skip

    job, again = ask(), ask()
    done = operations.perform(actor=MACHINE, job_id=job.pk)
    after = ask()

    assert (again, done.state, done.result["changed"]) == (job, Job.State.DONE, 6)
    entry = AuditEntry.objects.get(pk=done.result["entry"])
    assert after == entry and entry.filters == "Open discrepancies"
    assert WorkItem.objects.filter(assignee__username="bob").count() == 6
    do(office, "ann", Act.UNDO, ids=(), undoes=entry.pk)
    assert not WorkItem.objects.filter(assignee__isnull=False).exists()


def test_a_count_that_is_not_true_any_more_is_refused_when_asked_and_when_done(office):
    bob, asked = office.actor("bob"), Change(Act.NOTE, words="x")
    with pytest.raises(WorkError, match="finds 6 rows now, not the 7"):
        operations.work_on(actor=bob, asked=asked, of=everything(office, 7), now=NOW)
    job = operations.work_on(actor=bob, asked=asked, of=everything(office, 6), now=NOW)
    Discrepancy.objects.filter(pk=office.ids[0]).update(resolved_on=DAY, last_seen=DAY)

    done = operations.perform(actor=MACHINE, job_id=job.pk)

    assert done.state == Job.State.FAILED and done.final and "finds 5 rows now, not the 6" in done.message
    assert not WorkItem.objects.exists()
    run = latest_run().pk
    new_run(DAY + timedelta(days=1))
    with pytest.raises(WorkError, match="Another run"):
        operations.work_on(actor=bob, asked=asked, of=everything(office, 5, run=run), now=NOW)


def test_a_job_taken_up_again_after_it_was_done_does_nothing_more(office):
    job = operations.work_on(
        actor=office.actor("bob"), asked=Change(Act.NOTE, words="x"), of=everything(office, 6), now=NOW
    )
    operations.perform(actor=MACHINE, job_id=job.pk)
    # Its worker was killed between what it did and saying so.
    Job.objects.filter(pk=job.pk).update(state=Job.State.QUEUED, result={})

    done = operations.perform(actor=MACHINE, job_id=job.pk)

    assert (done.state, done.result["changed"]) == (Job.State.DONE, 6)
    assert WorkVersion.objects.count() == 6 and AuditEntry.objects.count() == 1


def test_a_job_that_dies_before_its_end_leaves_nothing(office, monkeypatch):
    job = operations.work_on(
        actor=office.actor("bob"), asked=Change(Act.RAISE, to="network"), of=everything(office, 6), now=NOW
    )
    with pytest.raises(RuntimeError):
        operations.perform(actor=MACHINE, job_id=job.pk, progress=_killed_at_the_last_word)

    assert not (WorkItem.objects.exists() or WorkVersion.objects.exists() or Raising.objects.exists())
    assert not AuditEntry.objects.exists()


def _killed_at_the_last_word(stage: str, share: float) -> None:
    if share >= 1:
        raise RuntimeError("killed")


def test_other_parties_do_not_see_the_job(office):
    job = operations.work_on(
        actor=office.actor("bob"), asked=Change(Act.NOTE, words="x"), of=everything(office, 6), now=NOW
    )

    for who in ("olu", "nel", "rob"):
        with pytest.raises(NotAllowed):
            operations.cancel(actor=office.actor(who), job_id=job.pk, now=NOW)


def test_managers_say_what_a_party_explains_with(office):
    assert operations.set_reasons(actor=office.actor("ann"), reasons=["One", " ", "One", "Two"], now=NOW) == [
        "One",
        "Two",
    ]
    with pytest.raises(NotAllowed):
        operations.set_reasons(actor=office.actor("bob"), reasons=["Three"], now=NOW)


def test_only_reasons_of_the_party_explain(office):
    operations.set_reasons(actor=office.actor("ann"), reasons=["Waits for a part"], now=NOW)

    with pytest.raises(WorkError, match="“Site visit booked” is not among the reasons of Supplier"):
        do(office, "bob", Act.EXPLAIN, reason="Site visit booked", due=LATER)
    with pytest.raises(WorkError, match="not among the reasons"):
        operations.work_on(
            actor=office.actor("bob"), asked=Change(Act.EXPLAIN, reason="x", due=LATER), of=everything(office, 6),
            now=NOW,
        )  # fmt: skip
    do(office, "bob", Act.EXPLAIN, reason="Waits for a part", due=LATER)
    do(office, "nel", Act.EXPLAIN, reason="Site visit booked", due=LATER)

    assert AuditEntry.objects.filter(what="explained").count() == 2 and not Job.objects.exists()


def test_a_date_that_has_come_brings_back_what_was_explained(office):
    do(office, "bob", Act.EXPLAIN, reason="Site visit booked", due=date(2026, 3, 5))

    assert operations.return_due(actor=MACHINE, today=date(2026, 3, 4), now=NOW) == 0
    assert operations.return_due(actor=MACHINE, today=date(2026, 3, 5), now=NOW) == 1
    assert set(WorkItem.objects.values_list("state", "why")) == {
        ("to_do", "The date until which it was explained has come: 5 Mar 2026")
    }
