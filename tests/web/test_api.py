"""The API: the filter of the pages, the scope of the pages, nothing to write."""

from collections.abc import Callable

import pytest
from django.test import Client

from reconcile.models import Discrepancy

from .cast import Cast
from .market import DAYS

Browse = Callable[[str], Client]


def test_discrepancies_are_filtered_counted_and_scoped(browse: Browse, cast: Cast):
    found = browse("supplier").get("/api/discrepancies/?rule=A_REMOVED").json()

    assert found["count"] == 6
    assert {row["supplier"] for row in found["results"]} == {"OURS"}
    assert [row["id"] for row in found["results"]] == sorted(row["id"] for row in found["results"])
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
    assert Client().get(address).status_code == 403


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
