"""Identifiers, flags and dates: the SQL agrees with the domain functions."""

import re
from datetime import date

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reconcile.domain import vocabulary
from reconcile.feeds.values import dates, devices, flags, networks, numbers, texts

VALID = [2499999999991, 1312345678907, 1100013222946, 1000000000012, 1200000000011, 1900000000013, 2400000000013]
CON = duckdb.connect()


def value(expression: str, *given: str | None):
    """One SQL expression over the column `given`, a value, and `number`, what is read of it, for each text."""
    CON.execute("CREATE OR REPLACE TEMP TABLE texts (place INTEGER, t VARCHAR)")
    CON.executemany("INSERT INTO texts VALUES (?, ?)", list(enumerate(given)))
    values = f"SELECT place, {texts.value('t')} AS given FROM texts"
    read = f"SELECT place, given, {MPXN} AS number FROM ({values})"
    return [found for (found,) in CON.execute(f"SELECT {expression} FROM ({read}) ORDER BY place").fetchall()]


GIVEN = "given"
MPXN = numbers.number(GIVEN)


@pytest.mark.parametrize("mpan", VALID)
def test_a_valid_mpan_passes(mpan):
    assert value(numbers.is_mpan("number"), str(mpan)) == [True]
    assert vocabulary.mpan_is_valid(str(mpan))


@pytest.mark.parametrize("mpan", ["2499999999990", "1312345678111", "0123456789012"])
def test_an_invalid_mpan_fails(mpan):
    assert value(f"{numbers.is_mpan('number')} IS TRUE", mpan) == [False]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(10**12, 10**13 - 1), min_size=1, max_size=60))
def test_the_check_digit_in_sql_is_the_domains(mpans):
    texts = [str(mpan) for mpan in mpans]
    texts += [text[:12] + str(vocabulary.mpan_check_digit(text[:12])) for text in texts]

    found = value(numbers.is_mpan("number"), *texts)

    assert found == [vocabulary.mpan_is_valid(text) for text in texts]


ODD = [
    "1e12",
    "0x1F",
    "1_000",
    "+5",
    "-5",
    "1.0",
    "1,000",
    "",
    "abc",
    "\uff11\uff12",
    "12345678901",
    "0123456789012",
    "1e00000000012",
]


@pytest.mark.parametrize("text", ODD)
def test_what_duckdb_would_cast_is_not_always_a_number(text):
    assert value(f"{numbers.is_mpxn('number')} IS TRUE", text) == [False]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.text("0123456789eE+-._x ", max_size=15), min_size=1, max_size=40))
def test_a_text_is_a_meter_point_where_the_domain_says_so(texts):
    def is_point(text: str) -> bool:
        bare = text.strip(" ")
        try:
            number = vocabulary.parse_mpxn(bare) if " " not in bare else 0
        except ValueError:
            return False
        return 0 < number < 10**10 or vocabulary.mpan_is_valid(bare)

    assert value(f"{numbers.is_mpxn('number')} IS TRUE", *texts) == [is_point(text) for text in texts]


def test_leading_zeros_and_blanks_belong_to_an_mprn():
    assert value(MPXN, "0003938424", " 12 ", "1") == [3938424, 12, 1]


DAYS = {
    "20240229": date(2024, 2, 29),
    " 20240229 ": date(2024, 2, 29),
    "2024-02-29": date(2024, 2, 29),
    "29/02/2024": date(2024, 2, 29),
    "2025-12-28Z": date(2025, 12, 28),
    "2025-12-28+01:00": date(2025, 12, 28),
    "2025-12-28T23:59:59.5+01:00": date(2025, 12, 28),
    "2025-12-28 00:00:00": date(2025, 12, 28),
    "2024-06-30T23:30:00Z": date(2024, 7, 1),
    "2024-1-1": date(2024, 1, 1),
    "2024/02/29": date(2024, 2, 29),
    "4/3/2026": date(2026, 3, 4),
    "04-03-2026": date(2026, 3, 4),
    "04.03.2026": date(2026, 3, 4),
    "04/03/2026 10:15": date(2026, 3, 4),
    "14-Nov-2026": date(2026, 11, 14),
    "14-NOV-26": date(2026, 11, 14),
    "14 november 2026": date(2026, 11, 14),
    "November 14, 2026": date(2026, 11, 14),
    "14NOV2026": date(2026, 11, 14),
    "20240131120000": date(2024, 1, 31),
    "45292": date(2024, 1, 1),
    "45292.5": date(2024, 1, 1),
}
NO_DAYS = [
    "20240231",
    "2023-02-29",
    "31/04/2024",
    "14/11/26",
    "2024-13-1",
    "epoch",
    "infinity",
    "2024013",
    "x",
    "",
    "12/31/2024",
]


@pytest.mark.parametrize("text, day", DAYS.items())
def test_a_date_is_read_in_each_form(text, day):
    assert value(dates.day(GIVEN), text) == [day]


@pytest.mark.parametrize("text", NO_DAYS)
def test_what_is_no_date_is_none(text):
    assert value(dates.day(GIVEN), text) == [None]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.dates(date(1000, 1, 1), date(9999, 12, 31)), min_size=1, max_size=40))
def test_every_day_survives_every_form(days):
    for form in ("%Y%m%d", "%Y-%m-%d", "%d/%m/%Y"):
        assert value(dates.day(GIVEN), *[day.strftime(form) for day in days]) == days


@pytest.mark.parametrize(
    "text, flag",
    [("A", "A"), ("a", "A"), (" n ", "N"), ("", None), (" ", None), ("NULL", None), ("null", None), (None, None)],
)
def test_a_flag_is_trimmed_and_of_any_case(text, flag):
    assert value(flags.flag(GIVEN), text) == [flag]


@pytest.mark.parametrize(
    "text, wrong",
    [("T", True), ("true", True), (" Q", True), ("a ", False), ("S", False), ("null ", False), (None, False)],
)
def test_an_unknown_flag_is_told_from_none(text, wrong):
    is_wrong, _ = flags.no_flag(GIVEN, flags.flag(GIVEN))
    assert value(f"{is_wrong} IS TRUE", text) == [wrong]


NETWORKS = {
    "EA": "CADENT",
    "wn": "WWU",
    "Northern Gas Networks": "NGN",
    "SGN": "SGN",
    " Wales & West Utilities ": "WWU",
    "Somebody's pipes": "SOMEBODY'S PIPES",
    "": "GAS?",
    "NULL": "GAS?",
    "null ": "GAS?",
    "x" * 60: "X" * 40,
}


@pytest.mark.parametrize("text, code", NETWORKS.items())
def test_a_gas_network_is_known_by_name_and_by_ldz(text, code):
    assert value(networks.network("CAST(1000000008 AS BIGINT)", GIVEN), text) == [code]


def test_the_network_of_an_mpan_is_in_its_number():
    assert value(networks.network("CAST(2499999999991 AS BIGINT)", GIVEN), "EA") == ["24"]


EUI_64 = re.compile("(0[xX])?[0-9A-Fa-f]{2}([-: .\u2013]?[0-9A-Fa-f]{2}){7}")


@given(st.one_of(st.from_regex(EUI_64, fullmatch=True), st.text("0123456789abcXF-_ +.", min_size=20, max_size=24)))
@settings(max_examples=300, deadline=None)
@example("00-DB-12-34-56-78-90-A_")
@example("00-DB-12-34-56-78-90-A ")
@example("0--DB-12-34-56-78-90-A0")
@example("00-DB-12-34-56-78-90--0")
@example("+0-DB-12-34-56-78-90-A0")
@example("FF-FF-FF-FF-FF-FF-FF-FF")
def test_a_device_identifier_is_the_number_that_its_digits_write(text):
    """Against a naive reading; only blanks around it are overlooked."""
    plain = text.strip(" ")
    digits = re.sub("^0[xX]|[^0-9A-Fa-f]", "", plain)
    expected = int(digits, 16) if EUI_64.fullmatch(plain) else None

    assert value(devices.device_number(GIVEN), text) == [expected]
    if expected is not None:
        assert devices.eui_64_text(expected).replace("-", "") == digits.upper()


SPELLINGS = {
    "20 1234 5678 906": 2012345678906,
    "10-12345678903": 1012345678903,
    "10\u201312345678903": 1012345678903,
    "2,312,345,678,900": 2312345678900,
    "2312345678900.0": 2312345678900,
    "S 2400000000013": 2400000000013,
    "01 801 100 1112345678908": 1112345678908,
    "018011001112345678908": 1112345678908,
    "S 01 801 1A0 11 1234 5678 908": 1112345678908,
    "1234567810.00": 1234567810,
    "74 0000 0108": 7400000108,
    '="1112345678908"': 1112345678908,
    "'1312345678907": 1312345678907,
    '"2499999999991"': 2499999999991,
    "1511111111112\u00a0": 1511111111112,
    "2.31235E+12": None,
    "01012345678903": None,
    "2024-01-01": None,
    "1,000": None,
    "12-34": None,
}


@pytest.mark.parametrize("text, number", SPELLINGS.items())
def test_a_number_is_read_in_each_spelling_that_can_mean_one_only(text, number):
    assert value("number", text) == [number]


@pytest.mark.parametrize("text", texts.NONE)
@pytest.mark.parametrize("spelt", [str, str.lower, str.title, " {} ".format, '="{}"'.format])
def test_each_spelling_of_none_is_none(text, spelt):
    assert value("given", spelt(text)) == [texts.value_of(spelt(text))] == [None]


@pytest.mark.parametrize(
    "text, flag",
    [
        ("Active", "A"),
        ("non-active", "N"),
        ("NON ACTIVE", "N"),
        ("Installed_Not_Commissioned", "I"),
        ("A - Active", "A"),
        ("N (Non-Active)", "N"),
        ("Suspended", "S"),
        ("Withdrawn", "W"),
        ("Inactive", None),
        ("A - Non-Active", None),
    ],
)
def test_a_flag_is_read_in_words(text, flag):
    assert value(flags.flag(GIVEN), text) == [flag]


@pytest.mark.parametrize("text", ["Y", "yes", "1", "true", "no", "0", "FALSE"])
def test_an_answer_to_another_question_is_no_flag_and_says_so(text):
    is_wrong, why = flags.no_flag(GIVEN, f"({flags.flag(GIVEN)})")
    assert value(is_wrong, text) == [True]
    assert "ask for the flag itself" in value(why, text)[0]


@pytest.mark.parametrize(
    "ldz, name, code",
    [
        ("NT", "National Grid Gas", "CADENT"),
        ("SC", "Cadent", "SGN"),
        (None, "Scotland Gas Networks", "SGN"),
        (None, "Cadent Gas Limited", "CADENT"),
        (None, "Southern Gas Networks plc", "SGN"),
        (None, "Wales and West Utilities Ltd", "WWU"),
        (None, "Northern Gas Networks", "NGN"),
        ("XX", "SGN", "SGN"),
        ("XX", None, "XX"),
        (None, None, "GAS?"),
    ],
)
def test_the_ldz_tells_a_gas_network_before_a_name(ldz, name, code):
    network = networks.network("CAST(1000000008 AS BIGINT)", literal(name), literal(ldz))
    assert value(network, "x") == [code]


def literal(text):
    return "NULL::VARCHAR" if text is None else f"'{text}'"


def test_days_that_stand_for_none_or_are_yet_to_come_are_none_and_counted():
    days = ["2026-11-10", "0001-01-01T00:00:00", "9999-12-31", "2099-01-01", "31/02/2024", ""]
    CON.execute("CREATE OR REPLACE TABLE days (given VARCHAR)")
    CON.executemany("INSERT INTO days VALUES (?)", [(day or None,) for day in days])
    latest = date(2026, 11, 20)
    known, why = dates.known("day", latest), dates.dropped("given", "day", latest)

    found = CON.execute(f"SELECT {known}, {why} FROM (SELECT given, {dates.day('given')} AS day FROM days)").fetchall()

    stand_in = "a stand-in for no date"
    assert [day for day, _ in found] == [date(2026, 11, 10)] + [None] * 5
    assert [why for _, why in found] == [None, stand_in, stand_in, "later than the file's day", "not a date", None]
