"""Who may do what, and which rows each right covers."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser, User

from reconcile.domain.alert_work import LineAct
from reconcile.domain.work import Act, Verdict
from reconcile.feeds import ColumnMap
from reconcile.ledger import operations
from reconcile.ledger.access import EVERYTHING, Scope
from reconcile.ledger.actors import LEAST_ROLE, MACHINE, NOBODY, NotAllowed, Right, actor_for, rights_of
from reconcile.ledger.alerting import LineChange
from reconcile.ledger.cohorts import Frozen
from reconcile.ledger.saved_views import Look
from reconcile.ledger.working import Change, Selection
from reconcile.models import Job, Membership, Party, Role

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 1, 1, tzinfo=UTC)
KIND = Party.Kind
EXPECTED = {
    (KIND.NETWORK, Role.VIEWER): {"see"},
    (KIND.NETWORK, Role.ANALYST): {"see", "export", "work"},
    (KIND.NETWORK, Role.MANAGER): {"see", "export", "work", "manage_work", "correct"},
    (KIND.SUPPLIER, Role.VIEWER): {"see"},
    (KIND.SUPPLIER, Role.ANALYST): {"see", "export", "work"},
    (KIND.SUPPLIER, Role.MANAGER): {"see", "export", "work", "manage_work", "correct"},
    (KIND.OPERATOR, Role.VIEWER): {"see", "see_all_jobs", "see_storage", "see_columns"},
    (KIND.OPERATOR, Role.ANALYST): {
        *("see", "export", "see_all_jobs", "see_storage", "see_columns", "read_rejects", "load", "reconcile"),
        "work",
    },
    (KIND.OPERATOR, Role.MANAGER): {
        *("see", "export", "see_all_jobs", "see_storage", "see_columns", "read_rejects", "load", "reconcile"),
        *("decide", "thin", "see_record", "work", "manage_work", "correct"),
    },
}


def party(kind: Party.Kind, code: str) -> Party:
    return Party.objects.create(kind=kind, code=code, name=code)


def person(*memberships: tuple[Party, Role], **facts) -> User:
    user = User.objects.create_user("jo", **facts)
    for works_for, role in memberships:
        Membership.objects.create(user=user, party=works_for, role=role)
    return user


@pytest.mark.parametrize("kind", KIND)
@pytest.mark.parametrize("role", Role)
def test_a_role_at_a_party_has_exactly_its_rights(kind, role):
    actor = actor_for(person((party(kind, "ONE"), role)))

    assert actor.rights == rights_of(kind, role) == EXPECTED[kind, role]


def test_every_right_says_who_has_it():
    assert set(LEAST_ROLE) == set(Right)


def test_a_new_membership_is_a_viewers():
    user = person()
    Membership.objects.create(user=user, party=party(KIND.OPERATOR, "DCC"))

    assert actor_for(user).rights == EXPECTED[KIND.OPERATOR, Role.VIEWER]


def test_nobody_and_a_closed_log_in_may_do_nothing():
    closed = person((party(KIND.OPERATOR, "DCC"), Role.MANAGER), is_active=False, is_superuser=True)

    for actor in (NOBODY, actor_for(AnonymousUser()), actor_for(closed)):
        assert (actor.rights, actor.scope) == (frozenset(), Scope())


def test_superusers_and_the_machine_have_every_right_to_everything():
    for actor in (MACHINE, actor_for(person(is_superuser=True))):
        assert actor.rights == frozenset(Right)
        assert {actor.scope_of(right) for right in Right} == {EVERYTHING}
    assert not actor_for(User.objects.get()).is_machine


def test_a_right_covers_the_rows_of_the_parties_that_give_it():
    supplier, network = party(KIND.SUPPLIER, "SUPA"), party(KIND.NETWORK, "10")
    actor = actor_for(person((supplier, Role.ANALYST), (network, Role.VIEWER)))

    assert actor.scope == Scope(networks=frozenset({network.pk}), suppliers=frozenset({supplier.pk}))
    assert actor.scope_of(Right.EXPORT) == Scope(suppliers=frozenset({supplier.pk}))
    assert actor.scope_of(Right.LOAD) == Scope()


def test_who_works_for_several_parties_is_at_the_desk_of_their_highest_role_until_they_choose():
    supplier, network = party(KIND.SUPPLIER, "SUPA"), party(KIND.NETWORK, "10")
    user = person((supplier, Role.VIEWER), (network, Role.ANALYST))

    def name() -> str:
        return actor_for(user).desk.name

    before = name()
    operations.work_for(actor=actor_for(user), party=supplier.pk, now=NOW)
    chosen = name()
    operations.work_for(actor=actor_for(user), party=network.pk, now=NOW + timedelta(seconds=1))

    assert (before, chosen, name()) == ("10", "SUPA", "10")
    assert actor_for(user, party=supplier.pk).desk.name == "SUPA"
    assert [one.name for one in actor_for(user).desks] == ["10", "SUPA"]
    with pytest.raises(NotAllowed):
        operations.work_for(actor=actor_for(user), party=party(KIND.SUPPLIER, "SUPB").pk, now=NOW)


SUPPLIER, OTHER, BOTH = (Scope(suppliers=frozenset(ids)) for ids in ({1}, {2}, {1, 2}))


@pytest.mark.parametrize(
    "sees, seen, covered",
    [
        (EVERYTHING, EVERYTHING, True), (EVERYTHING, BOTH, True), (BOTH, SUPPLIER, True), (SUPPLIER, SUPPLIER, True),
        (SUPPLIER, BOTH, False), (OTHER, SUPPLIER, False), (BOTH, EVERYTHING, False), (Scope(), SUPPLIER, False),
        (Scope(networks=frozenset({1})), SUPPLIER, False), (Scope(), Scope(), True),
    ],
)  # fmt: skip
def test_a_scope_covers_another_only_where_it_sees_all_of_it(sees, seen, covered):
    assert sees.covers(Scope.kept(seen.as_json())) == covered


NOTED = Change(Act.NOTE, words="x")
SAID = ColumnMap("registration", {"flag": "x"}, name="x")
OPERATIONS = {
    "start_load": ({"path": "x", "name": "x"}, Right.LOAD),
    "start_reconcile": ({"as_of": NOW.date()}, Right.RECONCILE),
    "start_replay": ({"first": NOW.date(), "last": NOW.date()}, Right.RECONCILE),
    "replay_day": ({"job_id": 1, "as_of": NOW.date()}, Right.RUN_JOBS),
    "days_to_share": ({"job": Job()}, Right.RUN_JOBS),
    "start_sample": ({}, Right.RECONCILE),
    "start_correction": ({"count": 1}, Right.CORRECT),
    "start_export": ({"query": ""}, Right.EXPORT),
    "start_what_if": ({"wanted": operations.ChangesWanted("pia", "", 1)}, Right.EXPORT),
    "start_tidy": ({}, Right.THIN),
    "tell_columns": ({"job_id": 1, "said": SAID}, Right.LOAD),
    "keep_columns": ({"said": SAID}, Right.LOAD),
    "rename_columns": ({"kept_id": 1, "name": "x"}, Right.LOAD),
    "remove_columns": ({"kept_id": 1}, Right.LOAD),
    "start_verify": ({}, Right.THIN),
    "approve": ({"job_id": 1, "reason": "It is right."}, Right.DECIDE),
    "refuse": ({"job_id": 1}, Right.DECIDE),
    "withdraw": ({"extract_id": 1, "reason": "It is wrong."}, Right.DECIDE),
    "take_back": ({"extract_id": 1, "reason": "It is right."}, Right.DECIDE),
    "cancel": ({"job_id": 1}, Right.DECIDE),
    "bring_back": ({"names": []}, Right.THIN),
    "own_lake": ({}, Right.RUN_JOBS),
    "perform": ({"job_id": 1}, Right.RUN_JOBS),
    "requeue_lost": ({}, Right.RUN_JOBS),
    "sweep_up": ({}, Right.RUN_JOBS),
    "back_up": ({"folder": Path("x")}, Right.RUN_JOBS),
    "restore": ({"folder": Path("x")}, Right.RUN_JOBS),
    "break_off": ({"job_id": 1}, Right.RUN_JOBS),
    "sign_life": ({"part": "clock"}, Right.RUN_JOBS),
    "work_on": ({"asked": NOTED, "of": Selection((1,))}, Right.WORK),
    "answer": ({"asked": Change(Act.ANSWER, verdict=Verdict.DONE), "raising": 1, "ids": (1,)}, Right.WORK),
    "set_reasons": ({"reasons": []}, Right.MANAGE_WORK),
    "read_mentions": ({}, Right.SEE),
    "load_assignments": ({"path": Path("x"), "name": "x", "count": 1}, Right.WORK),
    "freeze": ({"name": "x", "rows": Frozen(Selection((1,)))}, Right.WORK),
    "rename_cohort": ({"cohort_id": 1, "name": "x"}, Right.WORK),
    "remove_cohort": ({"cohort_id": 1}, Right.WORK),
    "save_view": ({"name": "x", "look": Look(), "shared": True}, Right.WORK),
    "change_view": ({"view_id": 1, "shared": True}, Right.WORK),
    "remove_view": ({"view_id": 1}, Right.SEE),
    "choose_columns": ({"columns": []}, Right.SEE),
    "open_with": ({"key": ""}, Right.SEE),
    "use_keys": ({"on": False}, Right.SEE),
    "work_for": ({"party": 1}, Right.SEE),
    "work_on_alerts": ({"asked": LineChange(LineAct.CLOSE), "ids": (1,)}, Right.WORK),
    "set_meanings": ({"meanings": {}}, Right.MANAGE_WORK),
    "return_due": ({"today": NOW.date()}, Right.RUN_JOBS),
}
"""What each operation is given, and the right that it asks for; `run_again` asks for that of the job's kind."""

ON_RECORD = {
    *("note", "note_download", "may_try", "log_in_failed", "logged_in", "logged_out", "password_changed"),
    *("session_began", "session_seen", "end_others", "end_all_of"),
}
"""What is put on record of anybody, whatever they may do."""


def test_every_operation_is_among_these():
    functions = {name for name in operations.__all__ if name[0].islower()}

    assert functions == {*OPERATIONS, "run_again", *ON_RECORD}


@pytest.mark.one_database  # It ends before any database is asked for more than who it is.
@pytest.mark.parametrize("kind", KIND)
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_is_done_only_by_those_with_its_right(kind, role, name):
    asked, right = OPERATIONS[name]
    actor = actor_for(person((party(kind, "ONE"), role)))
    timeless = {"perform", "own_lake", "restore", "choose_columns", "open_with", "use_keys", "days_to_share"}
    now = {} if name in timeless else {"now": NOW}
    if right in EXPECTED[kind, role]:
        return

    with pytest.raises(NotAllowed):
        getattr(operations, name)(actor=actor, **asked, **now)

    assert not Job.objects.exists()


def test_an_answer_to_every_guard_beforehand_is_a_decision():
    clerk = actor_for(person((party(KIND.OPERATOR, "DCC"), Role.ANALYST)))

    with pytest.raises(NotAllowed):
        operations.start_reconcile(actor=clerk, as_of=NOW.date(), every_guard=True, now=NOW)

    assert operations.start_reconcile(actor=clerk, as_of=NOW.date(), now=NOW).requested_name == "jo"
