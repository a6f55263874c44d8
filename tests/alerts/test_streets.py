"""A point under A that never alerts in a street where others do: opened by proof alone, resolved by proof alone."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest

from reconcile.domain.mp077 import MP077
from reconcile.lake.trace import trace
from reconcile.ledger import withdrawn
from reconcile.ledger.actors import MACHINE
from reconcile.ledger.inputs import of_run
from reconcile.ledger.queries.points import standing_at
from reconcile.models import Discrepancy, Event, Extract
from tests import oracle
from tests.ledger.market import put, reconcile

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
DAY = date(2026, 11, 15)
OUTAGE = datetime(2026, 11, 11, 14)
STREET = "CB20 1AA"
POINTS = [1000000000012 + 10_000 * n for n in range(10)]
"""Of the street: the first eight speak, the others do not."""
SPEAKING, SILENT = POINTS[:8], POINTS[8:]
RULE = "A_NEVER_ALERTS"
OLD = date(2025, 1, 1)
MADE = {"manufacturer": "Cedar Devices", "model": "CD-1"}


def device(mpxn: int) -> str:
    return f"00-00-00-00-00-00-01-{POINTS.index(mpxn):02X}"


def flag(mpxn: int, **more) -> dict:
    facts = {"mpxn": mpxn, "flag": "A", "flag_from": OLD, "network": str(mpxn)[:2], "supplier": "SUPA"}
    return facts | {"postcode_area": "CB", "postcode": STREET} | more


def meter(mpxn: int, **more) -> dict:
    facts = {"device_id": device(mpxn), "device_type": "ESME", "status": "Commissioned", "status_from": OLD}
    description = "\x1f".join(("SMETS2", *MADE.values(), "02.10", "North"))
    return facts | {"role": "import", "mpxn": mpxn, "description": description} | MADE | more


def alert(mpxn: int | None, minutes: float = 0, code: str = "AD1", **more) -> dict:
    return {"sent_at": OUTAGE + timedelta(minutes=minutes), "code": code, "mpxn": mpxn, "device_id": None} | more


@dataclass
class Street:
    """What is told of the street; a case changes it."""

    flags: list[dict] = field(default_factory=lambda: [flag(mpxn) for mpxn in POINTS])
    updates: list[dict] = field(default_factory=list)
    meters: list[dict] = field(default_factory=lambda: [meter(mpxn) for mpxn in POINTS])
    alerts: list[dict] = field(default_factory=lambda: [alert(one, n / 3) for n, one in enumerate(SPEAKING)])
    plans: list[dict] = field(default_factory=list)

    def load(self, day: date = DAY) -> Extract:
        """Load everything as of a day; gives the file of alerts."""
        put("flags", "full", day, self.flags)
        put("devices", "full", day, self.meters)
        for table, rows in (("flags", self.updates), ("firmware_updates", self.plans)):
            if rows:
                put(table, "delta", day, rows)
        return put("alerts", "delta", day, self.alerts)

    def of_oracle(self) -> oracle.Day:
        parts = (self.flags, self.updates, self.meters, self.alerts, self.plans)
        flags, updates, meters, alerts, plans = ([oracle.Extract(DAY, rows)] for rows in parts)
        return oracle.Day(DAY, registration=flags, updates=updates, inventory=meters, alerts=alerts, plans=plans)


def told(**more) -> dict:
    """A plan about every meter of the street, in the hours of the outage."""
    hours = {"starts": OUTAGE - timedelta(hours=1), "ends": OUTAGE + timedelta(hours=1)}
    return MADE | {"model": None, "firmware": "02.11"} | hours | more


def change(name: str, *rows: dict) -> Callable[[Street], None]:
    return lambda street: setattr(street, name, list(rows))


def of_one(name: str, place: int, **more) -> Callable[[Street], None]:
    return lambda street: getattr(street, name)[place].update(more)


def more(name: str, *rows: dict) -> Callable[[Street], None]:
    return lambda street: getattr(street, name).extend(rows)


def nothing(street: Street) -> None:
    """As it is."""


BOTH, NONE, OTHER = set(SILENT), set(), set(SILENT[1:])
CASES = {
    "more than half of the street": (nothing, BOTH),
    "told by devices alone": (
        change("alerts", *(alert(None, code="8F57", device_id=device(one)) for one in SPEAKING)), BOTH),
    "half of it": (change("alerts", *map(alert, SPEAKING[:5])), NONE),
    "six of ten": (change("alerts", *map(alert, SPEAKING[:6])), set(POINTS[6:])),
    "four points": (lambda street: (change("alerts", *map(alert, SPEAKING[:4]))(street),
                                    change("flags", *map(flag, POINTS[:5]))(street)), NONE),
    "over hours": (change("alerts", *(alert(one, 10 * n) for n, one in enumerate(SPEAKING))), NONE),
    "five minutes after the first": (
        change("alerts", alert(POINTS[0]), *(alert(one, 5) for one in SPEAKING[1:])), BOTH),
    "one point again and again": (change("alerts", *(alert(POINTS[0], n) for n in range(20))), NONE),
    "no outage": (change("alerts", *(alert(one, code="8002") for one in SPEAKING)), NONE),
    "longer ago than alerts count": (
        change("alerts", *(alert(one, -40 * 24 * 60) for one in SPEAKING)), NONE),
    "it spoke of something else once": (more("alerts", alert(SILENT[0], 600, "8002")), OTHER),
    "the DCC spoke of it": (more("alerts", alert(SILENT[0], -600, "N24")), OTHER),
    "its device spoke": (more("alerts", alert(None, 600, "81BB", device_id=device(SILENT[0]))), OTHER),
    "no postcode": (of_one("flags", 8, postcode=None), OTHER),
    "the outward part alone": (lambda street: [row.update(postcode="CB20") for row in street.flags], NONE),
    "another postcode": (of_one("flags", 8, postcode="CB20 1AB"), OTHER),
    "flagged since": (of_one("flags", 8, flag_from=OUTAGE.date()), OTHER),
    "flagged nobody knows when": (of_one("flags", 8, flag_from=None), OTHER),
    "another flag": (of_one("flags", 8, flag="N"), OTHER),
    "flagged by an update": (lambda street: (of_one("flags", 8, flag="I")(street), change(
        "updates", {"mpxn": SILENT[0], "flag": "A", "flag_from": OLD, "network": "10"})(street)), BOTH),
    "not commissioned": (of_one("meters", 8, status="Suspended"), OTHER),
    "commissioned since": (of_one("meters", 8, status_from=DAY), OTHER),
    "commissioned nobody knows when": (of_one("meters", 8, status_from=None), OTHER),
    "a planned update": (change("plans", told()), NONE),
    "a planned update of another make": (change("plans", told(manufacturer="Birch")), BOTH),
    "a planned update of another model": (change("plans", told(model="CD-2")), BOTH),
    "a planned update at another time": (change("plans", told(ends=OUTAGE - timedelta(minutes=1))), BOTH),
}  # fmt: skip


def accused() -> set[int]:
    return set(Discrepancy.objects.filter(rule=RULE, resolved_on=None).values_list("mpxn", flat=True))


def elsewhere(rows: list[dict], place: int) -> list[dict]:
    """The same of another street, so that all of them can be in one market."""
    return [{name: _elsewhere(name, value, place) for name, value in row.items()} for row in rows]


def _elsewhere(name: str, value: object, place: int) -> object:
    if name == "mpxn" and isinstance(value, int):
        return value + SPACE * place
    if isinstance(value, str):
        return (
            value.replace("-01-", f"-{place:02X}-").replace("CB20", f"CB{place + 20}").replace("Cedar", f"Cedar{place}")
        )
    return value


SPACE = 1_000_000
"""Between the numbers of two streets."""


def test_who_is_accused():
    market = Street(flags=[], meters=[], alerts=[])
    for place, (changed, _) in enumerate(CASES.values()):
        street = Street()
        changed(street)
        for name, rows in vars(street).items():
            getattr(market, name).extend(elsewhere(rows, place))
    market.load()

    reconcile(DAY)

    expected = {mpxn + SPACE * place for place, (_, those) in enumerate(CASES.values()) for mpxn in those}
    (by_oracle,) = oracle.reconcile_market([market.of_oracle()])
    assert in_words(accused()) == in_words(expected)
    assert {mpxn for mpxn, rule in by_oracle.rows if rule == RULE} == expected


def in_words(accused: set[int]) -> dict[str, list[int]]:
    """By case the places of those who are accused."""
    found: dict[str, list[int]] = {name: [] for name in CASES}
    for mpxn in sorted(accused):
        place, within = divmod(mpxn - POINTS[0], SPACE)
        found[[*CASES][place]].append(within // 10_000)
    return found


def test_it_is_a_watch_and_each_points_own_judgement_says_the_same():
    Street().load()

    run = reconcile(DAY)

    assert (run.mismatches, set(Discrepancy.objects.values_list("severity", flat=True))) == (0, {"watch"})
    found = trace(of_run(run).inputs, MP077, SILENT[0], standing_at(SILENT[0]))
    assert found is not None and found.rules == [RULE]


def test_a_line_of_alerts_that_could_not_be_read_may_have_been_its():
    street = Street()
    street.load()
    put("alerts", "delta", DAY, [alert(SPEAKING[0])], unreadable=[SILENT[0]])

    reconcile(DAY)

    assert accused() == OTHER


def test_it_ends_by_proof_alone():
    Street().load()
    reconcile(DAY)
    later = DAY + timedelta(days=35)
    quiet = Street(alerts=[alert(SPEAKING[0], 60 * 24 * 36)])
    quiet.load(later)
    reconcile(later)
    assert accused() == BOTH

    put("alerts", "delta", later, [alert(SILENT[0], 60 * 24 * 37, "8002")])
    reconcile(later + timedelta(days=1))

    assert accused() == OTHER
    assert Event.objects.filter(after="resolved").values_list("discrepancy__mpxn", "withdrawn").get() == (
        SILENT[0],
        False,
    )


@pytest.mark.parametrize("field, changes", [("flags", {"flag": "N"}), ("meters", {"status_from": DAY})])
def test_a_flag_or_meter_that_changed_since_ends_it(field, changes):
    street = Street()
    street.load()
    reconcile(DAY)

    later = Street()
    of_one(field, 8, **changes)(later)
    later.load(DAY + timedelta(days=7))
    reconcile(DAY + timedelta(days=7))

    assert accused() == OTHER


def test_a_plan_that_is_told_later_explains_it():
    Street().load()
    reconcile(DAY)

    put("firmware_updates", "delta", DAY, [told()])
    reconcile(DAY + timedelta(days=1))

    assert accused() == NONE


def test_it_goes_with_its_evidence():
    withdrawn.withdraw(
        file := Street().load(), actor=MACHINE, reason="Not ours.", now=datetime(2026, 11, 16, tzinfo=UTC)
    )
    withdrawn.take_back(file, actor=MACHINE, reason="Ours.", now=datetime(2026, 11, 16, tzinfo=UTC))
    reconcile(DAY)
    assert accused() == BOTH

    withdrawn.withdraw(file, actor=MACHINE, reason="Not ours.", now=datetime(2026, 11, 17, tzinfo=UTC))
    reconcile(DAY + timedelta(days=1))

    assert accused() == NONE
    assert set(Event.objects.filter(after="resolved").values_list("withdrawn", flat=True)) == {True}
