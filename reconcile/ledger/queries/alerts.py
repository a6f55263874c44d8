"""The queue of alerts of the networks that somebody sees: its lines, one of them with its alerts, and all as rows.

In: an actor and what is asked. Out: dataclasses, querysets and rows of the CSV. Called by pages, API and commands.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from reconcile.domain.alert_work import CLOSED, OUTCOMES
from reconcile.domain.alerts import ALERT_DAYS, DCC_CODES, Sort, meaning_of
from reconcile.domain.triage import GENERATIONS, KIND_NAMES, Class, Kind
from reconcile.models import Alert, AlertLine, AlertMeaning, AlertVersion, Discrepancy, Party

from ..access import Scope
from ..actors import Actor, Desk, Right
from ..filters import at_points
from ..safe_csv import safe
from ..work_filter import colleagues
from .ghosts import Ghost, ghosts
from .pages import Piece

COLUMNS = (
    *("time", "code", "meaning", "device_id", "mpxn", "network", "verdict", "verdict_then", "why", "storm"),
    "outcome",
)
"""Of the CSV of alerts, in this order."""
URGENT_FIRST = (F("waiting").desc(), "first_at", "id")
"""An outage that nothing has restored first; then what has waited longest."""
MOST_LINES = 5
"""Of the queue, on the page of a Meter Point."""


@dataclass(frozen=True)
class AlertsAsked:
    """What of the queue is asked for; what is empty narrows nothing. `state` is open, closed or all."""

    state: str = "open"
    triaged: str = ""
    kind: str = ""
    network: str = ""
    mpxn: int | None = None
    mine: bool = False
    generation: str = ""


@dataclass(frozen=True)
class AlertQueue:
    """Lines in their order, how many, and how many there are of each class and generation by the rest of the filter."""

    lines: QuerySet[AlertLine]
    total: int
    classes: list[tuple[Class, int]]
    asked: AlertsAsked
    desk: Desk | None
    people: list[str] = field(default_factory=list)
    outcomes: tuple[str, ...] = OUTCOMES
    generations: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class OneAlertLine:
    """A line with its alerts, what its network's people did (for them alone), what stands open at its point, and
    where each of its ghosts leads."""

    line: AlertLine
    members: QuerySet[Alert]
    past: list[AlertVersion]
    standing: list[Discrepancy]
    is_ours: bool
    ghosts: list[Ghost]


@dataclass(frozen=True)
class AlertsAt:
    """The newest lines with an alert of one Meter Point, and where it is silent the outages around it."""

    lines: list[AlertLine]
    storms: list[AlertLine]


def sees_alerts(*, actor: Actor) -> bool:
    """Whether alerts are anything of theirs: those of networks, and of who sees everything."""
    return actor.scope.everything or bool(actor.scope.networks)


def alert_queue(*, actor: Actor, asked: AlertsAsked) -> AlertQueue:
    """The queue by a filter."""
    lines = _asked(actor, asked)
    counts = _counted("triaged", _asked(actor, replace(asked, triaged="")))
    generations = _counted("generation", _asked(actor, replace(asked, generation="")))
    desk = actor.desk if actor.desk and actor.desk.may(Right.WORK) else None
    people = [name for _, name in colleagues(desk)] if desk else []
    classes = [(one, counts.get(one, 0)) for one in Class]
    found = lines.select_related("network", "assignee").order_by(*URGENT_FIRST)
    told = {one: generations.get(one, 0) for one in GENERATIONS}
    return AlertQueue(found, found.count(), classes, asked, desk, people, generations=told)


def _counted(column: str, lines: QuerySet[AlertLine]) -> dict[str, int]:
    """How many lines have each value."""
    return dict(lines.order_by().values_list(column).annotate(lines=Count("pk", distinct=True)))


def alert_page(*, actor: Actor, asked: AlertsAsked, size: int, after: int | None = None) -> Piece[AlertLine]:
    """A page of lines by id, for programs."""
    rows = _asked(actor, asked).select_related("network", "assignee").order_by("id")
    found = list(rows.filter(pk__gt=after or 0)[: size + 1])
    return Piece(found[:size], len(found) > size, rows.count(), None)


def alert_line(*, actor: Actor, line_id: int) -> OneAlertLine | None:
    """One line, or None."""
    lines = _within(actor.scope, AlertLine.objects.select_related("network", "assignee", "noted"))
    line = lines.filter(pk=line_id).first()
    if line is None:
        return None
    ours = alert_is_ours(actor=actor, line=line)
    past = AlertVersion.objects.filter(line=line).select_related("entry", "assignee").order_by("-pk") if ours else []
    standing = Discrepancy.objects.filter(at_points(line.mpxn, line.mpxn), resolved_on=None) if line.mpxn else None
    found = actor.scope.narrow(standing).order_by("id") if standing is not None else []
    counted = line.members.filter(extract__withdrawn_at=None)
    members = (
        (counted if counted.exists() else line.members)
        .select_related("network")
        .annotate(said=_said())
        .order_by("sent_at", "id")
    )
    haunting = ghosts(scope=actor.scope, alerts=members.filter(triaged=Class.GHOST))
    return OneAlertLine(line, members, list(past), list(found), ours, haunting)


def alert_is_ours(*, actor: Actor, line: AlertLine) -> bool:
    """Whether a line is worked on at the actor's desk; another party's work is nobody's to see."""
    return actor.is_machine or (actor.desk is not None and actor.desk.party == line.network_id)


def alerts_at(*, actor: Actor, mpxn: int, silent: Discrepancy | None = None) -> AlertsAt:
    """What the queue has of a Meter Point. `silent`: the discrepancy that says that it never alerts."""
    lines = _within(actor.scope, AlertLine.objects.exclude(alerts=0))
    here = lines.filter(members__mpxn=mpxn, members__extract__withdrawn_at=None).distinct().order_by("-last_at", "-id")
    storms = lines.none()
    if silent is not None and silent.postcode_area:
        storms = lines.filter(
            kind=Kind.AREA, label=silent.postcode_area, network=silent.network_id, sort=Sort.OUTAGE,
            first_at__date__lte=silent.opened_on, last_at__date__gte=silent.opened_on - timedelta(ALERT_DAYS),
        )  # fmt: skip
    return AlertsAt(list(here[:MOST_LINES]), list(storms.order_by("-first_at")[:MOST_LINES]))


def alert_rows(*, actor: Actor, asked: AlertsAsked) -> Iterator[tuple[str, ...]]:
    """The alerts of the lines that are asked for, in the order of time: the rows of the CSV, COLUMNS above them."""
    yield COLUMNS
    rows = _alerts(actor, asked).select_related("line", "network").annotate(said=_said())
    for one in rows.order_by("sent_at", "id").iterator(chunk_size=2_000):
        yield _row(one, one.said, ours=alert_is_ours(actor=actor, line=one.line))


def alert_count(*, actor: Actor, asked: AlertsAsked) -> int:
    """How many alerts those are."""
    return _alerts(actor, asked).count()


def _alerts(actor: Actor, asked: AlertsAsked) -> QuerySet[Alert]:
    return Alert.objects.filter(extract__withdrawn_at=None, line__in=_asked(actor, asked).order_by().values("pk"))


def _row(alert: Alert, said: str, *, ours: bool) -> tuple[str, ...]:
    return (
        f"{alert.sent_at:%Y-%m-%dT%H:%M:%SZ}",
        safe(alert.code),
        safe(meaning_of(alert.code, alert.change) or said),
        alert.device_id,
        str(alert.mpxn or ""),
        safe(alert.network.code) if alert.network else "",
        alert.answer,
        alert.answer_then,
        safe(alert.why),
        safe(alert.line.storm),
        alert.line.outcome if ours else "",
    )


def _said() -> Coalesce:
    """What people filled in for a code: those of its network, else the operator's; empty where nobody did."""
    of_code = AlertMeaning.objects.filter(code=OuterRef("code"))
    own = of_code.filter(party=OuterRef("network")).values("words")[:1]
    operators = of_code.filter(party__kind=Party.Kind.OPERATOR).order_by("party").values("words")[:1]
    return Coalesce(Subquery(own), Subquery(operators), Value(""))


def alert_meanings(*, actor: Actor) -> list[tuple[str, str]]:
    """What the people of the actor's party filled in, and the DCC's codes that they did not: code, words."""
    desk = actor.desk_with(Right.SEE)
    own = dict(AlertMeaning.objects.filter(party=desk.party).values_list("code", "words"))
    codes = sorted({*DCC_CODES, *own}, key=lambda code: (len(code), code))
    return [(code, own.get(code, "")) for code in codes]


def _within(scope: Scope, lines: QuerySet[AlertLine]) -> QuerySet[AlertLine]:
    """Those of the networks that somebody works for. A supplier's people see none: an alert is a network's."""
    return lines if scope.everything else lines.filter(network__in=scope.networks)


def _asked(actor: Actor, asked: AlertsAsked) -> QuerySet[AlertLine]:
    tests: dict[str, Any] = {
        "triaged": asked.triaged,
        "generation": asked.generation,
        "network__code": asked.network,
        "members__mpxn": asked.mpxn,
        "assignee": actor.person if asked.mine else None,
    }
    lines = _within(actor.scope, AlertLine.objects.all())
    if asked.kind:
        lines = lines.exclude(kind=Kind.SINGLE) if asked.kind == STORMS else lines.filter(kind=asked.kind)
    if asked.state != "all":
        lines = lines.filter(Q(state=CLOSED) if asked.state == CLOSED else ~Q(state=CLOSED))
    found = lines.filter(**{test: value for test, value in tests.items() if value})
    return found.distinct() if asked.mpxn else found


STORMS = "storms"
KINDS = {STORMS: "Every storm", **{kind.value: name for kind, name in KIND_NAMES.items()}}
"""What of the kinds of lines can be asked for."""
