"""The oracle on cases small enough to check by eye: the choices that design.md leaves to us."""

from datetime import date, datetime

import pytest

from tests.oracle import Day, Extract, advance, lives, reconcile_market

MPAN, OTHER_MPAN, MPRN = 1000000000012, 1000000000031, 7400000108
SUNDAY, NEXT_SUNDAY = date(2026, 11, 8), date(2026, 11, 15)
OLD = date(2024, 1, 1)


def flag(mpxn, flag, flag_from=OLD, network="10"):
    return {"mpxn": mpxn, "flag": flag, "flag_from": flag_from, "network": network, "supplier": "WREN"}


def meter(mpxn, status, device="M1", kind="ESME", *, status_from=OLD, role="import"):
    return {
        "device_id": device,
        "device_type": kind,
        "status": status,
        "status_from": status_from,
        "mpxn": mpxn,
        "role": role,
    }


def day(as_of, flags, meters, updates=(), *, device_updates=(), responses=()):
    return Day(
        as_of,
        [Extract(as_of, list(flags))],
        [Extract(as_of, list(updates))] if updates else [],
        [Extract(as_of, list(meters))],
        [Extract(as_of, list(device_updates), datetime(2026, 1, 1, 6))] if device_updates else [],
        [Extract(as_of, list(responses), datetime.combine(as_of, datetime.min.time()))] if responses else [],
    )


def rules_of(*days):
    return set(reconcile_market(list(days))[-1].rows)


@pytest.mark.parametrize(
    "update, rules",
    [
        (flag(MPAN, "N", date(2025, 1, 1)), set()),
        (flag(MPAN, "N", OLD), set()),  # equal dates: the later file wins
        (flag(MPAN, "N", date(2023, 1, 1)), {(MPAN, "A_REMOVED")}),
        (flag(OTHER_MPAN, "A", date(2025, 1, 1)), {(MPAN, "A_REMOVED")}),  # not in the full extract
    ],
)
def test_updates_apply_by_effective_date(update, rules):
    assert rules_of(day(SUNDAY, [flag(MPAN, "A")], [meter(MPAN, "Decommissioned")], [update])) == rules


@pytest.mark.parametrize(
    "rows, used",
    [
        ([flag(MPAN, "A"), flag(MPAN, "N", date(2025, 1, 1))], "N"),
        ([flag(MPAN, "N", date(2025, 1, 1)), flag(MPAN, "A")], "N"),
        ([flag(MPAN, "N"), flag(MPAN, "A")], "A"),
        ([flag(MPAN, None, None), flag(MPAN, "I", None)], "I"),
    ],
)
def test_two_flags_in_one_extract(rows, used):
    found = reconcile_market([day(SUNDAY, rows, [meter(MPAN, "Suspended")])])[0].rows

    assert found[MPAN, "DUPLICATE_FLAG"][0] == used


def test_a_flag_said_twice_alike_is_no_discrepancy():
    assert rules_of(day(SUNDAY, [flag(MPAN, "A"), flag(MPAN, "A")], [meter(MPAN, "Commissioned")])) == set()


def test_a_device_update_replaces_all_rows_of_its_device():
    moved = meter(OTHER_MPAN, "Commissioned")

    assert rules_of(day(SUNDAY, [flag(MPAN, "A")], [meter(MPAN, "Commissioned")], device_updates=[moved])) == {
        (MPAN, "A_NO_METER"),
        (OTHER_MPAN, "SMI_ONLY"),
    }


def test_only_an_earlier_inventory_proves_that_a_meter_was_here():
    first = day(SUNDAY, [flag(MPAN, "A")], [meter(MPAN, "Commissioned")])
    second = day(NEXT_SUNDAY, [flag(MPAN, None, None)], [])

    assert rules_of(first, second) == {(MPAN, "NULL_REMOVED")}
    assert rules_of(second) == set()


def test_meters_of_the_other_fuel_and_networks_without_extract():
    meters = [
        meter(MPAN, "Commissioned", kind="GSME"),
        meter(2000000000000, "Commissioned", "M2"),
        meter(MPRN, "Commissioned", "M3"),
    ]

    assert rules_of(day(SUNDAY, [flag(MPAN, None, None)], meters)) == {(MPAN, "FUEL_MISMATCH")}


@pytest.mark.parametrize(
    "status_from, in_flight", [(date(2026, 11, 3), True), (date(2026, 11, 2), False), (None, False)]
)
def test_in_flight_is_within_the_grace_days_of_the_registration_date(status_from, in_flight):
    found = reconcile_market([day(SUNDAY, [flag(MPAN, "A")], [meter(MPAN, "Withdrawn", status_from=status_from)])])

    assert found[0].rows[MPAN, "A_REMOVED"] == ("A", "N", "Withdrawn", 1, in_flight, status_from)


def test_the_newest_response_counts():
    flags, meters = [flag(MPRN, "N", network="SGN")], [meter(MPRN, "Withdrawn", kind="GSME")]
    rejected, accepted = {"mpxn": MPRN, "outcome": "RJ"}, {"mpxn": MPRN, "outcome": "AC"}

    assert rules_of(day(SUNDAY, flags, meters, responses=[accepted, rejected])) == {(MPRN, "UPDATE_REJECTED")}
    assert rules_of(day(SUNDAY, flags, meters, responses=[rejected, accepted])) == set()


def test_an_extract_that_is_too_old_covers_nothing():
    first = day(date(2026, 10, 10), [flag(MPAN, "A")], [])
    second = Day(NEXT_SUNDAY, inventory=[Extract(NEXT_SUNDAY, [])])

    assert rules_of(first, second) == set()


def test_absence_is_no_evidence_but_a_meter_that_has_gone_is():
    wrong = day(SUNDAY, [flag(MPAN, "A"), flag(OTHER_MPAN, "A")], [meter(1000000000050, "Commissioned")])
    absent = day(NEXT_SUNDAY, [flag(OTHER_MPAN, None, None)], [])

    before, after = lives(reconcile_market([wrong, absent]))

    assert before == {
        (MPAN, "A_NO_METER"): "new",
        (OTHER_MPAN, "A_NO_METER"): "new",
        (1000000000050, "SMI_ONLY"): "new",
    }
    assert after == {
        (MPAN, "A_NO_METER"): "new",
        (OTHER_MPAN, "A_NO_METER"): "resolved",
        (1000000000050, "SMI_ONLY"): "resolved",
    }


def test_the_same_run_again_goes_on():
    (run,) = reconcile_market([day(SUNDAY, [flag(MPAN, "A")], [])])

    assert advance(advance({}, run), run) == {(MPAN, "A_NO_METER"): "ongoing"}
