"""What if as a page, as a CSV and by the API: the same numbers, each leads to its rows, each within one's sight."""

import csv
import hashlib
import html
import json
import re
from collections.abc import Callable
from io import StringIO

import pytest
from django.test import Client

from reconcile.ledger import operations
from reconcile.ledger.actors import MACHINE
from reconcile.models import AuditEntry, Job

from .cast import Cast

pytestmark = pytest.mark.one_database

Browse = Callable[[str], Client]
POLICIES = ("before", "requirements", "pia", "alternative", "mp077:unseen=N", "mp077:paused=N")


def exported(client: Client, address: str) -> Job:
    """The export that a button asks for, made."""
    number = client.post(address)["Location"].split("/")[2]
    return operations.perform(actor=MACHINE, job_id=int(number))


def rows(client: Client, address: str) -> list[dict[str, str]]:
    """The rows of an export, as they are downloaded."""
    answer = client.get(f"/jobs/{exported(client, address).pk}/download/")
    return list(csv.DictReader(StringIO(b"".join(answer.streaming_content).decode())))


def linked(page: str) -> list[tuple[str, int]]:
    """The addresses of rows in a page, with the figure that each is under."""
    found = re.findall(r'<a href="(/policy/what-if/points/\?[^"]*)">([0-9,]+)</a>', page)
    return [(html.unescape(address), int(figure.replace(",", ""))) for address, figure in found]


@pytest.mark.parametrize("part", ["operator", "supplier", "network"])
@pytest.mark.parametrize("policy", POLICIES)
def test_page_csv_and_api_say_the_same(browse: Browse, part: str, policy: str):
    client = browse(part)

    page = client.get(f"/policy/what-if/?policy={policy}").content.decode()
    file = rows(client, f"/policy/what-if/csv/?policy={policy}")
    told = client.get(f"/api/what-if/?policy={policy}").json()
    listed = client.get(f"/api/what-if/points/?policy={policy}&per_page=1000").json()

    assert told["changed"] == sum(told["from_to"].values()) == len(file) == listed["count"] == len(listed["results"])
    for kind in ("networks", "suppliers", "rules"):
        assert sum(one["changed"] for one in told[kind]) == told["changed"]
    shown = {name: [row[name] for row in file] for name in file[0]} if file else {}
    assert all(shown[name] == [row[name] or "" for row in listed["results"]] for name in shown)
    assert all(row["expected"] != row["expected_then"] for row in file)
    if part == "supplier":
        assert {row["supplier"] for row in file} <= {"OURS"}
        assert told["points"] == 30
    if file:
        assert f"{len(file)} Meter Point" in page
    else:
        assert "No Meter Point would have another flag expected" in page


def test_every_figure_leads_to_its_rows(browse: Browse):
    client = browse("operator")
    figures = linked(client.get("/policy/what-if/?policy=requirements&limit=7").content.decode())

    assert len(figures) > 8
    for address, figure in figures:
        page = client.get(address).content.decode()
        assert f"<h1>{figure} Meter Point" in page
        assert len(rows(client, address.replace("/points/", "/csv/"))) == figure


def test_a_list_goes_on_where_it_ended(browse: Browse, monkeypatch):
    monkeypatch.setattr("reconcile.web.views.what_if.PER_PAGE", 4)
    client = browse("operator")
    address, found = "/policy/what-if/points/?policy=requirements", []

    while address:
        page = client.get(address).content.decode()
        found += re.findall(r'<a href="/points/([0-9]+)/">', page)
        following = re.search(r'<a href="(\?[^"]*)">Next</a>', page)
        address = following and "/policy/what-if/points/" + html.unescape(following[1])

    everything = [row["mpxn"] for row in rows(client, "/policy/what-if/csv/?policy=requirements")]
    assert found == everything
    first = client.get("/api/what-if/points/?policy=requirements&per_page=4").json()
    second = client.get(first["next"]).json()
    assert [row["mpxn"] for row in first["results"] + second["results"]] == everything[:8]


def test_days_are_those_of_the_limit(browse: Browse):
    client = browse("operator")

    page = client.get("/policy/what-if/?policy=requirements&limit=2").content.decode()
    told = client.get("/api/what-if/?policy=requirements&limit=2").json()

    assert told["days"] == max(-(-one["changed"] // 2) for one in told["networks"]) > 1
    assert all(one["a_day"] == min(2, one["changed"]) for one in told["networks"])
    assert f"Day {told['days']}</th>" in page
    assert f"Day {told['days'] + 1}</th>" not in page


def test_a_run_can_be_chosen(browse: Browse, cast: Cast):
    client = browse("operator")

    told = client.get(f"/api/what-if/?policy=requirements&run={cast.first_run.pk}").json()

    assert told["run"] == cast.first_run.pk
    assert told["points"] > client.get("/api/what-if/?policy=requirements").json()["points"]


@pytest.mark.parametrize("query", ["policy=mp078", "against=x", "run=999999"])
def test_what_there_is_not_has_no_page(browse: Browse, query: str):
    client = browse("operator")

    assert client.get(f"/policy/what-if/?{query}").status_code == 404
    assert client.post(f"/policy/what-if/csv/?{query}").status_code == 404
    assert client.get(f"/api/what-if/?policy=pia&{query}").status_code in (400, 404)


def test_what_cannot_be_read_is_said(browse: Browse):
    client = browse("operator")

    assert "limit: Enter a whole number" in client.get("/policy/what-if/?limit=many").content.decode()
    assert client.get("/policy/what-if/points/?policy=pia&after=x&network=%00").status_code == 200
    assert client.get("/api/what-if/").json() == {"policy": ["This field is required."]}
    assert client.get("/api/what-if/?policy=mp078").json()["policy"][0].startswith("There is no policy mp078.")
    assert browse("stranger").get("/api/what-if/?policy=pia").status_code == 404


def test_rows_that_are_taken_along_are_on_record(browse: Browse):
    client = browse("supplier")

    file = rows(client, "/policy/what-if/csv/?policy=requirements&now=I")
    client.get("/api/what-if/points/?policy=requirements")

    asked, taken, read = AuditEntry.objects.order_by("pk")
    assert asked.filters == taken.filters == "What if requirements instead of mp077; from I"
    assert (asked.about, taken.rows, read.about) == ("Export what if requirements", len(file), "What if")


def test_the_file_is_proven_whole_and_its_job_can_be_followed(browse: Browse):
    client = browse("supplier")

    job = exported(client, "/policy/what-if/csv/?policy=mp077:unseen=N&now=none")

    page = client.get(f"/jobs/{job.pk}/").content.decode()
    manifest = json.loads(b"".join(client.get(f"/jobs/{job.pk}/manifest/").streaming_content))
    content = b"".join(client.get(f"/jobs/{job.pk}/download/").streaming_content)
    assert job.result["name"] == f"what-if-mp077-unseen=N-run-{manifest['run']['id']}-{job.pk}.csv"
    assert f"Download {job.result['name']}" in page
    assert manifest["filters"] == "What if mp077:unseen=N instead of mp077; from none"
    assert (manifest["sha256"], manifest["rows"]) == (hashlib.sha256(content).hexdigest(), content.count(b"\n") - 1)
    assert browse("rival").get(f"/jobs/{job.pk}/download/").status_code == 404
