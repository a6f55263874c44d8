"""Frozen rows: chosen as a list shows them, followed by every run, counted and found for their own party alone."""

from collections import Counter
from dataclasses import replace

import hypothesis
import pytest
from django.db import transaction
from django.db.models import F
from hypothesis import strategies as st

from reconcile.domain.cohorts import Fate
from reconcile.domain.work import Act
from reconcile.ledger import operations, queries
from reconcile.ledger.actors import MACHINE, NotAllowed
from reconcile.ledger.cohorts import Frozen
from reconcile.ledger.inputs import latest_run
from reconcile.ledger.working import Change, Selection, WorkError
from reconcile.models import AuditEntry, Cohort, CohortMember, CohortMove, Discrepancy, Job

from .desk import DAY, NOW, Office, new_run, open_office


@pytest.fixture
def office(db) -> Office:
    return open_office(count=8)


def freeze(office: Office, who: str = "bob", ids=None, name: str = "Worst", **more) -> Cohort | Job:
    rows = Frozen(Selection(tuple(office.ids[:6] if ids is None else ids)))
    return operations.freeze(actor=office.actor(who), name=name, rows=rows, now=NOW, **more)


def first(count: int, of: int, sort: str = "", query: str = "") -> Frozen:
    """The first rows of a filter."""
    return Frozen(Selection(query=query, run=latest_run().pk, count=of), count, sort)


def fates(office: Office, who: str = "bob") -> list[dict[str, int]]:
    """What each run made of the one cohort, without what is nothing."""
    found = queries.cohort(actor=office.actor(who), cohort_id=Cohort.objects.get().pk)
    return [{fate: rows for fate, rows in one.counts.items() if rows} for one in found.runs]


def rows_of(office: Office, fate: str, run: int) -> list[int]:
    """The places of the rows that a figure leads to."""
    filters = {"state": "all", "cohort": Cohort.objects.get().pk, "fate": fate, "at_run": run}
    found = queries.work_list(actor=office.actor("bob"), filters=filters, sort="mpxn")
    assert found.problem == "" and found.total == found.rows.count()
    return [office.ids.index(row.pk) for row in found.rows]


def test_every_run_says_what_has_become_of_each_row(office):
    ids = office.ids
    Discrepancy.objects.filter(pk=ids[3]).update(in_flight=True)
    freeze(office)

    office.run(resolve=(ids[0], ids[1]), miss=(ids[2],))
    Discrepancy.objects.filter(pk=ids[3]).update(in_flight=False)
    Discrepancy.objects.filter(pk=ids[4]).update(undetermined=True)
    office.run(reopen=(ids[0],), see=(ids[2],), resolve=(ids[5],), unfounded=True)
    office.run(miss=(ids[0],))
    office.run(see=(ids[0],), resolve=(ids[3], ids[6]))

    assert fates(office) == [
        {"open": 6},
        {"mended": 2, "open": 3, "absent": 1},
        {"mended": 1, "open": 2, "worse": 2, "absent": 1},
        {"mended": 1, "open": 2, "worse": 1, "absent": 2},
        {"mended": 2, "open": 2, "worse": 1, "absent": 1},
    ]
    # What was mended and came back is worse, also after it was out of sight; what is only less certain is not.
    assert CohortMember.objects.get(discrepancy=ids[0]).fate == Fate.WORSE
    assert CohortMember.objects.get(discrepancy=ids[4]).fate == Fate.OPEN
    assert CohortMove.objects.count() == 3 + 4 + 1 + 2


def test_each_figure_is_of_exactly_the_rows_that_it_leads_to(office):
    ids = office.ids
    freeze(office)
    office.run(resolve=(ids[0], ids[1]), miss=(ids[2],))
    office.run(reopen=(ids[0],), see=(ids[2],))

    found = queries.cohort(actor=office.actor("bob"), cohort_id=Cohort.objects.get().pk)
    at = [{fate: rows_of(office, fate, one.run.pk) for fate in Fate} for one in found.runs]

    assert at[0] == {"mended": [], "open": [0, 1, 2, 3, 4, 5], "worse": [], "absent": []}
    assert at[1] == {"mended": [0, 1], "open": [3, 4, 5], "worse": [], "absent": [2]}
    assert at[2] == {"mended": [1], "open": [2, 3, 4, 5], "worse": [0], "absent": []}
    assert [[len(places) for places in one.values()] for one in at] == [list(one.counts.values()) for one in found.runs]
    members = queries.cohort_members(actor=office.actor("bob"), cohort_id=found.row.cohort.pk, fate="mended")
    assert [one.discrepancy_id for one in members] == [ids[1]]


def test_what_a_row_was_at_first_counts_too(office):
    office.run(resolve=office.ids[:1], miss=office.ids[1:2])

    freeze(office, ids=office.ids[:3])
    new_run(office.day)
    office.run(reopen=office.ids[:1])

    assert fates(office) == [{"mended": 1, "open": 1, "absent": 1}] * 2 + [{"open": 1, "worse": 1, "absent": 1}]


def test_look_backs_and_runs_before_are_not_shown(office):
    office.run()
    freeze(office)
    type(new_run(DAY)).objects.filter(pk=new_run(DAY).pk).update(lookback=True)

    assert len(fates(office)) == 2


def test_the_first_rows_of_a_list_are_frozen_in_its_order(office):
    Discrepancy.objects.filter(pk=office.ids[5]).update(wrong_since_latest=DAY)
    by_number = first(3, 8, "-mpxn")

    top = operations.freeze(actor=office.actor("bob"), name="", rows=first(1, 8), now=NOW)
    last = operations.freeze(actor=office.actor("bob"), name="Last three", rows=by_number, now=NOW)

    assert (top.name, [one.discrepancy_id for one in top.members.all()]) == ("Top 1, 2 Mar", [office.ids[5]])
    assert {one.discrepancy_id for one in last.members.all()} == set(office.ids[5:8])
    entry = AuditEntry.objects.get(pk=last.entry)
    assert (entry.what, entry.rows, entry.about) == ("cohort", 3, "“Last three”: frozen")
    assert entry.filters == "Open discrepancies; the first 3 by -mpxn"


@pytest.mark.parametrize("sort", sorted(queries.QUEUE_ORDERS))
def test_the_first_rows_are_those_of_the_list_in_every_order(office, sort: str):
    bob = office.actor("bob")
    acts = [Change(Act.ASSIGN, assignee="ann", due=DAY), Change(Act.RAISE, to="network")]
    acts += [Change(Act.ASSIGN, assignee="bob"), Change(Act.RAISE, to="dcc")]
    for place, change in enumerate(acts):
        of = Selection(ids=(office.ids[7 - place],))
        operations.work_on(actor=bob, asked=change, of=of, request=f"{place}", now=NOW)

    for sort_by in (sort, f"-{sort}"):
        listed = queries.work_list(actor=bob, filters={}, sort=sort_by)
        shown = listed.sorted.page(queries.Place(), 3, 8).rows
        frozen = operations.freeze(actor=bob, name=sort_by, rows=first(3, 8, sort_by), now=NOW)

        assert {one.discrepancy_id for one in frozen.members.all()} == {row.pk for row in shown}


def test_more_rows_than_can_be_named_are_frozen_by_a_job_once(office, monkeypatch):
    monkeypatch.setattr("reconcile.ledger.cohorts.MOST_CHOSEN", 4)
    rows = Frozen(Selection(run=latest_run().pk, count=8))
    ask = lambda: operations.freeze(actor=office.actor("bob"), name="All", rows=rows, request="k", now=NOW)  # noqa: E731

    job, again = ask(), ask()
    done = operations.perform(actor=MACHINE, job_id=job.pk)

    assert isinstance(job, Job) and again == job and job.party == office.parties["supplier"].pk
    assert done.state == "done" and done.result == {"cohort": Cohort.objects.get().pk, "frozen": 8, "name": "All"}
    assert ask() == Cohort.objects.get() and Cohort.objects.get().members.count() == 8


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"count": 7}, "finds 8 rows now, not the 7"),
        ({"run": 10**6}, "Another run has been published"),
        ({"query": "rule=NONE"}, "The filter is not understood"),
        ({"query": "rule=A_NO_METER"}, "finds 0 rows now"),
    ],
)
def test_a_selection_that_is_not_what_was_seen_is_refused(office, change, words):
    of = Selection(run=latest_run().pk, count=8)

    with pytest.raises(WorkError, match=words):
        operations.freeze(actor=office.actor("bob"), name="x", rows=Frozen(replace(of, **change)), now=NOW)

    assert not Cohort.objects.exists() and not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (Frozen(Selection()), "Choose rows first"),
        (Frozen(Selection((1,)), 5), "say which run"),
        (Frozen(Selection(run=1, count=0)), "nothing to freeze"),
    ],
)
def test_what_chooses_nothing_freezes_nothing(office, rows, words):
    with pytest.raises(WorkError, match=words):
        operations.freeze(actor=office.actor("bob"), name="x", rows=rows, now=NOW)


def test_a_name_is_that_of_one_cohort(office):
    freeze(office)

    with pytest.raises(WorkError, match="called “Worst” already"):
        freeze(office, "ann")
    with pytest.raises(WorkError, match="at most 80"):
        freeze(office, name="x" * 81)
    assert freeze(office, "nel").name == "Worst"


def test_a_cohort_is_the_partys_and_nobody_elses(office):
    cohort = freeze(office)

    for who in ("ann", "vic"):
        assert queries.cohort(actor=office.actor(who), cohort_id=cohort.pk)
    for who in ("rob", "nel", "olu"):
        actor = office.actor(who)
        assert queries.cohorts(actor=actor) == [] and queries.cohort(actor=actor, cohort_id=cohort.pk) is None
        assert queries.cohort_members(actor=actor, cohort_id=cohort.pk) is None
        asked = queries.work_list(actor=actor, filters={"cohort": cohort.pk, "state": "all"})
        assert asked.problem.startswith("Cohort: Select a valid choice") and asked.total == 0
        with pytest.raises(NotAllowed):
            operations.remove_cohort(actor=actor, cohort_id=cohort.pk, now=NOW)
    with pytest.raises(NotAllowed):
        freeze(office, "vic")
    with pytest.raises(NotAllowed):
        freeze(office, ids=office.theirs)


def test_rows_that_the_party_sees_no_more_are_not_counted_and_said(office):
    freeze(office)
    office.run(resolve=office.ids[:1])
    Discrepancy.objects.filter(pk__in=office.ids[:2]).update(supplier=office.parties["rival"])

    (row,) = queries.cohorts(actor=office.actor("bob"))

    assert fates(office) == [{"open": 4}, {"open": 4}] and (row.seen, row.unseen) == (4, 2)
    assert rows_of(office, "mended", latest_run().pk) == []


def test_a_cohort_is_renamed_and_removed_by_its_maker_or_a_manager_and_that_is_on_record(office):
    cohort = freeze(office, "ann")
    office.run(resolve=office.ids[:1])
    with pytest.raises(NotAllowed):
        operations.rename_cohort(actor=office.actor("bob"), cohort_id=cohort.pk, name="x", now=NOW)

    operations.rename_cohort(actor=office.actor("ann"), cohort_id=cohort.pk, name="Worst of March", now=NOW)
    operations.remove_cohort(actor=office.actor("ann"), cohort_id=cohort.pk, now=NOW)

    told = AuditEntry.objects.filter(what="cohort", party=office.parties["supplier"].pk)
    assert [one.about for one in told.order_by("pk")] == [
        "“Worst”: frozen", "“Worst of March”: renamed from “Worst”", "“Worst of March”: removed",
    ]  # fmt: skip
    assert not CohortMember.objects.exists() and not CohortMove.objects.exists()


def test_a_filter_says_of_which_cohort_and_of_which_run(office):
    cohort, actor = freeze(office), office.actor("bob")

    def problem(**filters: object) -> str:
        return queries.work_list(actor=actor, filters=filters).problem

    assert problem(fate="mended") == "Since it was frozen: say of which cohort."
    assert "no such run since the cohort was frozen" in problem(cohort=cohort.pk, fate="open", at_run=10**6)
    found = queries.work_list(actor=actor, filters={"cohort": cohort.pk, "fate": "open"})
    assert found.filters.in_words() == "Open discrepancies; Cohort: Worst; Since it was frozen: Open"
    assert found.filters.evidence_in_words() == "Open discrepancies"
    assert {one.name: sum(option.count for option in one.options) for one in found.facets}["rule"] == found.total == 6


MOVES = st.sampled_from(["mend", "find", "miss", "withdraw", "ease", "press"])


def after(before: tuple[str, bool, bool], move: str) -> tuple[str, bool, bool]:
    """The fate, whether it came back, and whether it is in flight: the definition said again for one row."""
    fate, came_back, in_flight = before
    gone = fate in {"mended", "withdrawn"}
    if move in {"ease", "press"}:
        in_flight = move == "ease"
    elif move in {"mend", "withdraw"}:
        return (fate if gone else {"mend": "mended", "withdraw": "withdrawn"}[move]), came_back, in_flight
    elif move == "miss":
        return (fate if gone else "absent"), came_back, in_flight
    else:
        came_back, fate = came_back or fate == "mended", "open"
    return fate if fate in {"mended", "withdrawn", "absent"} else "open", came_back, in_flight


@hypothesis.settings(max_examples=20, deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
@hypothesis.given(runs=st.lists(st.lists(MOVES, min_size=4, max_size=4), max_size=5), flying=st.booleans())
def test_the_fates_are_those_of_a_plain_model(office, runs, flying):
    with transaction.atomic():
        ids = office.ids[:4]
        Discrepancy.objects.filter(pk__in=ids).update(in_flight=flying)
        freeze(office, ids=ids)
        model = [("open", False, flying)] * 4
        expected = [{"open": 4}]
        for moves in runs:
            model = [after(row, move) for row, move in zip(model, moves, strict=True)]
            office.run(**written(ids, moves))
            expected.append(dict(Counter(said(row, flying) for row in model)))

        assert fates(office) == expected
        transaction.set_rollback(True)


def written(ids: list[int], moves: list[str]) -> dict:
    """What a run writes for the moves, as Office.run takes it."""
    by = {move: tuple(one for one, made in zip(ids, moves, strict=True) if made == move) for move in set(moves)}
    for move in ("ease", "press"):
        Discrepancy.objects.filter(pk__in=by.get(move, ())).update(in_flight=move == "ease")
    standing = Discrepancy.objects.filter(resolved_on=None)
    for move, unfounded in (("mend", False), ("withdraw", True)):
        of = standing.filter(pk__in=by.get(move, ()))
        of.update(resolved_on=DAY, unfounded=unfounded)
    missed = tuple(standing.filter(pk__in=by.get("miss", ())).values_list("pk", flat=True))
    return {"reopen": by.get("find", ()), "miss": missed}


def said(row: tuple[str, bool, bool], flew: bool) -> str:
    """The fate of a row of the model."""
    fate, came_back, in_flight = row
    if fate == "open":
        return "worse" if came_back or (flew and not in_flight) else "open"
    return "absent" if fate == "withdrawn" else fate


def test_every_member_has_one_fate_whatever_happens(office):
    freeze(office, ids=office.ids)
    for day in range(6):
        chosen = [one for place, one in enumerate(office.ids) if (place + day) % 3 == 0]
        gone = Discrepancy.objects.filter(pk__in=chosen, resolved_on__isnull=False).values_list("pk", flat=True)
        reopen = tuple(gone)
        office.run(resolve=tuple(set(chosen) - set(reopen)), reopen=reopen, miss=tuple(office.ids[day : day + 1]))

    runs = queries.cohort(actor=office.actor("bob"), cohort_id=Cohort.objects.get().pk).runs
    by_member = Counter(CohortMember.objects.values_list("fate", flat=True))
    assert all(sum(one.counts.values()) == 8 for one in runs) and len(runs) == 7
    assert runs[-1].counts == {fate: by_member[fate] for fate in Fate}
    assert not CohortMove.objects.filter(before=F("after")).exists()
