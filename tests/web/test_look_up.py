"""Look up: a page, a CSV, an API and a command that answer each number as the Meter Point's own page would."""

import csv
import io
import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from reconcile.ledger import queries
from reconcile.ledger.access import EVERYTHING
from reconcile.models import AuditEntry
from reconcile.web import answers

from .cast import Cast
from .market import LAST_DAY, POINTS

# Numbers are looked up in the lake; what is put on record of it, test_record.py asks of PostgreSQL.
pytestmark = pytest.mark.one_database
Browse = Callable[[str], Client]
WEEK = 3
FLAG_WORDS = {"RIGHT": "yes", "WRONG": "no", "LEFT OPEN": "undetermined"}
"""What the Meter Point's page says of the flag."""
BY_STATUS = {"Commissioned": "yes", "Suspended": "unlikely", "InstalledNotCommissioned": "unlikely"}
NOBODYS = 1100013222946


def looked_up(text: str, **options: bool) -> list[dict]:
    """What the command says."""
    out = StringIO()
    with Path("/dev/null").open("rb"), pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        call_command("look_up", json=True, stdout=out, **options)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def stated(statuses: str) -> str:
    """The answer for a point of the market, from the statuses in its script."""
    found = {BY_STATUS.get(one, "no") for one in statuses.split("+")}
    return next(answer for answer in ("yes", "unlikely", "no") if answer in found)


def test_every_point_of_the_market_is_answered_in_the_order_given(cast: Cast):
    found = looked_up(" ".join(str(mpxn) for mpxn, *_ in POINTS))

    assert [row["mpxn"] for row in found] == [row["input"] for row in found] == [str(mpxn) for mpxn, *_ in POINTS]
    for row, (_, _, _, case) in zip(found, POINTS, strict=True):
        told = case.weeks[WEEK]
        assert row["can_it_answer"] == (stated(told[1]) if told else "unknown"), row
        assert row["inventory_as_of"] == LAST_DAY.isoformat()


def test_flag_and_meter_are_those_of_the_meter_points_page(cast: Cast):
    chosen = [mpxn for mpxn, _, _, _ in POINTS[:14]]

    for row in looked_up(" ".join(map(str, chosen))):
        point = queries.meter_point(scope=EVERYTHING, mpxn=int(row["mpxn"]))
        if point is None or point.trace is None:
            assert row["meter_statuses"] == ""
            continue
        assert row["flag"] == point.trace.flag
        assert row["flag_right"] == FLAG_WORDS[answers.flag(point).capitals]
        assert row["meter_statuses"] == point.trace.statuses
        assert row["device_id"] in {one.device_id for one in point.trace.devices} | {None}


def test_a_device_is_answered_by_its_own_status(cast: Cast):
    mpxn, *_ = POINTS[0]
    by_number = looked_up(str(mpxn))[0]

    by_device = looked_up(by_number["device_id"].lower().replace("-", ":"))[0]

    assert by_device["mpxn"] == str(mpxn)
    assert by_device["device_id"] == by_number["device_id"]
    assert (by_device["can_it_answer"], by_device["why"]) == (by_number["can_it_answer"], by_number["why"])


def test_the_command_says_why_of_each_that_is_no_number(cast: Cast, tmp_path: Path):
    given = tmp_path / "given.txt"
    given.write_text(f"please look at\n{POINTS[0][0]}, 1100013222947\n12345678901 and {NOBODYS}\n")
    out = StringIO()

    call_command("look_up", str(given), json=True, stdout=out)

    rows = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [row["input"] for row in rows] == [str(POINTS[0][0]), "1100013222947", "12345678901", str(NOBODYS)]
    assert [row["can_it_answer"] for row in rows[1:]] == ["unknown"] * 3
    assert "wrong check digit" in rows[1]["why"] and rows[1]["mpxn"] is None
    assert "11 digits" in rows[2]["why"]
    assert rows[3]["why"] == "neither registration nor the inventory knows this number"
    assert list(rows[0]) == [
        "input", "mpxn", "can_it_answer", "why", "flag", "flag_right", "meter_statuses", "device_id", "last_heard",
        "inventory_as_of",
    ]  # fmt: skip


def test_the_command_in_words_and_without_a_file(cast: Cast, tmp_path: Path):
    given, out = tmp_path / "given.csv", StringIO()
    given.write_bytes(f"mpan;name\r\n{POINTS[0][0]};J\u00fcrgen\r\n".encode("utf-16"))

    call_command("look_up", str(given), stdout=out)

    assert out.getvalue().startswith(f"{POINTS[0][0]}: no: the inventory says decommissioned; flag A promises more")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("look_up", str(tmp_path / "none.txt"))


def post(client: Client, text: str) -> str:
    return client.post("/look-up/", {"numbers": text}).content.decode()


def test_one_number_has_a_big_answer(browse: Browse):
    page = post(browse("network"), f"MPAN: {mine('12')}")

    assert "the inventory says commissioned" in page
    assert f"inventory of {LAST_DAY:%-d %b %Y}, " in page and "days old" in page
    assert "<table" not in page
    assert "reachable" not in page


def mine(network: str, supplier: str = "OURS") -> int:
    """A point whose meter is commissioned under A."""
    return next(m for m, n, s, case in POINTS if (n, s) == (network, supplier) and not case.rule)


def test_many_are_counted_and_nothing_is_dropped(browse: Browse):
    page = post(browse("operator"), f"{mine('12')} {mine('10')} {mine('12')} 1100013222947 SW1A {NOBODYS} or so")

    assert (
        "6 pasted · 4 numbers · 1 of them given again · 1 wrong check digit · 1 neither a Meter Point number nor"
        in page
    )
    assert page.count("<tr>") == 1 + 6
    assert '<span class="amount">3</span> live' in page and '<span class="amount">1</span> unknown' in page
    assert "There is no number in it" in post(browse("operator"), "words alone")


def test_more_than_are_answered_at_once_are_said(browse: Browse):
    page = post(browse("network"), " ".join(["1100013222946"] * 5_002))

    assert "5,002 pasted" in page and "2 beyond the 5,000 that are answered at once" in page
    assert page.count('<tr><th scope="row">') == 5_000


@pytest.mark.parametrize(
    ("part", "known"),
    [("supplier", ["12", "10"]), ("network", ["12"]), ("operator", ["12", "10"]), ("rival", [])],
)
def test_the_numbers_of_others_are_answered_like_nobodys(browse: Browse, cast: Cast, part: str, known: list[str]):
    asked = {network: mine(network) for network in ("12", "10")}

    answer = browse(part).get("/api/look-up/", {"q": f"{asked['12']} {asked['10']} {NOBODYS}"}).json()

    rows = {row["input"]: row for row in answer["results"]}
    nobodys = rows.pop(str(NOBODYS))
    for network, mpxn in asked.items():
        row = rows[str(mpxn)]
        assert (row["can_it_answer"] == "yes") == (network in known)
        if network not in known:
            assert row | {"input": "", "mpxn": ""} == nobodys | {"input": "", "mpxn": ""}
    if part != "operator":
        assert nobodys["why"].startswith("not among the Meter Points that you may see")


def test_a_device_of_others_is_answered_like_nobodys(browse: Browse, cast: Cast):
    device = looked_up(str(mine("10")))[0]["device_id"]

    seen, hidden = (
        browse(part).get("/api/look-up/", {"q": device}).json()["results"][0] for part in ("operator", "network")
    )

    assert (seen["can_it_answer"], hidden["can_it_answer"]) == ("yes", "unknown")
    assert hidden["mpxn"] is None and hidden["device_id"] is None


def test_the_api_takes_many_and_puts_them_on_record(browse: Browse):
    client = browse("supplier")

    answer = client.post("/api/look-up/", {"numbers": f"{mine('12')}\n{NOBODYS}"}, content_type="application/json")

    assert [row["can_it_answer"] for row in answer.json()["results"]] == ["yes", "unknown"]
    assert AuditEntry.objects.get().rows == 2
    assert client.post("/api/look-up/", {}, content_type="application/json").status_code == 400
    assert client.get("/api/look-up/?number=1").status_code == 400


def test_the_csv_says_what_the_page_says(browse: Browse):
    answer = browse("supplier").post("/look-up/csv/", {"numbers": f"{mine('12')} =1+cmd|2"})

    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [row["can_it_answer"] for row in rows] == ["yes", *["unknown"] * (len(rows) - 1)]
    assert rows[0]["supplier"] == "OURS"
    assert not any(value.startswith(("=", "+")) for row in rows for value in row.values())


def test_the_search_sends_a_list_and_a_device_to_the_look_up(browse: Browse):
    client = browse("supplier")

    for asked in (f"{mine('12')}, {mine('10')}", "00-DB-12-34-56-78-90-A0"):
        answer = client.get("/points/", {"q": asked})
        assert answer.status_code == 302 and answer["Location"].startswith("/look-up/?q=")
    assert client.get("/points/", {"q": f"MPAN {mine('12')},"})["Location"] == f"/points/{mine('12')}/"
    wrong = client.get("/points/", {"q": "1100013222947"})
    assert wrong.status_code == 400 and "Wrong check digit: the last digit of this MPAN" in wrong.content.decode()


def test_before_any_run_there_is_no_answer(db: None, lake_dir: Path):
    with pytest.raises(CommandError, match="Nothing has been reconciled yet"):
        looked_up("1100013222946")
