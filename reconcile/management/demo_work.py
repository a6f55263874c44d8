"""The people of the demonstration at work: colleagues, rows handed on, raised, answered, explained, with notes.

In: the ledger after the last day but one. Out: work under way, some of it closed by the last run. Called by `demo`.
Everything is asked for as those people ask for it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db.models import Sum

from reconcile.domain.days import today
from reconcile.domain.vocabulary import Fuel
from reconcile.domain.work import Act, Verdict
from reconcile.ledger import operations, queries
from reconcile.ledger.actors import Actor, actor_for
from reconcile.ledger.working import Change, Selection
from reconcile.models import Membership, Party, PointCount, Role, Run

from . import demo

COLLEAGUES = (
    # user name, whose party it is, or which by size, role
    ("supplier-manager", Party.Kind.SUPPLIER, 0, Role.MANAGER),
    ("supplier-2", Party.Kind.SUPPLIER, 1, Role.ANALYST),
    ("supplier-2-manager", Party.Kind.SUPPLIER, 1, Role.MANAGER),
    ("network-manager", Party.Kind.NETWORK, 0, Role.MANAGER),
    ("network-2", Party.Kind.NETWORK, 1, Role.ANALYST),
    ("network-2-manager", Party.Kind.NETWORK, 1, Role.MANAGER),
    ("operator-analyst", Party.Kind.OPERATOR, 0, Role.ANALYST),
)
"""Beside those of `demo.PEOPLE`, with the same password."""
RUNNING = "Meter exchange in progress"


def make_work(now: datetime) -> None:
    """Hire the colleagues and let everybody work; once."""
    if User.objects.filter(username=COLLEAGUES[0][0]).exists():
        return
    _hire()
    _supplier(now)
    _network(now)
    _operator(now)


def _hire() -> None:
    largest = {kind: _largest(kind) for kind in (Party.Kind.SUPPLIER, Party.Kind.NETWORK)}
    largest[Party.Kind.OPERATOR] = list(Party.objects.filter(kind=Party.Kind.OPERATOR).values_list("pk", flat=True))
    for name, kind, place, role in COLLEAGUES:
        user = User.objects.create_user(name, password=demo.password())
        if place < len(largest[kind]):
            Membership.objects.create(user=user, party_id=largest[kind][place], role=role)


def _largest(kind: str) -> list[int]:
    run = Run.objects.order_by("-as_of", "-pk").first()
    rows = PointCount.objects.filter(run=run, network__fuel=Fuel.ELECTRICITY, **{f"{kind}__isnull": False})
    held = rows.values_list(kind).annotate(held=Sum("points")).order_by("-held", kind)
    return [party for party, _ in held[:2]]


def _actor(name: str) -> Actor:
    return actor_for(User.objects.get(username=name))


def _ids(name: str, filters: Mapping[str, str], first: int, last: int) -> tuple[int, ...]:
    """The worst rows of somebody's queue, from one place to another."""
    found = queries.work_list(actor=_actor(name), filters=filters)
    return tuple(row.pk for row in found.rows[first:last])


def _do(name: str, ids: tuple[int, ...], change: Change, now: datetime) -> None:
    if ids:
        operations.work_on(actor=_actor(name), asked=change, of=Selection(ids), now=now)


def _supplier(now: datetime) -> None:
    soon, later = today(now) + timedelta(days=7), today(now) + timedelta(days=30)
    words = "These look right to us in the inventory. Please check what registration holds."
    _do("supplier", _ids("supplier", {}, 0, 12), Change(Act.ASSIGN, assignee="supplier", due=soon), now)
    _do("supplier", _ids("supplier", {}, 12, 18), Change(Act.ASSIGN, assignee="supplier-manager"), now)
    _do("supplier", _ids("supplier", {}, 12, 14), Change(Act.NOTE, words="@supplier-manager see these first."), now)
    ours = {"network": _code("network")}
    raised = Change(Act.RAISE, to="network", reference="INC-1041", due=soon, words=words)
    _do("supplier", _ids("supplier", ours, 0, 6), raised, now)
    of_dcc = {"work": "to_do", "who_acts": "dcc"}
    _do("supplier", _ids("supplier", of_dcc, 0, 4), Change(Act.RAISE, reference="INC-1042", due=soon), now)
    explained = Change(Act.EXPLAIN, reason=RUNNING, due=later, until_changed=True)
    _do("supplier-manager", _ids("supplier", {"work": "to_do"}, 12, 20), explained, now)


def _code(name: str) -> str:
    """The code of somebody's party."""
    return Membership.objects.values_list("party__code", flat=True).get(user__username=name)


def _network(now: datetime) -> None:
    soon = today(now) + timedelta(days=10)
    said = {Verdict.AGREED: "Corrected in tonight's file.", Verdict.DISPUTED: "Our record has the newer date."}
    actor = _actor("network")
    for one in queries.raised_with_us(actor=actor):
        found = queries.raised_rows(actor=actor, raising=one.raising.pk)
        rows = [row.pk for row, _, _ in found[1]] if found else []
        for (verdict, words), row in zip(said.items(), rows, strict=False):
            change = Change(Act.ANSWER, verdict=verdict, words=words)
            operations.answer(actor=actor, asked=change, raising=one.raising.pk, ids=(row,), now=now)
    _do("network", _ids("network", {}, 0, 15), Change(Act.ASSIGN, assignee="network"), now)
    _do("network", _ids("network", {"work": "to_do"}, 10, 16), Change(Act.RAISE, to="supplier", due=soon), now)
    _do("network-2", _ids("network-2", {}, 0, 8), Change(Act.ASSIGN, assignee="network-2-manager"), now)


def _operator(now: datetime) -> None:
    soon = today(now) + timedelta(days=5)
    _do("operator-analyst", _ids("operator", {}, 0, 30), Change(Act.ASSIGN, assignee="operator-analyst"), now)
    _do("operator", _ids("operator", {}, 0, 3), Change(Act.NOTE, words="@operator-analyst start with these."), now)
    raised = Change(Act.RAISE, reference="CM-77", due=soon, words="Please say by when.")
    _do("operator", _ids("operator", {"who_acts": "supplier", "work": "to_do"}, 0, 10), raised, now)
