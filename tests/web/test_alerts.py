"""The queue of alerts on pages, by the API and as CSV: a network's own, in the order of urgency, and nobody else's."""

import csv
import html
import io
import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client

from reconcile.domain.triage import NotOpen
from reconcile.ledger import operations, queries
from reconcile.ledger.actors import actor_for
from reconcile.models import Alert, AlertLine, AlertMeaning, Discrepancy, Membership
from tests.alerts.lines import NOW, make_alert, make_line

from .cast import Cast

HEADINGS = [
    *("time", "code", "meaning", "device_id", "mpxn", "network", "verdict", "verdict_then", "why", "storm"),
    "outcome",
]


@pytest.fixture
def queue(cast: Cast) -> dict[str, int]:
    """Of London an outage that waits, a restored ghost at a Meter Point that is wrong, a storm; one of Eastern's."""
    ghost = Discrepancy.objects.filter(network=cast.london, supplier=cast.ours, rule="A_REMOVED").first()
    made = {
        "waits": make_line(cast.london, 1, mpxn=1200000000011, first_at=NOW),
        "ghost": make_line(cast.london, 2, mpxn=ghost.mpxn, triaged="ghost", answer="no", waiting=False,
                           first_at=NOW - timedelta(days=2), why="Ghost: the inventory says decommissioned"),
        "storm": make_line(cast.london, 3, kind="area", label="SW", points=5, alerts=5, why="5 Meter Points: 5 act",
                           first_at=NOW + timedelta(hours=1)),
        "theirs": make_line(cast.eastern, 4, mpxn=1012345678903),
    }  # fmt: skip
    for line in made.values():
        make_alert(line, cast.inventory, code="N24" if line.kind == "area" else "AD1")
    return {name: line.pk for name, line in made.items()}


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_an_outage_that_waits_comes_first_and_another_networks_is_not_there(browse: Callable[[str], Client], queue):
    page = browse("network").get("/alerts/").content.decode()

    places = [page.index(f'value="{queue[name]}"') for name in ("waits", "storm", "ghost")]
    assert places == sorted(places)
    assert f'value="{queue["theirs"]}"' not in page
    assert "of 3 lines" in page


def test_a_row_says_what_its_figures_are_where_there_is_no_head(browse: Callable[[str], Client], queue):
    page = browse("network").get("/alerts/").content.decode()

    for head in ("Can it answer?", "Alerts", "Network Party"):
        assert page.count(f'<span class="head-here">{head} </span>') == 3


@pytest.mark.parametrize(
    "query, found",
    [("triaged=ghost", 1), ("kind=storms", 1), ("state=closed", 0), ("mpxn=1200000000011", 1), ("mine=yes", 0)],
)
def test_the_filter_narrows_the_queue(browse: Callable[[str], Client], queue, query: str, found: int):
    page = browse("network").get(f"/alerts/?{query}").content.decode()
    assert page.count('name="id"') == found


def test_a_line_shows_then_and_now_and_leads_to_the_discrepancy(browse: Callable[[str], Client], queue):
    page = browse("network").get(f"/alerts/{queue['ghost']}/").content.decode()

    assert "inventory of 14 Nov 2026" in page and "inventory of 21 Nov 2026" in page
    assert "A_REMOVED" in page
    Discrepancy.objects.filter(mpxn=AlertLine.objects.get(pk=queue["ghost"]).mpxn).update(resolved_on=NOW.date())
    assert NotOpen.NEXT_RUN in html.unescape(browse("network").get(f"/alerts/{queue['ghost']}/").content.decode())
    assert browse("network").get(f"/alerts/{queue['theirs']}/").status_code == 404
    assert browse("supplier").get(f"/alerts/{queue['ghost']}/").status_code == 404


def test_a_meter_point_leads_to_its_lines_for_those_who_see_alerts(browse: Callable[[str], Client], queue):
    line = AlertLine.objects.get(pk=queue["ghost"])
    line.members.update(mpxn=line.mpxn)

    pages = {name: browse(name).get(f"/points/{line.mpxn}/").content.decode() for name in ("network", "supplier")}

    assert re.search(rf'<dt>Alerts</dt><dd><a href="/alerts/{line.pk}/">[^<]*: Outage', pages["network"])
    assert "<dt>Alerts</dt>" not in pages["supplier"]


def test_a_silent_meter_point_leads_to_the_outages_around_it(cast: Cast, queue):
    storm = AlertLine.objects.get(pk=queue["storm"])
    silent = Discrepancy.objects.filter(network=cast.london).first()
    silent.postcode_area, silent.opened_on = storm.label, storm.first_at.date()
    actor = actor_for(cast.network)

    found = queries.alerts_at(actor=actor, mpxn=silent.mpxn, silent=silent)
    silent.postcode_area = "ZZ"
    elsewhere = queries.alerts_at(actor=actor, mpxn=silent.mpxn, silent=silent)

    assert [line.pk for line in found.storms] == [storm.pk] and elsewhere.storms == []


def test_a_line_is_closed_on_its_page_and_who_did_it_stands_there(browse: Callable[[str], Client], queue):
    client = browse("network")
    act = {"id": queue["waits"], "act": "close", "outcome": "Crew sent", "words": "Line down", "request": "k"}

    for _ in range(2):
        client.post("/alerts/change/", act)

    assert AlertLine.objects.get(pk=queue["waits"]).outcome == "Crew sent"
    page = client.get(f"/alerts/{queue['waits']}/").content.decode()
    assert page.count("Line down") == 1
    assert "Line down" not in browse("operator").get(f"/alerts/{queue['waits']}/").content.decode()


def test_a_line_is_offered_what_can_be_done_with_it(browse: Callable[[str], Client], queue):
    client = browse("network")

    def offered(address: str) -> list[str]:
        return re.findall(r'name="act" value="(\w+)"', client.get(address).content.decode())

    assert offered(f"/alerts/{queue['waits']}/") == offered("/alerts/") == ["take", "close", "hand_over", "note"]
    AlertLine.objects.filter(pk=queue["waits"]).update(state="closed", outcome="Crew sent")
    assert offered(f"/alerts/{queue['waits']}/") == offered("/alerts/?state=closed") == ["note", "reopen"]
    assert offered("/alerts/?state=all") == ["take", "close", "hand_over", "note", "reopen"]


def test_another_networks_line_cannot_be_touched(browse: Callable[[str], Client], queue):
    answer = browse("network").post("/alerts/change/", {"id": queue["theirs"], "act": "take"})
    assert answer.status_code == 404


def test_the_csv_of_the_page_is_that_of_the_command(browse: Callable[[str], Client], queue, tmp_path):
    page = b"".join(browse("network").get("/alerts/csv/")).decode()
    call_command("export_alerts", str(tmp_path / "out.csv"), network="12", stdout=io.StringIO())

    found = rows(page)
    assert found == rows((tmp_path / "out.csv").read_text())
    assert found[0] == HEADINGS
    assert [row[6:8] for row in found[1:]] == [["no", "no"], ["yes", "no"], ["yes", "no"]]
    assert found[3][9] == "area SW 2026-11-22T13:00:00Z"


def test_the_command_leaves_closed_ones_out_unless_all_are_asked_for(browse, queue, tmp_path):
    AlertLine.objects.filter(pk=queue["waits"]).update(state="closed", outcome="Crew sent")
    told = io.StringIO()

    for state in ("open", "all"):
        call_command("export_alerts", str(tmp_path / f"{state}.csv"), state=state, json=True, stdout=told)

    left, every = (rows((tmp_path / f"{state}.csv").read_text()) for state in ("open", "all"))
    assert (len(left), len(every)) == (4, 5)
    assert "Crew sent" in {row[10] for row in every}
    assert json.loads(told.getvalue().splitlines()[0])["rows"] == 3


def test_what_managers_fill_in_is_shown_beside_their_alerts(browse: Callable[[str], Client], cast: Cast, queue):
    Membership.objects.filter(user=cast.network).update(role="manager")
    operations.set_meanings(actor=actor_for(cast.network), meanings={"N24": "HAN log told"}, now=NOW)

    assert "HAN log told" in browse("network").get(f"/alerts/{queue['storm']}/").content.decode()
    assert "HAN log told" in browse("network").get("/alerts/meanings/").content.decode()


def test_the_api_tells_the_queue_and_changes_it(browse: Callable[[str], Client], queue):
    client = browse("network")

    told = client.get("/api/alerts/?per_page=2").json()
    done = client.post(
        "/api/alerts/changes/", {"act": "take", "ids": [queue["storm"]]}, content_type="application/json"
    )

    assert (told["count"], [line["id"] for line in told["results"]]) == (3, [1, 2])
    assert "after=2" in told["next"]
    assert (done.status_code, done.json()["rows"]) == (200, 1)
    assert client.get("/api/alerts/?kind=area").json()["results"][0]["assignee"] == "network"
    theirs = {"act": "take", "ids": [queue["theirs"]]}
    assert client.post("/api/alerts/changes/", theirs, content_type="application/json").status_code == 404
    assert client.get("/api/alerts/?triaged=x").status_code == 400
    assert browse("operator").get("/api/alerts/").json()["results"][0]["state"] is None


WALK = (
    "/alerts/", "/alerts/?state=all", "/alerts/?kind=storms", "/alerts/?network=10&state=all",
    "/alerts/?mpxn=1012345678903", "/alerts/?triaged=act", "/alerts/csv/?state=all", "/alerts/csv/?network=10",
    "/alerts/meanings/", "/api/alerts/", "/api/alerts/?state=all", "/api/alerts/?network=10", "/api/alerts/?kind=area",
    "/api/alerts/?mpxn=1012345678903",
)  # fmt: skip
"""Everything that shows alerts, asked for another network's in every way."""


@pytest.mark.parametrize("who", ["network", "supplier", "rival"])
def test_nothing_shows_another_networks_alerts(browse: Callable[[str], Client], cast: Cast, queue, who: str):
    AlertLine.objects.filter(pk=queue["theirs"]).update(label="THEIR STORM", kind="area", why="THEIR REASON")
    Alert.objects.filter(line=queue["theirs"]).update(code="THEIRCODE", why="THEIR REASON", sort="status")
    AlertMeaning.objects.create(party=cast.eastern, code="THEIRCODE", words="THEIR WORDS")
    client = browse(who)

    for address in (*WALK, f"/alerts/{queue['theirs']}/", "/points/1012345678903/", "/api/points/1012345678903/"):
        answer = client.get(address)
        body = b"".join(answer).decode() if answer.streaming else answer.content.decode()
        assert "THEIR" not in body, address
        assert answer.status_code in ({200} if who == "network" and address in WALK else {404}), address
    seen = b"".join(browse("operator").get("/alerts/csv/?state=all")).decode()
    assert "THEIRCODE" in seen and "THEIR STORM" in seen
