"""Can they answer? Many Meter Points or devices at once, each in the order in which it was asked for.

In: a scope and what was pasted. Out: LookUp. Called by the look-up page, its CSV, the API and the command `look_up`.
"""

import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from operator import itemgetter

import duckdb
from django.conf import settings

from reconcile.domain.answering import (
    DECIDING,
    NOTHING_KNOWS_IT,
    Answer,
    Answering,
    Heard,
    Wan,
    can_it_answer,
    heard_of,
)
from reconcile.domain.pasted import Asked, Pasted
from reconcile.domain.policies import policy_named
from reconcile.domain.reads import proof_words
from reconcile.domain.rules import RULES, Severity
from reconcile.domain.smets import Generation, generation
from reconcile.domain.vocabulary import (
    METER_FUEL,
    DeviceType,
    Flag,
    Shows,
    Status,
    fuel_of,
    mpxn_text,
    shows,
    statuses_in,
    statuses_text,
)
from reconcile.feeds.values.devices import described, eui_64_text
from reconcile.lake.looking import PointsRows, judge_points
from reconcile.lake.point import Row
from reconcile.models import Run

from ..access import Scope
from ..inputs import heard_now, of_run
from ..integrity import Damaged
from ..waiting import waiting_at
from .common import latest_run
from .points import UNREADABLE

logger = logging.getLogger(__name__)
MOST = 5_000
"""As many are answered at once; what is beyond is said."""
NOT_YOURS = "not among the Meter Points that you may see: it may be another party's, or nobody's"
NO_RUN = "nothing has been reconciled yet"
NO_STATUS = "the inventory knows this device, and holds no status of it"
AT_NO_POINT = "at no Meter Point"
RIGHT, WRONG, OPEN = "yes", "no", "undetermined"
"""Whether the flag is right."""


@dataclass(frozen=True)
class Device:
    """The device that was asked for, or the smart meter of a Meter Point that decides."""

    device_id: str
    status_from: date | None
    csp_region: str | None
    smets: str | None
    last_heard: datetime | None = None

    @property
    def generation(self) -> Generation:
        """SMETS1 or SMETS2."""
        return generation(self.smets, self.csp_region)


@dataclass(frozen=True)
class LookedUp:
    """One answer. `mpxn` is None where none was asked for or known, and then nothing else is known but `why`.

    `shows`: what the inventory shows there; None where nothing is known. `flag_right`: yes, no or undetermined.
    """

    asked: Asked
    answer: Answer
    why: str
    mpxn: int | None = None
    flag: str | None = None
    flag_from: date | None = None
    flag_right: str = OPEN
    expected: str | None = None
    statuses: str = ""
    shows: Shows | None = None
    device: Device | None = None
    network: str | None = None
    supplier: str | None = None

    @property
    def generation(self) -> Generation:
        """SMETS1 or SMETS2, of the meter that decides."""
        return self.device.generation if self.device else Generation.NO_METER


@dataclass(frozen=True)
class LookUp:
    """Answers in the order of what was asked, and what they rest on; `left_out`: how many were beyond MOST."""

    rows: tuple[LookedUp, ...]
    run: Run | None
    inventory_as_of: date | None
    left_out: int = 0
    columns: tuple[str, ...] = ()

    @property
    def numbers(self) -> int:
        """How many of what was asked are numbers or devices."""
        return sum(1 for row in self.rows if not row.asked.problem)

    @property
    def problems(self) -> Counter[str]:
        """Why the others are none, each reason with how often."""
        reasons = (row.asked.problem.partition(":")[0] for row in self.rows if row.asked.problem)
        return Counter(reasons)

    @property
    def generations(self) -> Counter[Generation]:
        """How many are of each generation, of those of which something is known."""
        return Counter(row.generation for row in self.rows if row.shows)

    @property
    def repeated(self) -> int:
        """How many say again what was asked before."""
        keys = [(row.asked.mpxn, row.asked.device) for row in self.rows if not row.asked.problem]
        return len(keys) - len(set(keys))

    @property
    def answers(self) -> Counter[tuple[Answer, Shows | None]]:
        """How many have each answer and show the same, of those that are numbers."""
        return Counter((row.answer, row.shows) for row in self.rows if not row.asked.problem)

    def as_json(self, row: LookedUp) -> dict[str, str | None]:
        """An answer for a machine."""
        return {
            "input": row.asked.text,
            "mpxn": mpxn_text(row.mpxn) if row.mpxn is not None else None,
            "can_it_answer": row.answer.value,
            "why": row.why,
            "flag": row.flag,
            "flag_right": row.flag_right,
            "meter_statuses": row.statuses,
            "device_id": row.device.device_id if row.device else None,
            "last_heard": _text(row.device.last_heard) if row.device else None,
            "inventory_as_of": self.inventory_as_of.isoformat() if self.inventory_as_of else None,
        }


def _text(at: datetime | None) -> str | None:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def look_up(*, scope: Scope, pasted: Pasted, most: int = MOST) -> LookUp:
    """Answer for each that was pasted, by the newest run. Raises Damaged where its files cannot be read any more."""
    items, left_out = pasted.items[:most], max(len(pasted.items) - most, 0)
    run = latest_run()
    if run is None:
        return LookUp(tuple(_nothing(one, NO_RUN) for one in items), None, None, left_out, pasted.columns)
    inputs = heard_now(of_run(run).inputs)
    try:
        rows = judge_points(
            inputs,
            policy_named(run.policy),
            {one.mpxn for one in items if one.mpxn is not None},
            {one.device for one in items if one.device is not None},
        )
    except duckdb.Error as error:
        logger.exception("What run %s read cannot be read", run.pk)
        raise Damaged(UNREADABLE) from error
    waiting = [mpxn for mpxn, point in rows.judged.items() if point["shows"] == Shows.INSTALLED]
    wan = {mpxn: Wan(row["answer"]) for mpxn, row in waiting_at(run, waiting).items()}
    found = _Answers(rows, scope, run.as_of, wan).of(items)
    return LookUp(tuple(found), run, inputs.inventory_date, left_out, pasted.columns)


def _nothing(asked: Asked, why: str) -> LookedUp:
    """Nothing can be said of it; what may be mistyped is said to be."""
    words = "; ".join(filter(None, (asked.problem or why, asked.doubt)))
    return LookedUp(asked, Answer.UNKNOWN, words, mpxn=asked.mpxn)


class _Answers:
    """What was found, as answers within a scope."""

    def __init__(self, rows: PointsRows, scope: Scope, as_of: date, wan: dict[int, Wan]) -> None:
        self.as_of = as_of
        self.wan = wan
        self.rows = rows
        self.admits = scope.admitting()
        self.nothing = NOTHING_KNOWS_IT.why if scope.everything else NOT_YOURS
        self.everything = scope.everything
        self.known: dict[tuple[int | None, int | None], LookedUp] = {}

    def of(self, items: Iterable[Asked]) -> Iterable[LookedUp]:
        """One for each, in order; what is asked twice is worked out once."""
        for asked in items:
            key = (asked.mpxn, asked.device)
            if asked.problem:
                yield _nothing(asked, "")
                continue
            if key not in self.known:
                self.known[key] = self._answer(asked)
            yield replace(self.known[key], asked=asked)

    def _answer(self, asked: Asked) -> LookedUp:
        if asked.device is None:
            return self._point(asked, asked.mpxn or 0)
        places = sorted(self.rows.asked.get(asked.device, ()), key=lambda row: (row["role"] or "", row["mpxn"] or 0))
        device = min(places, key=lambda row: row["role"] != "import", default=None)
        if device is None:
            return _nothing(asked, self.nothing)
        if device["mpxn"] is None:
            return self._unplaced(asked, device)
        return self._point(asked, device["mpxn"], device)

    def _unplaced(self, asked: Asked, device: Row) -> LookedUp:
        """A device at no Meter Point is nobody's: only those who see everything see it."""
        if not self.everything:
            return _nothing(asked, self.nothing)
        found = self._device_answer(None, device)
        return LookedUp(asked, found.answer, f"{found.why}; {AT_NO_POINT}", device=self._device(device))

    def _point(self, asked: Asked, mpxn: int, device: Row | None = None) -> LookedUp:
        point = self.rows.judged.get(mpxn)
        unread = mpxn in self.rows.unread_meters
        if point is None or not self.admits(point["network"], point["supplier"]):
            hidden = not self.everything or not (unread or mpxn in self.rows.unread_flags)
            return _nothing(asked, self.nothing if hidden else "a line that may be about it could not be read")
        flag = Flag(point["flag"]) if point["flag"] else None
        meters = [device] if device else _meters(self.rows.devices.get(mpxn, ()), mpxn)
        leading = min(meters, key=_rank, default=None)
        found = self._device_answer(flag, device) if device else self._answer_of(flag, point["mask"], meters, unread)
        return LookedUp(
            asked=asked,
            answer=found.answer,
            why=found.why,
            mpxn=mpxn,
            flag=flag,
            flag_from=point["flag_from"],
            flag_right=self._flag_right(mpxn, point),
            expected=point["expected"] or None,
            statuses=statuses_text(point["mask"]),
            shows=shows(statuses_in(point["mask"])),
            network=point["network"],
            supplier=point["supplier"],
            device=self._device(leading) if leading else None,
        )

    def _flag_right(self, mpxn: int, point: Row) -> str:
        """As the Meter Point's page says it: what could not be read accuses nobody."""
        if not point["in_flags"] or mpxn in self.rows.unread_flags:
            return OPEN
        rule = RULES.get(point["rule"] or "")
        if rule is None or rule.severity == Severity.WATCH:
            return OPEN if point["undetermined"] else RIGHT
        return WRONG if point["firm"] or mpxn not in self.rows.unread_meters else OPEN

    def _device_answer(self, flag: Flag | None, device: Row) -> Answering:
        """Of a device that was asked for by itself: by its own status."""
        if device["status"] is None:
            return Answering(Answer.UNKNOWN, NO_STATUS)
        return self._answer_of(flag, Status(device["status"]).bit, [device])

    def _answer_of(self, flag: Flag | None, mask: int, meters: list[Row], unread: bool = False) -> Answering:
        live = [one for one in meters if one["status"] == Status.COMMISSIONED]
        newest = max(self._proofs(live or meters), key=itemgetter("heard_at"), default=None)
        return can_it_answer(
            flag,
            statuses_in(mask),
            unread=unread,
            wan=next((self.wan[one["mpxn"]] for one in meters if one["mpxn"] in self.wan), Wan.NO_DATA),
            heard=self._heard(live),
            proof=proof_words(newest["heard_at"], newest["source"]) if newest else "",
        )

    def _told(self, meters: Iterable[Row]) -> list[Row]:
        """What reads and their own alerts say of meters."""
        return [self.rows.heard[one["device_id"]] for one in meters if one["device_id"] in self.rows.heard]

    def _proofs(self, meters: Iterable[Row]) -> list[Row]:
        return [row for row in self._told(meters) if row["heard_at"]]

    def _heard(self, live: list[Row]) -> Heard:
        """What is known of the last proof of life of meters that are commissioned."""
        days = [row["heard_at"].date() for row in self._proofs(live)]
        known = {"on": self.as_of, "threshold_days": settings.SILENT_AFTER_DAYS}
        asked = any(row["was_read"] for row in self._told(live))
        heard = heard_of(max(days, default=None), asked=asked, **known)
        # That a meter was commissioned lately is a proof of its own.
        began = max((one["status_from"] for one in live if one["status_from"]), default=None)
        young = heard_of(began, asked=False, **known) == Heard.LATELY
        return Heard.NOT_ASKED if young and heard != Heard.LATELY else heard

    def _device(self, row: Row) -> Device:
        kind, heard = described(row["description"]), self.rows.heard.get(row["device_id"])
        last = heard["heard_at"] if heard else None
        return Device(eui_64_text(row["device_id"]), row["status_from"], kind["csp_region"], kind["smets"], last)


def _meters(devices: Iterable[Row], mpxn: int) -> list[Row]:
    """The smart meters of the fuel."""
    fuel = fuel_of(mpxn)
    return [one for one in devices if one["status"] and METER_FUEL.get(DeviceType(one["device_type"])) == fuel]


def _rank(meter: Row) -> tuple[int, bool, int, int]:
    """The meter that decides comes first: by its status, for import before others, the newest."""
    newest = -(meter["status_from"] or date.min).toordinal()
    place = DECIDING.index(meter["status"]) if meter["status"] else len(DECIDING)
    return place, meter["role"] != "import", newest, meter["device_id"]
