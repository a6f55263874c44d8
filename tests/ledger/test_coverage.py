"""Install and leave: what coverage files say of meters that wait, before and after, within a scope, and as CSV."""

import csv
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone

from reconcile.domain.pasted import read_pasted
from reconcile.domain.vocabulary import mpan_check_digit
from reconcile.ledger import integrity, operations, queries, waiting
from reconcile.ledger.access import EVERYTHING, Scope
from reconcile.ledger.actors import MACHINE
from reconcile.models import Extract, Membership, Party, Run

from .market import put, reconcile

DAY = date(2025, 6, 2)
SINCE = DAY - timedelta(days=100)
INC, LIVE = "InstalledNotCommissioned", "Commissioned"
CASES = {
    # flag, statuses, postcode, answer and date after both files, answer before the newest
    "now": ("I", [INC], "AB1 2CD", ("now", None), "not_confirmed"),
    "covered before": ("", [INC], "AB1 2CE", ("now", None), "now"),
    "with a date too": ("N", [INC], "AB1 2CF", ("now", None), "no_data"),
    "from a date": ("I", [INC], "AB1 2CG", ("from_date", date(2031, 1, 2)), "no_data"),
    "by its outward part": ("I", [INC], "AB2 9ZZ", ("not_confirmed", None), "not_confirmed"),
    "no file names it": ("I", [INC], "ZE1 1AA", ("no_data", None), "no_data"),
    "registration alone knows where": ("N", [INC], "REG AB1 2CD", ("now", None), "not_confirmed"),
    "postcode not known": ("I", [INC], None, ("no_data", None), "no_data"),
    "flag A": ("A", [INC], "AB1 2CD", None, None),
    "another is commissioned": ("I", [INC, LIVE], "AB1 2CD", None, None),
    "commissioned": ("I", [LIVE], "AB1 2CD", None, None),
}
BEFORE = [("AB1 2CD", False, None), ("AB1 2CE", True, None), ("AB2", False, None)]
AFTER = [("AB1 2CD", True, None), ("AB1 2CF", True, date(2020, 1, 1)), ("AB1 2CG", False, date(2031, 1, 2))]


def mpan(place: int) -> int:
    stem = f"10{place:010}"
    return int(f"{stem}{mpan_check_digit(stem)}")


POINTS = {name: mpan(place) for place, name in enumerate(CASES, 1)}
WAITING = [name for name, case in CASES.items() if case[3]]


def told(rows: list[tuple]) -> list[dict]:
    return [{"postcode": code, "available": is_there, "anticipated": day} for code, is_there, day in rows]


@pytest.fixture
def market(db: None, lake_dir) -> None:
    flags, meters = [], []
    for place, (name, (flag, statuses, postcode, *_)) in enumerate(CASES.items()):
        mpxn = POINTS[name]
        supplier = "SUPA" if place % 2 else "SUPB"
        registered = {"mpxn": mpxn, "flag": flag or None, "flag_from": SINCE, "network": "10", "supplier": supplier}
        in_inventory = postcode if postcode and not postcode.startswith("REG ") else None
        flags.append(registered | {"postcode": postcode and postcode.removeprefix("REG ")})
        for number, status in enumerate(statuses):
            meter = {"mpxn": mpxn, "device_type": "ESME", "status": status, "status_from": SINCE, "role": "import"}
            meters.append(
                meter | {"device_id": f"00-DB-12-34-56-78-{place:02X}-{number:02X}", "postcode": in_inventory}
            )
    put("flags", "full", DAY, flags)
    put("devices", "full", DAY, meters)
    put("coverage", "delta", DAY - timedelta(days=7), told(BEFORE))
    put("coverage", "delta", DAY, told(AFTER))
    reconcile(DAY)


def test_each_point_that_waits_is_answered(market, tmp_path):
    found = queries.waiting(scope=EVERYTHING)

    rows = {row["mpxn"]: row for row in found.rows.to_pylist()}
    assert rows.keys() == {POINTS[name] for name in WAITING}
    for name in WAITING:
        row = rows[POINTS[name]]
        assert ((row["answer"], row["from_date"]), row["answer_before"]) == CASES[name][3:], name
        assert row["days_waiting"] == 100
    assert found.can_now == 3
    assert found.dated == ("AB1 2CF",)
    assert sum(one.points for one in found.suppliers) == len(WAITING)
    assert sum(one.visits_saved for one in found.suppliers) == 2
    assert sum(one.meter_days for one in found.suppliers) == 100 * len(WAITING)

    by_name = sorted(rows.values(), key=lambda row: (row["postcode"] is None, row["postcode"], -row["mpxn"]))
    listed = found.lines("postcode")
    assert [row["postcode"] for row in listed[:3]] == [row["postcode"] for row in by_name[:3]]
    assert [listed[place]["mpxn"] for place in range(len(listed))] == [row["mpxn"] for row in listed[:]]
    assert {row["mpxn"] for row in listed[2:5]} <= rows.keys() and listed[3:2] == []

    one = queries.waiting(scope=EVERYTHING, postcode="ab12cg")
    assert one.rows["mpxn"].to_pylist() == [POINTS["from a date"]]
    assert [row["anticipated"] for row in one.told] == [date(2031, 1, 2)]
    assert queries.waiting(scope=EVERYTHING, postcode="AB1").rows.num_rows == 5

    call_command("export_coverage", str(tmp_path / "out.csv"), supplier="SUPA", json=True)
    with pytest.raises(CommandError, match="There is no supplier NOBODY"):
        call_command("export_coverage", str(tmp_path / "none.csv"), supplier="NOBODY")
    with pytest.raises(CommandError, match="There is no Network Party 77"):
        call_command("export_alerts", str(tmp_path / "none.csv"), network="77")
    assert not (tmp_path / "none.csv").exists()
    heading = (tmp_path / "out.csv").read_text().splitlines()[0]
    assert heading == "mpxn,network,supplier,postcode,answer,from_date,days_waiting"
    lines = list(csv.DictReader((tmp_path / "out.csv").open()))
    assert list(lines[0]) == ["mpxn", "network", "supplier", "postcode", "answer", "from_date", "days_waiting"]
    assert {line["supplier"] for line in lines} == {"SUPA"}
    assert [int(line["mpxn"]) for line in lines] == sorted(
        mpxn for mpxn, row in rows.items() if row["supplier"] == "SUPA"
    )


def test_what_the_newest_file_opened_is_told_on_other_pages_once_it_is_worked_out(market):
    supplier = Party.objects.get(kind="supplier", code="SUPB")
    theirs = Scope(suppliers=frozenset({supplier.pk}))
    assert queries.can_now(scope=EVERYTHING) is None

    waiting.bring_up_to_date()

    assert queries.can_now(scope=EVERYTHING) == queries.CanNow(3, len(WAITING), DAY)
    opened = queries.waiting(scope=EVERYTHING, answer="opened").rows["mpxn"].to_pylist()
    assert opened == sorted(POINTS[name] for name in ("now", "with a date too", "registration alone knows where"))
    its_own = queries.can_now(scope=theirs)
    assert (its_own.points if its_own else 0) == queries.waiting(scope=theirs, answer="opened").total
    assert queries.can_now(scope=Scope()) is None


def test_the_api_gives_pages_by_number_and_one_answer_and_pages_say_what_can_be_commissioned(market, client):
    waiting.bring_up_to_date()
    user = User.objects.create_user("jo")
    Membership.objects.create(user=user, party=Party.objects.create(kind="operator", code="DCC"), role="analyst")
    client.force_login(user)
    found, address = [], "/api/coverage/?per_page=3"
    while address:
        page = client.get(address).json()
        assert (page["count"], page["can_now"]) == (len(WAITING), 3)
        found += page["results"]
        address = page["next"]

    assert [int(row["mpxn"]) for row in found] == sorted(POINTS[name] for name in WAITING)
    one = client.get("/api/coverage/?answer=from_date").json()
    assert [row["from_date"] for row in one["results"]] == ["2031-01-02"]
    for wrong in ("answer=maybe", "page=2", "after=x"):
        assert client.get(f"/api/coverage/?{wrong}").status_code == 400, wrong
    for address in ("/", "/work/"):
        assert (
            '<a href="/coverage/?answer=opened">3 Meter Points can now be commissioned</a>' in client.get(address).text
        )
    assert "3 Meter Points that wait" in client.get("/coverage/?answer=opened").text


def test_a_party_sees_its_own_alone(market):
    supplier = Party.objects.get(kind="supplier", code="SUPA")

    mine = queries.waiting(scope=Scope(suppliers=frozenset({supplier.pk})))

    assert {row["supplier"] for row in mine.rows.to_pylist()} == {"SUPA"}
    assert [one.supplier for one in mine.suppliers] == ["SUPA"]
    assert queries.waiting(scope=Scope()).rows.num_rows == 0


def test_the_answers_are_kept_beside_the_run_and_follow_what_is_loaded(market, tmp_path):
    run = Run.objects.get()
    worked_out = queries.waiting(scope=EVERYTHING).rows
    asked = read_pasted("\n".join(str(mpxn) for mpxn in POINTS.values()))
    assert "WAN" not in "".join(row.why for row in queries.look_up(scope=EVERYTHING, pasted=asked).rows)

    waiting.bring_up_to_date()

    assert [name for name in Run.objects.get().checksums if name.startswith("waiting-")]
    assert queries.waiting(scope=EVERYTHING).rows.equals(worked_out)
    why = {row.mpxn: row.why for row in queries.look_up(scope=EVERYTHING, pasted=asked).rows}
    for name, words in WHY.items():
        assert words in why[POINTS[name]], name
    assert "WAN" not in why[POINTS["commissioned"]]

    newest = Extract.objects.filter(table="coverage").order_by("as_of").last()
    marked = operations.withdraw(actor=MACHINE, extract_id=newest.pk, reason="of another month", now=timezone.now())

    assert "WAN" not in "".join(row.why for row in queries.look_up(scope=EVERYTHING, pasted=asked).rows)
    assert operations.perform(actor=MACHINE, job_id=marked.job.pk).state == "done"
    rows = {row["mpxn"]: row["answer"] for row in queries.waiting(scope=EVERYTHING).rows.to_pylist()}
    assert rows[POINTS["now"]] == "not_confirmed" and rows[POINTS["covered before"]] == "now"
    kept = [name for name in Run.objects.get().checksums if name.startswith("waiting-")]
    folder = settings.LAKE_DIR / run.snapshot
    assert [path.name for path in folder.glob("waiting-*")] == kept and len(kept) == 1
    assert not integrity.damaged([Run.objects.get()], now=timezone.now())


WHY = {
    "now": "WAN coverage is there now, so it can be commissioned",
    "from a date": "WAN coverage is still to come",
    "by its outward part": "WAN coverage cannot be confirmed",
    "flag A": "WAN coverage is there now, so it can be commissioned",
}


def test_files_that_still_speak_are_not_thinned(market):
    put("coverage", "delta", DAY, told([*BEFORE, *AFTER]))
    dates = dict(Extract.objects.filter(table="coverage").values_list("pk", "as_of"))

    # The one of the newest day that another of that day overrides says nothing any more.
    assert sorted(dates[pk] for pk in waiting.needed()) == [DAY - timedelta(days=7), DAY]
