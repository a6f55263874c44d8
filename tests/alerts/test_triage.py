"""The queue of alerts: each judged by what was known then and is known now, many of one cause as one line."""

from datetime import UTC, date, datetime, timedelta

import pytest

from reconcile.ledger import alerting, waiting
from reconcile.models import Alert, AlertLine
from tests.ledger.market import put, reconcile

# How alerts are judged is SQL of the lake; test_leaving and test_acts ask PostgreSQL to take them in.
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
FIRST, SECOND = date(2026, 11, 14), date(2026, 11, 21)
NOON = datetime(2026, 11, 20, 12)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LIVE, GONE, WAITING, PAUSED, EMPTY, NOBODY = POINTS = [1000000000012 + 10_000 * n for n in range(6)]


def device(number: int) -> str:
    return f"00-00-00-00-00-00-00-{number:02X}"


def meter(number: int, mpxn: int | None, status: str = "Commissioned", description: str = "") -> dict:
    facts = {"device_id": device(number), "device_type": "ESME", "status": status, "role": "import"}
    return facts | {"mpxn": mpxn, "description": description}


def flag(mpxn: int, letter: str | None = "A", area: str | None = "CB") -> dict:
    return {"mpxn": mpxn, "flag": letter, "network": str(mpxn)[:2], "supplier": "SUPA", "postcode_area": area}


def alert(mpxn: int | None, code: str = "AD1", after: float = 0, **more) -> dict:
    """An alert so many minutes after noon."""
    found = {"sent_at": NOON + timedelta(minutes=after), "code": code, "mpxn": mpxn}
    return found | {"hub_id": more.pop("hub", None)} | more


def take_in(*alerts: dict, now: datetime = NOW) -> dict:
    put("alerts", "delta", NOON.date(), list(alerts))
    return alerting.refresh(now=now)


@pytest.fixture
def market():
    put("flags", "full", FIRST, [flag(one) for one in POINTS[:5]])
    put("devices", "full", FIRST, [meter(1, LIVE), meter(2, GONE), meter(3, WAITING, "InstalledNotCommissioned"),
                                   meter(4, PAUSED, "Suspended")])  # fmt: skip


def queue(*columns: str) -> list[tuple]:
    return list(AlertLine.objects.order_by("first_at", "id").values_list(*columns))


def test_each_alert_has_its_class_and_its_answer(market):
    made = take_in(*(alert(one, after=60 * place) for place, one in enumerate(POINTS)))

    assert made == {"alerts": 6, "lines": 6, "judged_anew": 0}
    assert list(Alert.objects.order_by("sent_at").values_list("mpxn", "triaged", "answer", "network__code")) == [
        (LIVE, "act", "yes", "10"),
        (GONE, "act", "yes", "10"),
        (WAITING, "not_commissioned", "unlikely", "10"),
        (PAUSED, "impaired", "unlikely", "10"),
        (EMPTY, "ghost", "no", "10"),
        (NOBODY, "unknown_point", "unknown", "10"),
    ]
    assert Alert.objects.get(mpxn=EMPTY).why == "Ghost: the inventory has no smart meter here; flag A promises more"


def test_an_alert_is_judged_by_what_was_known_then_and_by_what_is_known_now(market):
    put("devices", "full", SECOND, [meter(1, LIVE), meter(2, GONE, "Decommissioned")])

    take_in(alert(GONE), alert(LIVE, after=60), alert(GONE, after=-60 * 24 * 30))

    found = {one.sent_at.replace(tzinfo=None): one for one in Alert.objects.all()}
    told = [(one.answer_then, one.then_on, one.answer, one.now_on) for _, one in sorted(found.items())]
    assert told == [
        ("unknown", None, "no", SECOND),
        ("yes", FIRST, "no", SECOND),
        ("yes", FIRST, "yes", SECOND),
    ]
    assert found[NOON].triaged == "ghost"
    assert found[NOON].why_then == "Act: the inventory says commissioned"


def test_what_came_later_is_told_at_the_next_look_and_never_changes_what_was_known_then(market):
    take_in(alert(GONE))
    put("devices", "full", SECOND, [meter(1, LIVE), meter(2, GONE, "Decommissioned")])

    alerting.refresh(now=NOW)

    (found,) = Alert.objects.all()
    assert (found.answer_then, found.answer, found.triaged) == ("yes", "no", "ghost")
    assert queue("triaged", "answer") == [("ghost", "no")]


def test_what_is_known_now_counts_silence_and_every_proof_of_life_and_what_was_known_then_neither(market):
    asked = {"read_at": NOON, "source": "ESME", "clock": "unreliable"}
    put("reads", "delta", NOON.date(), [{"device_id": device(1), **asked}, {"device_id": device(2), **asked}])

    take_in(alert(LIVE), alert(GONE), alert(GONE, "8F36", 60, device_id=device(2)))

    silent, dark, back = Alert.objects.order_by("mpxn", "sent_at")
    assert (silent.triaged, silent.answer_then, silent.answer) == ("act", "yes", "unlikely")
    assert silent.why == "Act: the inventory says commissioned; no read proves that the meter lives"
    assert dark.why == back.why
    assert back.why.endswith("; last proof of life: 20 Nov 2026 13:00 UTC by its alert 8F36")
    assert (back.answer, back.why_then) == ("yes", "Act: the inventory says commissioned")


def test_what_is_known_now_says_what_is_told_of_the_network_where_a_meter_waits(market):
    postcode = {"postcode": "CB1 1AA"}
    put("devices", "full", SECOND, [meter(1, LIVE), meter(3, WAITING, "InstalledNotCommissioned") | postcode])
    put("coverage", "delta", FIRST, [{**postcode, "available": False, "anticipated": date(2031, 1, 2)}])
    reconcile(SECOND)
    waiting.bring_up_to_date()

    take_in(alert(WAITING), alert(LIVE, after=60 * 30))

    assert Alert.objects.get(mpxn=WAITING).why.endswith(
        "not commissioned; WAN coverage is still to come; flag A promises more"
    )
    assert "WAN" not in Alert.objects.get(mpxn=WAITING).why_then + Alert.objects.get(mpxn=LIVE).why


def test_a_device_that_is_elsewhere_now_has_moved(market):
    take_in(alert(EMPTY, "8F35", device_id=device(1)))

    (found,) = Alert.objects.all()
    assert (found.triaged, found.device_at) == ("moved", LIVE)
    assert found.why.endswith(f"; the inventory has the device at {LIVE}")


def test_a_device_without_a_number_is_at_the_point_where_the_inventory_has_it(market):
    take_in(alert(None, "8F35", device_id=device(3)), alert(None, "8F35", device_id=device(99), after=5))

    assert list(Alert.objects.order_by("sent_at").values_list("mpxn", "triaged", "network__code")) == [
        (WAITING, "not_commissioned", "10"),
        (None, "unknown_point", None),
    ]


def test_an_outage_and_its_restoration_are_one_line_and_a_new_outage_is_another(market):
    take_in(alert(LIVE), alert(LIVE, "8F36", 20, device_id=device(1)), alert(LIVE, after=30), alert(GONE, after=40))

    assert queue("mpxn", "alerts", "waiting") == [(LIVE, 2, False), (LIVE, 1, True), (GONE, 1, True)]
    assert Alert.objects.get(sent_at=NOON.replace(tzinfo=UTC)).restored_at == (NOON + timedelta(minutes=20)).replace(
        tzinfo=UTC
    )


def test_a_restoration_of_a_later_file_ends_the_wait_and_the_same_alert_again_is_none(market):
    take_in(alert(LIVE))

    made = take_in(alert(LIVE), alert(LIVE, "8F35", 3, device_id=device(1)))

    assert made == {"alerts": 1, "lines": 0, "judged_anew": 1}
    assert queue("mpxn", "alerts", "waiting") == [(LIVE, 2, False)]


def points(count: int) -> list[int]:
    return [2000000000000 + n for n in range(count)]


@pytest.fixture
def street():
    """Twelve live meters of one area, every other of one make, and one elsewhere."""
    make = "SMETS\x1fCedar\x1fCD1\x1f02.10\x1fNorth"
    put("flags", "full", FIRST, [*(flag(one) for one in points(12)), flag(LIVE, area="LE")])
    put(
        "devices",
        "full",
        FIRST,
        [meter(n, one, description=make if n % 2 else "") for n, one in enumerate(points(12), 1)],
    )


def test_many_points_of_an_area_within_minutes_are_one_line(street):
    take_in(*(alert(one, after=4 * n) for n, one in enumerate(points(5))), alert(points(6)[5], after=30), alert(LIVE))

    assert sorted(queue("kind", "label", "points", "alerts")) == [
        ("area", "CB", 5, 5),
        ("single", "", 1, 1),
        ("single", "", 1, 1),
    ]
    assert AlertLine.objects.get(kind="area").why == "5 Meter Points: 5 act"


def test_a_registration_that_tells_no_postcode_moves_nobody(street):
    take_in(*(alert(one, after=n) for n, one in enumerate(points(5))))
    put("flags", "full", SECOND, [flag(one, area=None) for one in points(12)])

    take_in(*(alert(one, after=n) for n, one in enumerate(points(7)[5:], 5)))

    assert queue("kind", "label", "points") == [("area", "CB", 7)]


def test_four_points_are_no_storm_and_two_of_one_hub_are(street):
    take_in(*(alert(one, after=n) for n, one in enumerate(points(4))), alert(LIVE, hub=7), alert(GONE, after=2, hub=7))

    told = [row for row in queue("kind", "label", "points") if row[0] != "single"]
    assert told == [("hub", "00-00-00-00-00-00-00-07", 2)]
    assert len(queue("id")) == 5


def test_outages_while_a_make_is_updated_are_one_line_that_waits_for_nobody(street):
    put("firmware_updates", "delta", FIRST, [{"manufacturer": "cedar", "model": None, "firmware": "02.10",
        "starts": NOON - timedelta(hours=1), "ends": NOON + timedelta(hours=1)}])  # fmt: skip

    take_in(*(alert(one, after=50 * n) for n, one in enumerate(points(3))))

    assert queue("kind", "points", "waiting") == [("firmware", 1, False), ("single", 1, True), ("single", 1, True)]
    update = AlertLine.objects.get(kind="firmware")
    assert update.label == "cedar to 02.10, 20 Nov 11:00 to 20 Nov 13:00"
    assert update.why == "Known to be false: meters report outages while they are updated. 1 Meter Point: 1 act"


def test_an_updated_meter_in_the_midst_of_a_storm_of_others_is_of_the_storm(street):
    put("firmware_updates", "delta", FIRST, [{"manufacturer": "Cedar", "model": "CD1", "firmware": "02.10",
        "starts": NOON - timedelta(hours=1), "ends": NOON + timedelta(hours=1)}])  # fmt: skip

    take_in(*(alert(one, after=n / 2) for n, one in enumerate(points(12))))

    # The first is of the make, and before the others: nothing but the update explains it.
    assert sorted(queue("kind", "points")) == [("area", 11), ("firmware", 1)]


def test_a_storm_that_grows_with_a_later_file_stays_one_line_and_takes_single_ones_in(street):
    take_in(*(alert(one, after=n) for n, one in enumerate(points(4))))
    (first, *_) = queue("id")

    take_in(alert(points(5)[4], after=4))
    take_in(alert(points(6)[5], after=5))

    assert queue("kind", "points") == [("area", 6)]
    assert first not in queue("id")


def test_lines_of_two_networks_are_never_one(street):
    others = [3000000000000 + n for n in range(3)]
    take_in(*(alert(one, after=n, hub=7) for n, one in enumerate(points(1) + others[:1])))
    assert queue("kind", "network__code") == [("single", "20"), ("single", "30")]


@pytest.mark.parametrize(
    "inventories, then",
    [
        # Days after the alert's own, status -> what was known then
        ({-1: "Commissioned"}, ("yes", -1)),
        ({0: "Commissioned"}, ("yes", 0)),
        ({1: "Commissioned"}, ("unknown", None)),
        ({-1: "Commissioned", 1: "Decommissioned"}, ("yes", -1)),
        ({-1: "Commissioned", 0: "Decommissioned", 1: "Suspended"}, ("no", 0)),
    ],
)
def test_nothing_later_than_its_day_decides_what_was_known_then(inventories, then):
    def on(days: int) -> date:
        return NOON.date() + timedelta(days=days)

    put("flags", "full", on(-3), [flag(LIVE)])
    put("flags", "full", on(1), [flag(LIVE, "N")])
    for days, status in inventories.items():
        put("devices", "full", on(days), [meter(1, LIVE, status)])

    take_in(alert(LIVE))

    (found,) = Alert.objects.all()
    day = None if then[1] is None else on(then[1])
    assert (found.answer_then, found.then_on) == (then[0], day)
    assert "the flag does not say so" not in found.why_then
    assert found.now_on == on(max(inventories))


def test_what_alerts_told_of_a_status_is_no_part_of_what_was_known_then(market, settings):
    settings.ALERTS_UPDATE_DEVICES = True
    changed = alert(GONE, "N2", 30, device_id=device(2), change="MeterDecommissioningOrWithdrawal")

    take_in(alert(GONE), changed)

    outage = Alert.objects.get(code="AD1")
    assert (outage.answer_then, outage.answer) == ("yes", "no")
