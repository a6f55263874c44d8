"""The API: the filter of the pages, the scope of the pages, nothing to write."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.http import QueryDict
from django.test import Client

from reconcile.models import Discrepancy, Run

from . import market
from .cast import Cast
from .market import DAYS

Browse = Callable[[str], Client]


def test_discrepancies_are_filtered_counted_and_scoped(browse: Browse, cast: Cast):
    found = browse("supplier").get("/api/discrepancies/?rule=A_REMOVED").json()

    assert found["count"] == 6
    assert {row["supplier"] for row in found["results"]} == {"OURS"}
    assert len({row["id"] for row in found["results"]}) == 6
    assert found["results"][0]["meter_statuses"] == "Decommissioned"


@pytest.mark.parametrize("query", ["rule=NO_SUCH", "mpxn=abc", "supplier=RIVL"])
def test_unreadable_filter_is_a_bad_request(browse: Browse, query: str):
    assert browse("supplier").get(f"/api/discrepancies/?{query}").status_code == 400


def test_one_discrepancy_has_its_events(browse: Browse, cast: Cast):
    row = Discrepancy.objects.filter(supplier=cast.ours, rule="N_COMMISSIONED").first()

    found = browse("supplier").get(f"/api/discrepancies/{row.pk}/").json()

    assert [event["after"] for event in found["events"]] == ["new", "resolved"]
    assert found["state"] == "resolved"
    assert browse("rival").get(f"/api/discrepancies/{row.pk}/").status_code == 404


@pytest.mark.parametrize("address", ["/api/discrepancies/", "/api/runs/", "/api/extracts/"])
def test_stranger_gets_nothing(browse: Browse, cast: Cast, address: str):
    assert browse("stranger").get(address).json()["count"] == 0
    assert Client().get(address).status_code == 401


def test_runs_have_totals_of_the_scope(browse: Browse, cast: Cast):
    found = browse("supplier").get(f"/api/runs/{cast.last_run.pk}/").json()

    assert found["points"] == 30
    assert found["totals"]["mismatches"] == 9
    assert browse("supplier").get("/api/runs/").json()["count"] == 4


def test_extracts_are_listed(browse: Browse, cast: Cast):
    found = browse("network").get("/api/extracts/").json()

    assert [row["as_of"] for row in found["results"]] == sorted((f"{day}" for day in DAYS * 2), reverse=True)
    assert {cast.registration.name, cast.inventory.name} <= {row["name"] for row in found["results"]}


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_api_is_read_only(browse: Browse, cast: Cast, method: str):
    assert getattr(browse("operator"), method)("/api/discrepancies/").status_code == 405


def test_schema_names_every_filter(browse: Browse):
    schema = browse("operator").get("/api/schema/?format=json").json()

    parameters = {one["name"] for one in schema["paths"]["/api/discrepancies/"]["get"]["parameters"]}
    assert {
        "rule",
        "network",
        "supplier",
        "state",
        "severity",
        "flag",
        "shows",
        "fuel",
        "in_flight",
        "mpxn",
        "absent",
    } <= (parameters)


def test_schema_leaves_the_filter_as_it_was(browse: Browse):
    client = browse("operator")
    client.get("/api/schema/")

    assert client.get("/api/discrepancies/?network=10").json()["count"] == 18


LISTS = ("discrepancies", "runs", "extracts")


def walk(client: Client, address: str, between: Callable[[], None] = lambda: None) -> list[dict]:
    """The pages of a list, one after the other, as `next` leads; something may happen after the first."""
    pages = [client.get(address).json()]
    between()
    while pages[-1]["next"]:
        answer = client.get(pages[-1]["next"])
        assert answer.status_code == 200, answer.content
        pages.append(answer.json())
    return pages


@pytest.mark.parametrize("kind", LISTS)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_the_pages_of_a_list_hold_every_row_once(browse: Browse, kind: str, size: int):
    whole = browse("operator").get(f"/api/{kind}/?per_page=1000").json()

    pages = walk(browse("operator"), f"/api/{kind}/?per_page={size}")

    assert [row["id"] for page in pages for row in page["results"]] == [row["id"] for row in whole["results"]]
    assert {page["count"] for page in pages} == {len(whole["results"])}


def test_the_next_page_keeps_the_filter_and_names_the_run(browse: Browse, cast: Cast):
    page = browse("operator").get("/api/discrepancies/?state=all&network=10&network=12&per_page=5").json()

    query = QueryDict(urlsplit(page["next"]).query)

    assert (query["run"], page["run"]) == (str(cast.last_run.pk), cast.last_run.pk)
    assert query.getlist("network") == ["10", "12"]
    assert (query["state"], query["after"]) == ("all", str(page["results"][-1]["id"]))


def test_a_page_of_an_overtaken_run_is_refused_and_says_so(browse: Browse, own_lake: Path, tmp_path: Path):
    client = browse("operator")
    page = client.get("/api/discrepancies/?per_page=20").json()
    market.play_day(tmp_path, week=1, day=DAYS[-1] + timedelta(weeks=1))

    answer = client.get(page["next"])

    assert answer.status_code == 409
    assert answer.json()["detail"].startswith(f"The newest run is {Run.objects.latest('pk').pk}, as of 2 Dec 2021;")
    again = walk(client, "/api/discrepancies/?per_page=20")
    assert sum(len(one["results"]) for one in again) == again[0]["count"]


def test_a_run_published_while_a_page_is_read_is_noticed(browse: Browse, cast: Cast, monkeypatch: pytest.MonkeyPatch):
    newer = Run(pk=cast.last_run.pk + 1, as_of=DAYS[-1])
    monkeypatch.setattr("reconcile.ledger.queries.pages.latest_run", lambda: newer)

    assert browse("operator").get("/api/discrepancies/").status_code == 409


@pytest.mark.parametrize("kind", ["runs", "extracts"])
def test_what_is_added_moves_no_row_of_a_list_by_date(browse: Browse, own_lake: Path, tmp_path: Path, kind: str):
    before = browse("operator").get(f"/api/{kind}/").json()["results"]

    pages = walk(
        browse("operator"), f"/api/{kind}/?per_page=2",
        between=lambda: market.play_day(tmp_path, week=1, day=DAYS[-1] + timedelta(weeks=1)),
    )  # fmt: skip

    assert [row["id"] for page in pages for row in page["results"]] == [row["id"] for row in before]


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/api/discrepancies/?rul=A_REMOVED", "rul"), ("/api/discrepancies/?page=2", "page"),
        ("/api/runs/?page=2", "page"), ("/api/extracts/?sort=rows", "sort"), ("/api/runs/1/?x=1", "x"),
        ("/api/discrepancies/?per_page=many", "per_page"), ("/api/discrepancies/?after=-1", "after"),
        ("/api/runs/?after=17", "after"), ("/api/extracts/?after=2021-11-25.x", "after"),
    ],
)  # fmt: skip
def test_a_parameter_that_nobody_knows_or_can_read_is_named(browse: Browse, address: str, name: str):
    answer = browse("operator").get(address)

    assert answer.status_code == 400
    assert [*answer.json()] == [name]


@pytest.mark.parametrize("address", ["/api/discrepancies/?rule=&nonsense=&after=", "/api/runs/?per_page="])
def test_an_empty_value_is_not_given(browse: Browse, address: str):
    assert browse("operator").get(address).json() == browse("operator").get(address.partition("?")[0]).json()
