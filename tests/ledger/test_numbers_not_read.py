"""A line whose number cannot be read accuses no Meter Point that it may be about, and the run says so."""

from datetime import UTC, date, datetime
from itertools import count, islice

import pytest

from reconcile.domain.vocabulary import mprn_is_valid
from reconcile.ledger import guards, loading, population, queries
from reconcile.ledger.access import EVERYTHING
from reconcile.ledger.actors import MACHINE
from reconcile.ledger.guards import Approval, Held
from reconcile.ledger.work import run_report
from reconcile.models import Discrepancy, Extract

from .market import reconcile

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
DAY = date(2025, 3, 3)
POINT, NEIGHBOUR, ELSEWHERE = 1000000000012, 1000000000021, 1200000000011
NOW = datetime(2025, 3, 4, tzinfo=UTC)
REGISTRATION = "mpan,dcc_service_flag,dcc_service_flag_efd,supplier"
INVENTORY = "DeviceID,DeviceType,DeviceStatus,StatusDate,ImportMPxN"
DEVICE = "00-DB-12-34-56-78-90-{:02X},ESME,Commissioned,2021-01-01,{}"
HEADER, TRAILER = "ZHV|F1|D0350001|Z|DCCO|P||20250303020000||||OPER|\n81H|6|\n", "ZPT|F1|3||1|20250303020000|\n"


@pytest.fixture
def load(tmp_path, monkeypatch):
    # What is counted for causes, once a run is published, finds nothing.
    monkeypatch.setattr(population, "count", lambda *_: None)

    def one(name: str, text: str, day: date = DAY, *, yes: bool = False) -> Extract:
        path = tmp_path / name
        path.write_text(text)
        request = loading.Request(path=path, name=name, kind=None, as_of=day, coverage=None)
        approval = Approval(every=yes)
        report = loading.load(request=request, by=MACHINE, now=NOW, approval=approval, report=lambda *_: None)
        return Extract.objects.get(pk=report["extract"])

    return one


def registration(*lines: str) -> str:
    return "\n".join([REGISTRATION, *lines, ""])


def inventory(*numbers: object) -> str:
    return "\n".join([INVENTORY, *(DEVICE.format(at, number) for at, number in enumerate(numbers, 1)), ""])


def found() -> set[tuple[int, str]]:
    return set(Discrepancy.objects.filter(resolved_on=None).values_list("mpxn", "rule"))


FINE = [f"{mpan},A,2021-01-01,SUPP" for mpan in (NEIGHBOUR, ELSEWHERE)]
UNREAD = {
    "rounded by a spreadsheet": "1.000E+12",
    "two digits missing": "10000000000",
    "the first digit missing": "000000000012",
    "wrong check digit": "1000000000013",
    "two digits the wrong way round": "0100000000012",
    "a digit too many": "10000000000112",
    "a letter for a digit": "100000O000012",
}
NAMELESS = {"rounded to nothing": "1.0E+12", "three digits": "100", "no number": "see letter", "too narrow": "########"}


@pytest.mark.parametrize("text", UNREAD.values(), ids=UNREAD)
def test_a_line_of_registration_that_may_be_the_points_is_not_missing(load, text):
    load("registration.csv", registration(*FINE, f"{text},A,2021-01-01,SUPP", FINE[0]))
    load("smi.csv", inventory(POINT, NEIGHBOUR, ELSEWHERE))

    run = reconcile(DAY)

    assert found() == set()
    assert "lines whose Meter Point could not be read" in run_report(run)["warnings"][0]


def test_a_network_that_the_lines_cannot_be_of_is_judged_as_ever(load):
    load("registration.csv", registration(*FINE, "1000000000013,A,2021-01-01,SUPP", FINE[0]))
    load("smi.csv", inventory(NEIGHBOUR, ELSEWHERE, 1200000000020))

    reconcile(DAY)

    assert found() == {(1200000000020, "SMI_ONLY")}


@pytest.mark.parametrize("text", UNREAD.values(), ids=UNREAD)
def test_a_device_that_may_be_the_points_is_not_missing(load, text):
    load("registration.csv", registration(f"{POINT},A,2021-01-01,SUPP", *FINE))
    load("smi.csv", inventory(text, NEIGHBOUR, ELSEWHERE))

    run = reconcile(DAY)

    assert found() == set()
    assert len(run_report(run)["warnings"]) == 1
    evidence = queries.evidence(scope=EVERYTHING, mpxn=POINT)
    assert evidence.meter_unread and "may be about" in dict(evidence.steps)["Inventory"]


@pytest.mark.parametrize("text", [*NAMELESS.values(), ""])
def test_a_line_of_registration_that_names_nobody_may_be_any_points(load, text):
    extract = load("registration.csv", registration(*FINE, f"{text},A,2021-01-01,SUPP", FINE[0]))
    load("smi.csv", inventory(POINT, NEIGHBOUR, ELSEWHERE))

    run = reconcile(DAY)

    assert (extract.rejects, found()) == (1, set())
    assert "1 lines that name no Meter Point that can be read" in " ".join(run_report(run)["warnings"])


@pytest.mark.parametrize("text", NAMELESS.values(), ids=NAMELESS)
def test_a_device_whose_point_nobody_can_read_may_be_at_any(load, text):
    load("registration.csv", registration(f"{POINT},A,2021-01-01,SUPP", *FINE))
    load("smi.csv", inventory(NEIGHBOUR, text, ELSEWHERE))

    reconcile(DAY)

    assert found() == set()


def test_in_a_file_of_a_whole_market_it_is_held(load, monkeypatch):
    monkeypatch.setattr(guards, "NAMELESS_FLOOR", 2)

    load("few.csv", inventory(NEIGHBOUR, "see letter", ELSEWHERE))
    with pytest.raises(Held) as held:
        load("smi.csv", inventory(NEIGHBOUR, "see letter", ELSEWHERE, POINT))

    assert [(guard.guard, guard.figure) for guard in held.value.guards] == [("unreadable numbers", 1)]


@pytest.mark.parametrize("floor", [2, 100_000])
def test_let_pass_it_is_about_no_point_and_the_run_says_so(load, monkeypatch, floor):
    monkeypatch.setattr(guards, "NAMELESS_FLOOR", floor)
    load("registration.csv", registration(f"{POINT},A,2021-01-01,SUPP", *FINE))
    load("smi.csv", inventory("see letter", NEIGHBOUR, ELSEWHERE), yes=True)

    run = reconcile(DAY)

    assert found() == {(POINT, "A_NO_METER")}
    (warning,) = run_report(run)["warnings"]
    assert "1 lines that name no Meter Point, and that were let pass as about none" in warning


def test_a_device_without_a_point_and_one_that_is_no_meter_hold_nothing(load):
    others = inventory("", NEIGHBOUR, ELSEWHERE) + DEVICE.format(9, "see letter").replace("ESME", "CHF") + "\n"
    load("registration.csv", registration(f"{POINT},A,2021-01-01,SUPP", *FINE))

    extract = load("smi.csv", others)
    reconcile(DAY)

    assert (extract.rows, extract.rejects, found()) == (3, 1, {(POINT, "A_NO_METER")})


def test_other_points_are_still_found_where_the_number_says_enough(load):
    load("registration.csv", registration(*(f"{mpan},A,2021-01-01,SUPP" for mpan in (POINT, NEIGHBOUR, ELSEWHERE))))
    load("smi.csv", inventory("1000000000013", NEIGHBOUR))

    reconcile(DAY)

    assert found() == {(ELSEWHERE, "A_NO_METER")}


def test_a_firm_rule_stands_whatever_an_unread_line_says(load):
    load("registration.csv", registration(f"{POINT},N,2021-01-01,SUPP", *FINE))
    load("smi.csv", inventory(POINT, "1000000000013", NEIGHBOUR, ELSEWHERE))

    reconcile(DAY)

    assert found() == {(POINT, "N_COMMISSIONED")}


def test_what_was_open_is_not_resolved_by_a_line_that_nobody_can_read(load):
    load("registration.csv", registration(f"{POINT},A,2021-01-01,SUPP", *FINE))
    load("smi.csv", inventory(NEIGHBOUR, ELSEWHERE))
    reconcile(DAY)
    load("smi2.csv", inventory("1000000000013", NEIGHBOUR, ELSEWHERE))

    run = reconcile(DAY)

    assert (run.resolved, run.absent, found()) == (0, 1, {(POINT, "A_NO_METER")})


@pytest.mark.parametrize("text", ["1000000000013", "1000000000012"])
def test_an_update_whose_number_cannot_be_read_may_have_mended_the_flag(load, text):
    load("registration.csv", registration(f"{POINT},A,2021-01-01,SUPP", *FINE))
    load("smi.csv", inventory(NEIGHBOUR, ELSEWHERE))
    load("d0350.usr", f"{HEADER}82H|1|DC01|{text}|N|20250301|SUPP|\n82H|2|DC01|{ELSEWHERE}|A|20210101|SUPP|\n{TRAILER}")

    reconcile(DAY)

    assert found() == set()


def test_a_file_that_ends_within_a_line_may_have_held_any_point(load):
    whole = registration(*FINE, f"{POINT},A,2021-01-01,SUPP")
    cut = load("registration.csv", whole[: whole.index(str(POINT)) + 5])
    load("smi.csv", inventory(POINT, NEIGHBOUR, ELSEWHERE))

    reconcile(DAY)

    assert found() == set()
    assert "The file ends within a line" in " ".join(cut.report["warnings"])


def test_lines_without_any_value_hold_nothing(load):
    extract = load("registration.csv", registration(*FINE, ",,,", ' , ,"",'))
    load("smi.csv", inventory(POINT, NEIGHBOUR, ELSEWHERE))

    reconcile(DAY)

    assert (extract.rows, found()) == (2, {(POINT, "SMI_ONLY")})


def test_an_inventory_without_a_column_of_points_that_the_last_one_had_is_held(load):
    two = f"{INVENTORY},ExportMPAN\n{DEVICE.format(1, NEIGHBOUR)},{POINT}\n"
    load("smi.csv", two)

    with pytest.raises(Held, match="The last inventory had a column of ExportMPAN"):
        load("smi2.csv", inventory(NEIGHBOUR), date(2025, 3, 4))


GAS = [7370000009, 7370000110, 7370000200, *islice(filter(mprn_is_valid, map(str, count(7370000201))), 3)]
WRONG, SHORT = 7370000201, 737001


def gas(*points: int) -> str:
    return "\n".join(["mprn,dcc_service_flag,ldz", *(f"{point},A,WM" for point in points), ""])


def gas_meters(*points: int) -> str:
    return inventory(*points).replace("ESME", "GSME")


def test_an_mprn_with_wrong_check_digits_among_right_ones_is_misread(load):
    load("gas.csv", gas(*GAS, WRONG))
    load("smi.csv", gas_meters(*GAS))

    reconcile(DAY)

    assert found() == set()


def test_a_gas_meter_may_be_at_the_point_that_its_mprn_could_be(load):
    load("gas.csv", gas(*GAS))
    load("smi.csv", gas_meters(GAS[0], WRONG, GAS[0], *GAS[3:]))

    reconcile(DAY)

    assert found() == {(GAS[1], "A_NO_METER"), (GAS[0], "MANY_METERS")}


def test_a_gas_meter_whose_mprn_has_too_few_digits_to_tell_may_be_at_any(load):
    load("gas.csv", gas(*GAS))
    load("smi.csv", gas_meters(SHORT, *GAS[1:]))

    reconcile(DAY)

    assert found() == set()


def test_an_electricity_meter_at_an_mprn_is_a_finding(load):
    load("registration.csv", registration(f"{POINT},A,2021-01-01,SUPP", *FINE))
    load("gas.csv", gas(WRONG))
    load("smi.csv", inventory(NEIGHBOUR, ELSEWHERE, WRONG))

    reconcile(DAY)

    assert found() == {(POINT, "A_NO_METER"), (WRONG, "A_NO_METER"), (WRONG, "FUEL_MISMATCH")}


def test_where_few_mprns_follow_the_rule_of_check_digits_it_proves_nothing(load):
    load("gas.csv", gas(*GAS[:2], WRONG))
    load("smi.csv", gas_meters(*GAS[:2]))

    reconcile(DAY)

    assert found() == {(WRONG, "A_NO_METER")}
