"""The industry's words and numbers: check digits, masks, codes."""

import pytest

from reconcile.domain.vocabulary import (
    ALL_MASKS,
    DISTRIBUTORS,
    FIRST_MPAN,
    FLAG_NAMES,
    FLAGS,
    GAS_NETWORKS,
    GONE,
    LAST_MPAN,
    LDZ_NETWORK,
    LIVE,
    LONGEST_CODE,
    METER_FUEL,
    MPRN_LIMIT,
    NEVER_INSTALLED,
    PAUSED,
    POINT_STATUS_ADVICE,
    SHOWS_NAMES,
    DeviceType,
    Fuel,
    PointStatus,
    Role,
    Shows,
    Status,
    fuel_of,
    mpan_check_digit,
    mpan_is_valid,
    mprn_check_digits,
    mprn_is_valid,
    mpxn_text,
    network_named,
    parse_mpxn,
    shows,
    statuses_in,
    statuses_text,
)
from reconcile.models import Party

VALID_MPANS = ["2499999999991", "1312345678907", "1100013222946", "1000000000012", "1200000000011", "1900000000013",
               "2400000000013"]  # fmt: skip


@pytest.mark.parametrize("mpan", VALID_MPANS)
def test_mpans_with_a_right_check_digit(mpan):
    assert mpan_is_valid(mpan)
    assert mpan_check_digit(mpan[:12]) == int(mpan[12])


@pytest.mark.parametrize(
    "mpan", ["2499999999990", "1312345678111", "249999999999", "24999999999911", "249999999999x", ""]
)
def test_mpans_that_are_wrong(mpan):
    assert not mpan_is_valid(mpan)


@pytest.mark.parametrize("mpan", VALID_MPANS)
def test_no_other_last_digit_is_right(mpan):
    assert sum(mpan_is_valid(mpan[:12] + str(digit)) for digit in range(10)) == 1


@pytest.mark.parametrize("mprn", ["1000000008", "7400000108", "1234567810"])
def test_mprns_with_right_check_digits(mprn):
    assert mprn_is_valid(mprn)
    assert mprn_check_digits(mprn[:-2]) == mprn[-2:]


@pytest.mark.parametrize("mprn", ["1000000009", "7400000100", "12", "12345678901", "74000001o8", ""])
def test_mprns_that_are_wrong(mprn):
    assert not mprn_is_valid(mprn)


def test_every_mask_survives_the_round_trip():
    assert len(ALL_MASKS) == 512
    assert all(sum(status.bit for status in statuses_in(mask)) == mask for mask in ALL_MASKS)
    assert len({statuses_in(mask) for mask in ALL_MASKS}) == 512


def test_bits_are_in_the_order_of_the_inventory():
    assert [status.bit for status in Status] == [1, 2, 4, 8, 16, 32, 64, 128, 256]
    assert list(Status) == [
        "Pending", "Whitelisted", "InstalledNotCommissioned", "Commissioned", "Decommissioned", "Withdrawn",
        "Suspended", "Recovery", "Recovered",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "mask, text",
    [
        (0, ""),
        (8, "Commissioned"),
        (24, "Commissioned+Decommissioned"),
        (1 + 4 + 256, "Pending+InstalledNotCommissioned+Recovered"),
    ],
)
def test_statuses_in_words(mask, text):
    assert statuses_text(mask) == text


@pytest.mark.parametrize(
    "mask, column",
    [
        (0, Shows.NO_METER),
        (1, Shows.NOT_INSTALLED),
        (3, Shows.NOT_INSTALLED),
        (4, Shows.INSTALLED),
        (4 + 64, Shows.INSTALLED),
        (8, Shows.COMMISSIONED),
        (511, Shows.COMMISSIONED),
        (16, Shows.REMOVED),
        (32 + 1, Shows.REMOVED),
        (64, Shows.SUSPENDED),
        (128 + 16, Shows.SUSPENDED),
        (256 + 2, Shows.SUSPENDED),
    ],
)
def test_what_the_inventory_shows(mask, column):
    assert shows(statuses_in(mask)) is column


def test_everything_has_a_name():
    assert set(FLAG_NAMES) == set(FLAGS) and len(FLAGS) == 6
    assert set(SHOWS_NAMES) == set(Shows)


def test_an_mpan_has_thirteen_digits_and_an_mprn_at_most_ten():
    assert (FIRST_MPAN, LAST_MPAN) == (1_000_000_000_000, 9_999_999_999_999)
    assert MPRN_LIMIT == 10_000_000_000
    assert [mpxn_text(mpxn) for mpxn in (FIRST_MPAN, 7400000108, 7)] == ["1000000000000", "7400000108", "7"]


def test_only_electricity_and_gas_meters_are_smart_meters_and_each_has_its_fuel():
    assert METER_FUEL == {"ESME": "electricity", "GSME": "gas"}


def test_words_that_are_stored_and_exported_stay_as_they_are():
    assert [*Fuel] == ["electricity", "gas"]
    assert [*Shows] == ["no_meter", "not_installed", "installed", "commissioned", "removed", "suspended"]
    assert [*PointStatus] == ["disconnected", "terminated", "de-energised"]
    assert [*Role] == ["import", "secondary", "export"]
    assert {*DeviceType} == {"ESME", "GSME", "GPF", "CHF", "HCALCS", "PPMID", "IHD", "CAD"}


def test_every_status_of_a_point_has_its_advice_in_a_sentence():
    assert set(POINT_STATUS_ADVICE) == set(PointStatus)
    assert all(advice.endswith(".") for advice in POINT_STATUS_ADVICE.values())


def test_a_partys_code_is_as_long_as_the_ledger_keeps():
    assert Party._meta.get_field("code").max_length == LONGEST_CODE


def test_what_a_status_says_of_a_meter():
    assert {"InstalledNotCommissioned", "Commissioned"} == LIVE
    assert {"Decommissioned", "Withdrawn"} == GONE
    assert {"Suspended", "Recovery", "Recovered"} == PAUSED
    assert {"Pending", "Whitelisted"} == NEVER_INSTALLED


@pytest.mark.parametrize("mpxn, fuel", [(1000000000012, Fuel.ELECTRICITY), (7400000108, Fuel.GAS), (1, Fuel.GAS)])
def test_the_fuel_follows_from_the_number(mpxn, fuel):
    assert fuel_of(mpxn) is fuel


@pytest.mark.parametrize(
    "text, mpxn",
    [("1000000000012", 1000000000012), (" 10 0000 0000 012 ", 1000000000012), ("0007400108", 7400108), ("7", 7)],
)
def test_numbers_as_people_type_them(text, mpxn):
    assert parse_mpxn(text) == mpxn


@pytest.mark.parametrize(
    "text", ["", "abc", "12345678901", "123456789012", "00000000000000", "0000000000001", "0", "-5", "\uff11\uff12"]
)
def test_numbers_that_belong_to_no_meter_point(text):
    with pytest.raises(ValueError, match=r"\.$"):
        parse_mpxn(text)


def test_networks_of_the_vocabulary():
    assert [*DISTRIBUTORS] == [str(code) for code in range(10, 39)]
    assert all(network.code == code and len(network.mpid) == 4 for code, network in DISTRIBUTORS.items())
    assert set(GAS_NETWORKS) == {"CADENT", "NGN", "SGN", "WWU"}
    assert LDZ_NETWORK == {
        "EA": "CADENT", "EM": "CADENT", "NT": "CADENT", "NW": "CADENT", "WM": "CADENT", "NE": "NGN", "NO": "NGN",
        "SC": "SGN", "SE": "SGN", "SO": "SGN", "WN": "WWU", "WS": "WWU", "SW": "WWU",
    }  # fmt: skip


@pytest.mark.parametrize(
    "code, name, fuel",
    [
        ("12", "UK Power Networks - London", Fuel.ELECTRICITY),
        ("SGN", "SGN", Fuel.GAS),
        ("86", "Unknown network 86", Fuel.ELECTRICITY),
        ("NEWGAS", "Unknown network NEWGAS", Fuel.GAS),
        ("GAS?", "Gas network not named", Fuel.GAS),
    ],
)
def test_unknown_networks_are_named_as_such(code, name, fuel):
    network = network_named(code)

    assert (network.code, network.name, network.fuel) == (code, name, fuel)


@pytest.mark.parametrize("size, expected", [(2, False), (3, True), (10, True), (11, False)])
def test_an_mprn_has_three_to_ten_digits_even_with_right_check_digits(size, expected):
    stem = "1" * (size - 2)

    assert mprn_is_valid(stem + mprn_check_digits(stem)) is expected


def test_the_smallest_mpan_is_one_and_the_number_below_is_none():
    assert (fuel_of(10**12), fuel_of(10**12 - 1)) == (Fuel.ELECTRICITY, Fuel.GAS)
    assert parse_mpxn("1000000000000") == 10**12
    with pytest.raises(ValueError, match="cannot belong"):
        parse_mpxn("0999999999999")
