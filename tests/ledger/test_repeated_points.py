"""A point that one file names twice: the order of lines decides nothing, and what contradicts itself is said."""

from datetime import UTC, date, datetime

import pytest

from reconcile.ledger import loading, queries
from reconcile.ledger.access import EVERYTHING
from reconcile.ledger.actors import MACHINE
from reconcile.ledger.guards import Approval
from reconcile.models import Discrepancy, Extract

from .market import put, reconcile

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
DAY = date(2025, 3, 3)
NOW = datetime(2025, 3, 10, tzinfo=UTC)
POINT, OTHER, GAS = 1000000000012, 1000000000021, 7570353304


@pytest.fixture
def load(tmp_path):
    def one(name: str, text: str, as_of: date | None = None) -> Extract:
        path = tmp_path / name
        path.write_text(text)
        request = loading.Request(
            path=path, name=name, kind=None, as_of=as_of, coverage="full" if "d0204" in name else None
        )
        report = loading.load(request=request, by=MACHINE, now=NOW, approval=Approval(), report=lambda *_: None)
        return Extract.objects.get(pk=report["extract"])

    return one


def meters() -> None:
    meter = {"device_id": "00-00-00-00-00-00-00-09", "device_type": "ESME", "status": "Pending"}
    put("devices", "full", DAY, [meter])


def user_file(flow: str, *lines: str, made: str = "20250303020000") -> str:
    return "\n".join([f"ZHV|F1|{flow}|P|EELC|X|TERN|{made}||||OPER|", *lines, f"ZPT|F1|{len(lines)}||1|{made}|", ""])


LINES = (f"{POINT},A,2021-01-01,SWAN,", f"{POINT},A,2021-01-01,ROOK,", f"{POINT},A,2021-01-01,WREN,disconnected")
HEAD = "mpan,dcc_service_flag,dcc_service_flag_efd,supplier,rmp_state\n"


@pytest.mark.parametrize("lines", [LINES, LINES[::-1], (*LINES[1:], LINES[0])])
def test_which_supplier_a_point_has_does_not_depend_on_the_order_of_lines(load, lines):
    loaded = load("registration_2025-03-03.csv", HEAD + "\n".join(lines))
    meters()

    reconcile(DAY)

    assert Discrepancy.objects.get().supplier.code == "ROOK"
    assert any(words.startswith("1 Meter Points stand in several lines") for words in loaded.report["warnings"])


@pytest.mark.parametrize("networks", [("NGN", "CADENT"), ("CADENT", "NGN")])
def test_which_network_a_point_is_of_does_not_either(load, networks):
    lines = "".join(f"{GAS},A,2021-01-01,SWAN,{network}\n" for network in networks)
    heading = "mprn,dcc_service_flag,dcc_service_flag_efd,supplier,network_name"
    loaded = load("registration_2025-03-03.csv", f"{heading}\n{lines}")
    meters()

    reconcile(DAY)

    assert Discrepancy.objects.get().network.code == "CADENT"
    assert any("different suppliers or networks" in words for words in loaded.report["warnings"])


REFRESH = (
    "751|1|",
    "763|1|MP14|",
    f"440|{POINT}|",
    "90H|A|20250301|",
    "90H|N|20250301|",
    f"440|{OTHER}|",
    "90H||20210101|",
)


@pytest.mark.parametrize("lines", [REFRESH, (*REFRESH[:3], REFRESH[4], REFRESH[3], *REFRESH[5:])])
def test_two_flags_of_one_day_in_a_refresh_are_a_duplicate(load, lines):
    load("d0204.usr", user_file("D0204002", *lines))
    meters()

    reconcile(DAY)

    found = queries.evidence(scope=EVERYTHING, mpxn=POINT)
    assert "DUPLICATE_FLAG" in found.rules
    assert (found.flag, found.other_flags) == ("A", ["A, N"])
    assert queries.evidence(scope=EVERYTHING, mpxn=OTHER).rules == []


@pytest.mark.parametrize("as_of, flag", [(None, "A"), (date(2025, 3, 6), "N")])
def test_the_day_that_a_person_gives_decides_which_flag_of_a_refresh_is_in_force(load, as_of, flag):
    lines = ("751|1|", "763|1|MP14|", f"440|{POINT}|", "90H|A|20210101|", "90H|N|20250305|")
    load("d0204.usr", user_file("D0204002", *lines), as_of)
    meters()

    reconcile(as_of or DAY)

    assert queries.evidence(scope=EVERYTHING, mpxn=POINT).flag == flag


def change(energisation: str, since: str = "", *, flag: str = "", flag_from: str = "") -> str:
    items = [""] * 32
    items[0], items[2], items[5], items[6], items[29], items[30] = "1", str(POINT), energisation, since, flag, flag_from
    return f"480|{'|'.join(items)}|"


@pytest.mark.parametrize(
    "changes, status",
    [
        ([change("D")], "de-energised"),
        ([change("D", "20250201")], "de-energised"),
        ([change("D", "20250401")], None),
        ([change("D"), change("E")], None),
        ([change("D"), change("")], "de-energised"),
        ([change("E"), change("D", flag="A", flag_from="20200101")], "de-energised"),
    ],
)
def test_a_change_that_is_silent_on_the_flag_says_whether_a_point_is_energised(load, changes, status):
    load("registration_2025-03-03.csv", f"{HEAD}{POINT},A,2021-01-01,SWAN,")
    meters()
    for hour, line in enumerate(changes):
        made = f"202503040{hour}0000"
        load(f"d0213_{hour}.usr", user_file("D0213002", "753|1|", line, made=made))

    reconcile(date(2025, 3, 4))

    found = queries.evidence(scope=EVERYTHING, mpxn=POINT)
    assert (found.flag, found.point_status) == ("A", status)
