"""One Meter Point: what both sides say of it now, how it came to that, and what says so.

In: a scope and a number. Out: MeterPoint or None. Called by the Meter Point page, the API and `explain`.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import duckdb

from reconcile.domain.alerts import meaning_of
from reconcile.domain.policies import policy_named
from reconcile.domain.policy import Policy
from reconcile.domain.replay import FlagStep, Replay, meter_steps, replay
from reconcile.domain.rules import RULES, Rule, Severity
from reconcile.domain.smets import GENERATION_NAMES, Generation
from reconcile.domain.timeline import (
    Change,
    Lane,
    Shown,
    Span,
    alert_spans,
    finding_spans,
    flag_spans,
    meter_spans,
    sent_spans,
)
from reconcile.domain.vocabulary import POINT_STATUS_ADVICE, Flag, PointStatus, fuel_of
from reconcile.lake.flag_history import ToldFlag, flag_history
from reconcile.lake.point import inventories_beside
from reconcile.lake.told import Said, shown_by
from reconcile.lake.trace import Standing, Trace, trace
from reconcile.models import Alert, Contradiction, CorrectionLine, Discrepancy, Extract, Party, Run

from ..access import Scope
from ..filters import at_points
from ..integrity import Damaged
from ..remarks import said_about
from ..waiting import waiting_at
from .behind import Behind, behind
from .changed import status_changes
from .common import latest_run
from .confirmations import Confirmed, confirmed
from .corrections import corrections_of
from .discrepancies import LIFE, Stated, with_state
from .sources import Source, files_about, said_by_run, sources

logger = logging.getLogger(__name__)
UNREADABLE = (
    "Files that the newest run read are missing or damaged. Whoever runs the product finds out which with "
    "`manage.py verify`, and restores them from the backup or loads them again."
)


@dataclass(frozen=True)
class Finding:
    """A rule that the point breaks or once broke."""

    rule: Rule
    discrepancy: Stated
    contradiction: Contradiction | None


@dataclass(frozen=True)
class Kept:
    """What all files that are kept tell: those that hold the point, and its devices on the day of each inventory."""

    sources: list[Source]
    shown: list[Shown]


NOTHING_KEPT = Kept([], [])
MANY_ROWS = 10_000_000
"""To read a point out of so many rows takes as long as its verdict."""


@dataclass(frozen=True)
class MeterPoint:
    """A Meter Point for its page. `trace` is None where no extract of the newest run (`run`) knows the point.

    `broken`: what the newest run found; `findings`: that and whatever was found before. `warnings`: what is to be said
    of the data behind it. `used`: the files of the newest run that tell of it. `policy`: by which it is judged.
    `changes`: alerts of changes of status there. `sent`: the corrections that were sent for it, the oldest first.
    `coverage`: where its meter waits to be commissioned, what is told of WAN coverage there (lake.covering.WAITING).
    `rows_beside`: of the files that `read` opens: all that are kept.
    """

    mpxn: int
    fuel: str
    run: Run | None
    policy: Policy | None
    told_flags: list[ToldFlag]
    confirmed: list[Confirmed]
    trace: Trace | None
    network: Party | None
    supplier: Party | None
    broken: list[Finding]
    findings: list[Finding]
    warnings: list[str]
    used: list[Source]
    read: Callable[[], Kept]
    rows_beside: int
    grace_days: int
    changes: list[Alert]
    sent: list[CorrectionLine]
    coverage: dict[str, Any] | None

    @cached_property
    def kept(self) -> Kept:
        """What months of files tell of it, read when somebody asks. Raises Damaged."""
        return self.read()

    @property
    def is_long(self) -> bool:
        """Whether what is kept takes long to be read."""
        return self.rows_beside > MANY_ROWS

    @property
    def sources(self) -> list[Source]:
        """Every file that is kept and tells of it, in the order of their data."""
        return self.kept.sources

    @property
    def advice(self) -> str:
        """What the point's standing in registration means for whoever would mend its flag; empty for one in use."""
        status = self.trace.point_status if self.trace else None
        return POINT_STATUS_ADVICE[PointStatus(status)] if status else ""

    @property
    def is_smets1(self) -> bool:
        """Whether a smart meter that counts for its flag is SMETS1."""
        devices = self.trace.devices if self.trace else []
        return any(one.counts and one.generation == GENERATION_NAMES[Generation.SMETS1] for one in devices)

    @property
    def wrong(self) -> Finding | None:
        """The finding that says its flag is wrong; a watch says no such thing."""
        rule = self.trace.verdict.rule if self.trace else None
        mismatched = (one for one in self.broken if one.rule.severity != Severity.WATCH)
        return next((one for one in mismatched if one.rule.code == rule), None)

    @cached_property
    def timeline(self) -> list[Span]:
        """What was so from when to when, a lane after the other."""
        told = [one.told for one in self.sources if one.told]
        earlier = [(flag.flag or "", flag.flag_from) for flag in self.told_flags if flag.flag_from]
        today = {
            one.device_id: (one.status, one.status_from) for one in self.trace.devices if one.counts and one.status
        } if self.trace else {}  # fmt: skip
        shown = [one for one in self.kept.shown if self._is_meter(one.device_id)]
        events = [
            Change(one.rule.code, event.on, event.after)
            for one in self.findings
            for event in one.discrepancy.events.all()
        ]
        alerts = [(one.sent_at.date(), meaning_of(one.code, one.change)) for one in self.changes]
        sent = [(one.file.correction.made_at.date(), f"{one.asked} ({one.place})") for one in self.sent]
        return [
            *flag_spans(told, earlier),
            *meter_spans(shown, today),
            *finding_spans(events),
            *sent_spans(sent),
            *alert_spans(alerts),
        ]

    def replayed(self, policy: Policy | None = None) -> Replay | None:
        """Its whole kept history by a policy, or by that of the run; None where no extract of the run holds it."""
        chosen = policy or self.policy
        if chosen is None or self.run is None or self.trace is None or not self.trace.in_registration:
            return None
        flags = [
            FlagStep(one.since, Flag(one.value) if one.value else None) for one in self.of_lane(Lane.FLAG) if one.since
        ]
        shown = [one for one in self.kept.shown if self._is_meter(one.device_id)]
        inventories = {one.extract.as_of for one in self.sources if one.is_inventory}
        return replay(chosen, flags, meter_steps(shown, inventories), self.run.as_of)

    def _is_meter(self, device: str) -> bool:
        """Whether a device counts for the flag; of one that has gone nobody says what it was."""
        return all(one.counts for one in self.trace.devices if one.device_id == device) if self.trace else False

    def of_lane(self, lane: Lane) -> list[Span]:
        """The spans of a lane."""
        return [one for one in self.timeline if one.lane == lane]


def meter_point(*, scope: Scope, mpxn: int) -> MeterPoint | None:
    """A Meter Point within the scope, or None.

    A point that has left the registration is still shown to those in whose name its discrepancies stand.
    """
    newest = latest_run()
    made_of = behind(newest) if newest else None
    rows = scope.narrow(Discrepancy.objects.filter(at_points(mpxn, mpxn)))
    rows = with_state(rows.select_related("network", "supplier").prefetch_related(LIFE), newest, scope)
    history = list(rows.order_by("id"))
    standing = _standing(history) if scope.everything else standing_at(mpxn)
    evidence = _trace(made_of, mpxn, standing) if made_of else None
    contradicting = [row.pk for row in history if row.contradicted_on]
    contradicted = Contradiction.objects.in_bulk(contradicting, field_name="discrepancy_id") if contradicting else {}
    found = [Finding(RULES[row.rule], row, contradicted.get(row.pk)) for row in history]
    in_registration = evidence is not None and evidence.in_registration
    admitted = evidence is not None and scope.admits(network=evidence.network, supplier=evidence.supplier)
    if not admitted and (in_registration or not history):
        return None
    network = _party(Party.Kind.NETWORK, evidence.network if evidence else None, history)
    shown = made_of if admitted else None
    files = files_about(behind=shown, network=network, alerts=_alerts(shown, evidence)) if shown else []
    beside = [one for one in files if shown and one.pk not in shown.used]
    said = said_by_run(shown, evidence) if shown and evidence else {}
    used = _sources(scope, shown, [one for one in files if one.pk in shown.used], mpxn, said) if shown else []

    def read() -> Kept:
        if shown is None:
            return NOTHING_KEPT
        told = [*used, *_sources(scope, shown, beside, mpxn, {})]
        told.sort(key=lambda one: (one.extract.as_of, one.extract.pk))
        return Kept(told, _shown(shown, evidence, mpxn))

    return MeterPoint(
        mpxn=mpxn,
        fuel=fuel_of(mpxn),
        run=newest,
        policy=policy_named(newest.policy) if newest else None,
        told_flags=flag_history(shown.selection.inputs, mpxn) if shown else [],
        confirmed=confirmed(shown.answered, mpxn) if shown else [],
        trace=evidence,
        network=network,
        supplier=_party(Party.Kind.SUPPLIER, evidence.supplier if evidence else None, history),
        broken=[one for one in found if evidence and one.rule.code in evidence.rules],
        findings=found,
        warnings=said_about(newest, [evidence.network or ""]) if newest and evidence else [],
        used=used,
        read=read,
        rows_beside=sum(one.rows for one in beside),
        grace_days=made_of.selection.inputs.grace_days if made_of else 0,
        changes=status_changes(mpxn) if admitted else [],
        sent=corrections_of(scope=scope, mpxn=mpxn),
        coverage=waiting_at(shown.run, [mpxn], shown.coverage).get(mpxn) if shown else None,
    )


def evidence(*, scope: Scope, mpxn: int) -> Trace | None:
    """How the newest run judges a Meter Point, step by step; None outside the scope or where neither side knows it."""
    newest = latest_run()
    found = _trace(behind(newest), mpxn, standing_at(mpxn)) if newest else None
    return found if found and scope.admits(network=found.network, supplier=found.supplier) else None


def _trace(made_of: Behind, mpxn: int, standing: Standing) -> Trace | None:
    """Raises Damaged where the files that the run read cannot be read any more."""
    try:
        return trace(made_of.selection.inputs, policy_named(made_of.run.policy), mpxn, standing, made_of.left)
    except duckdb.Error as error:
        raise _damaged(made_of.run) from error


def _alerts(made_of: Behind, found: Trace | None) -> list[int]:
    """The files whose alerts told the status of a device there."""
    orders = {device.changed_by for device in found.devices} if found else set()
    return [extract for extract, order in made_of.selection.order.items() if order in orders]


def _sources(
    scope: Scope, made_of: Behind, files: Sequence[Extract], mpxn: int, known: Mapping[int, Said | None]
) -> list[Source]:
    try:
        return sources(scope=scope, behind=made_of, files=files, mpxn=mpxn, known=known)
    except duckdb.Error as error:
        raise _damaged(made_of.run) from error


def _shown(made_of: Behind, found: Trace | None, mpxn: int) -> list[Shown]:
    """The devices on the day of each inventory that is kept, in the order of days."""
    try:
        before = shown_by(inventories_beside(made_of.selection.inputs), mpxn)
    except duckdb.Error as error:
        raise _damaged(made_of.run) from error
    return sorted([*before, *(found.shown if found else [])], key=lambda one: one.as_of)


def _damaged(run: Run) -> Damaged:
    logger.exception("What run %s read cannot be read", run.pk)
    return Damaged(UNREADABLE)


def standing_at(mpxn: int) -> Standing:
    """What the newest run found of a Meter Point, whoever may see it."""
    return _standing(Discrepancy.objects.filter(at_points(mpxn, mpxn), resolved_on=None, last_seen=None).order_by("id"))


def _standing(history: Iterable[Discrepancy]) -> Standing:
    """The same of all that was ever found there."""
    rows = [row for row in history if row.resolved_on is None and row.last_seen is None]
    if not rows:
        return Standing()
    since = rows[0].wrong_since_earliest, rows[0].wrong_since_latest
    return Standing(tuple(row.rule for row in rows), any(row.in_flight for row in rows), *since)


def _party(kind: Party.Kind, code: str | None, history: Sequence[Discrepancy]) -> Party | None:
    """The party of a code; without one, or where none has it, that in whose name the last discrepancy stands."""
    known: list[Party] = [party for row in reversed(history) if (party := getattr(row, kind)) is not None]
    if code is None:
        return _last(history, kind)
    same = next((party for party in known if party.code == code), None)
    return same or Party.objects.filter(kind=kind, code=code).first() or _last(history, kind)


def _last(history: Sequence[Discrepancy], kind: Party.Kind) -> Party | None:
    return getattr(history[-1], kind) if history else None
