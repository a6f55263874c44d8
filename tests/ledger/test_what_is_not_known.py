"""What was not read, not found or not known becomes no accusation, and is said."""

from datetime import date, timedelta

import pytest

from reconcile.ledger import queries
from reconcile.ledger.access import EVERYTHING
from reconcile.models import Discrepancy

from .market import put, reconcile

DAY = date(2025, 3, 3)
LATER = DAY + timedelta(days=7)
POINT, NEIGHBOUR = 1000000000012, 1000000000021
LONG_AGO = date(2021, 6, 2)
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def registered(flag: str | None, as_of: date = DAY, *, flag_from: date | None = LONG_AGO, **more) -> None:
    """The point with a flag, beside a neighbour that is right."""
    rows = [
        {"mpxn": POINT, "flag": flag, "flag_from": flag_from, "network": "10", **more},
        {"mpxn": NEIGHBOUR, "flag": None, "network": "10"},
    ]
    put("flags", "full", as_of, rows)


def meter(status: str, *, number: int = 1, status_from: date | None = LONG_AGO, mpxn: int | None = POINT) -> dict:
    return {
        "device_id": f"00-00-00-00-00-00-00-{number:02X}",
        "device_type": "ESME",
        "status": status,
        "status_from": status_from,
        "mpxn": mpxn,
        "role": "import",
    }


ELSEWHERE = meter("Pending", number=9, mpxn=None)


def rules() -> set[str]:
    """The rules that the point breaks, as the ledger has them open."""
    return set(Discrepancy.objects.filter(mpxn=POINT, resolved_on=None).values_list("rule", flat=True))


def test_a_point_whose_line_could_not_be_read_is_not_missing_from_registration():
    put("flags", "full", DAY, [{"mpxn": NEIGHBOUR, "flag": None, "network": "10"}], unreadable=[POINT])
    put("devices", "full", DAY, [meter("Commissioned")])

    reconcile(DAY)

    assert rules() == set()


def test_a_flag_beside_a_line_that_could_not_be_read_is_not_known():
    put("flags", "full", DAY, [{"mpxn": POINT, "flag": "A", "network": "10"}], unreadable=[POINT])
    put("devices", "full", DAY, [ELSEWHERE])

    reconcile(DAY)

    assert rules() == set()


@pytest.mark.parametrize("days, expected", [(-1, {"A_NO_METER"}), (0, set()), (1, set())])
def test_an_update_that_could_not_be_read_counts_from_the_day_of_the_extract(days, expected):
    registered("A")
    put("flags", "delta", DAY + timedelta(days=days), [{"mpxn": NEIGHBOUR, "network": "10"}], unreadable=[POINT])
    put("devices", "full", DAY, [ELSEWHERE])

    reconcile(DAY + timedelta(days=1))

    assert rules() == expected


@pytest.mark.parametrize(
    "flag, meters, expected",
    [
        ("A", [], set()),
        ("A", [meter("Decommissioned")], set()),
        ("I", [], set()),
        ("N", [meter("InstalledNotCommissioned")], set()),
        ("N", [meter("Commissioned")], {"N_COMMISSIONED"}),
        (None, [meter("Commissioned")], {"NULL_COMMISSIONED"}),
        ("I", [meter("Commissioned")], {"I_COMMISSIONED"}),
        ("W", [], {"LEGACY_W"}),
    ],
)
def test_beside_a_meter_that_could_not_be_read_only_a_firm_rule_stands(flag, meters, expected):
    registered(flag)
    put("devices", "full", DAY, [*meters, ELSEWHERE], unreadable=[POINT])

    reconcile(DAY)

    assert rules() == expected


@pytest.mark.parametrize("unread_side", ["flags", "devices"])
def test_nothing_is_resolved_by_what_could_not_be_read(unread_side):
    registered("A")
    put("devices", "full", DAY, [ELSEWHERE])
    reconcile(DAY)
    registered("A", LATER) if unread_side == "devices" else put(
        "flags", "full", LATER, [{"mpxn": NEIGHBOUR, "network": "10"}], unreadable=[POINT]
    )
    put("devices", "full", LATER, [ELSEWHERE], unreadable=[POINT] if unread_side == "devices" else [])

    run = reconcile(LATER)

    assert rules() == {"A_NO_METER"}
    assert (run.resolved, run.absent) == (0, 1)


def test_the_page_of_a_point_says_what_could_not_be_read():
    put("flags", "full", DAY, [{"mpxn": NEIGHBOUR, "network": "10"}], unreadable=[POINT])
    put("devices", "full", DAY, [meter("Commissioned")])
    reconcile(DAY)

    found = queries.evidence(scope=EVERYTHING, mpxn=POINT)

    assert found.flag_unread
    assert "could not be read" in dict(found.steps)["Registration"]


def since(rule: str) -> tuple[date | None, date | None, bool]:
    found = Discrepancy.objects.get(mpxn=POINT, rule=rule)
    return found.wrong_since_earliest, found.wrong_since_latest, found.in_flight


def test_where_both_dates_are_known_the_later_one_is_when_it_went_wrong():
    registered("A")
    put("devices", "full", DAY, [meter("Decommissioned", status_from=date(2024, 1, 2))])

    reconcile(DAY)

    assert since("A_REMOVED") == (date(2024, 1, 2), date(2024, 1, 2), False)


def test_a_status_without_a_date_lies_between_two_inventories_and_counts_for_in_flight():
    registered("A")
    put("devices", "full", DAY - timedelta(days=1), [meter("Commissioned")])
    put("devices", "delta", DAY, [meter("Decommissioned", status_from=None)])

    reconcile(DAY)

    assert since("A_REMOVED") == (DAY - timedelta(days=1), DAY, True)


def test_a_status_without_a_date_that_was_shown_long_ago_is_not_in_flight():
    registered("A", LATER)
    put("devices", "full", DAY - timedelta(days=30), [meter("Commissioned")])
    put("devices", "full", DAY - timedelta(days=20), [meter("Decommissioned", status_from=None)])
    put("devices", "full", LATER, [meter("Decommissioned", status_from=None)])

    reconcile(LATER)

    assert since("A_REMOVED") == (DAY - timedelta(days=30), DAY - timedelta(days=20), False)


def test_a_status_without_a_date_in_the_first_inventory_is_not_known_and_not_in_flight():
    registered("A")
    put("devices", "full", DAY, [meter("Decommissioned", status_from=None)])

    reconcile(DAY)

    assert since("A_REMOVED") == (LONG_AGO, DAY, False)


def test_what_was_open_before_did_not_begin_later():
    for day in (DAY, LATER):
        registered("A", day, flag_from=None)
        put("devices", "full", day, [ELSEWHERE])
        reconcile(day)

    assert since("A_NO_METER") == (None, DAY, False)


@pytest.mark.parametrize(
    "registered_meter, meters, expected",
    [
        ("00-00-00-00-00-00-00-07", [meter("Commissioned")], {"METER_DIFFERS"}),
        ("00-00-00-00-00-00-00-01", [meter("Commissioned")], set()),
        ("00-00-00-00-00-00-00-07", [meter("Commissioned"), meter("Withdrawn", number=7)], set()),
        (None, [meter("Commissioned")], set()),
    ],
)
def test_another_meter_in_registration_is_worth_a_watch(registered_meter, meters, expected):
    registered("A")
    put("devices", "full", DAY, meters)
    put("registered_meters", "delta", DAY, [{"mpxn": POINT, "device_id": registered_meter}])

    reconcile(DAY)

    assert rules() == expected


OTHER, SAME = "00-00-00-00-00-00-00-07", "00-00-00-00-00-00-00-01"


@pytest.mark.parametrize(
    "files, expected",
    [
        # The newest file that names a meter speaks; what it does not know accuses nobody.
        ([[{"device_id": SAME}], [{"device_id": OTHER}]], {"METER_DIFFERS"}),
        ([[{"device_id": OTHER}], [{"device_id": SAME}]], set()),
        ([[{"device_id": OTHER}], [{"device_id": None}]], set()),
        # One of several meters is there.
        ([[{"device_id": OTHER}, {"device_id": SAME}]], set()),
        # It has gone since, by its identifier or by its number.
        ([[{"device_id": OTHER}], [{"device_id": OTHER, "removed_on": LONG_AGO}]], set()),
        ([[{"device_id": OTHER, "meter_id": "S1"}], [{"meter_id": "S1", "removed_on": LONG_AGO}]], set()),
        ([[{"device_id": OTHER}], [{"device_id": SAME, "removed_on": LONG_AGO}]], {"METER_DIFFERS"}),
    ],
)
def test_only_the_meter_that_registration_last_named_can_differ(files, expected):
    registered("A")
    put("devices", "full", DAY, [meter("Commissioned")])
    for rows in files:
        put("registered_meters", "delta", DAY, [{"mpxn": POINT, "device_id": None} | row for row in rows])

    reconcile(DAY)

    assert rules() == expected


def test_a_meter_that_registration_saw_removed_is_not_the_one_that_it_holds():
    registered("A")
    put("devices", "full", DAY, [meter("Commissioned")])
    gone = {"mpxn": POINT, "device_id": "00-00-00-00-00-00-00-07", "removed_on": LONG_AGO}
    put("registered_meters", "delta", DAY, [gone])

    reconcile(DAY)

    assert rules() == set()


def test_a_disconnected_point_is_said_to_be_one_wherever_it_stands():
    registered("A", point_status="disconnected")
    put("devices", "full", DAY, [ELSEWHERE])
    reconcile(DAY)

    listed = queries.discrepancies(scope=EVERYTHING, filters={"point_status": "disconnected"})
    in_use = queries.discrepancies(scope=EVERYTHING, filters={"point_status": "in_use"})

    assert [(row.mpxn, row.point_status) for row in listed] == [(POINT, "disconnected")]
    assert not in_use
    page = queries.meter_point(scope=EVERYTHING, mpxn=POINT)
    assert page.trace.point_status == "disconnected"
    assert "D0350 cannot mend" in page.advice


def test_a_rejection_says_its_reason_and_what_follows_from_it():
    registered("A")
    put("devices", "full", DAY, [meter("Commissioned")])
    put("responses", "delta", DAY, [{"mpxn": POINT, "outcome": "RJ", "flag": "N", "flag_from": DAY, "reason": "23"}])

    reconcile(DAY)

    assert rules() == {"UPDATE_REJECTED"}
    found = queries.evidence(scope=EVERYTHING, mpxn=POINT)
    assert "MPAN is Disconnected (code 23)" in found.rejected_update
    assert "cannot mend" in found.next_step_after_rejection


def test_since_when_it_has_been_so_is_the_same_in_every_step_and_in_the_ledger():
    for day in (DAY, LATER):
        registered("A", day, flag_from=None)
        put("devices", "full", day, [ELSEWHERE])
        reconcile(day)

    found = queries.evidence(scope=EVERYTHING, mpxn=POINT)

    assert (found.wrong_since_earliest, found.wrong_since_latest) == (None, DAY)
    assert "It has been so since 3 Mar 2025 or earlier." in dict(found.steps)["Timing"]
    assert queries.meter_point(scope=EVERYTHING, mpxn=POINT).trace == found


def test_new_in_a_list_is_what_the_run_counts_as_new():
    for day, flags in ((DAY, {POINT: "A"}), (LATER, {POINT: "A", NEIGHBOUR: "A"})):
        rows = [{"mpxn": mpxn, "flag": flag, "flag_from": LONG_AGO, "network": "10"} for mpxn, flag in flags.items()]
        put("flags", "full", day, rows)
        put("devices", "full", day, [ELSEWHERE])
        run = reconcile(day)

        assert queries.discrepancies(scope=EVERYTHING, filters={"state": "new"}).count() == run.new == 1
        assert queries.discrepancy_list(scope=EVERYTHING, filters={"state": "new"}).total == 1
