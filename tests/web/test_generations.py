"""SMETS1 and SMETS2 apart: one figure a Meter Point, in tables, lists, facets and the API alike."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from reconcile.domain.smets import Generation, generation
from reconcile.ledger import queries
from reconcile.ledger.actors import actor_for
from reconcile.ledger.of_meters import of_generation
from reconcile.models import Discrepancy, MeterKind

from .cast import Cast

Browse = Callable[[str], Client]


@pytest.mark.parametrize("part", ["operator", "supplier", "network"])
def test_the_table_adds_up_and_each_figure_leads_to_its_rows(browse: Browse, cast: Cast, part: str):
    client = browse(part)
    found = queries.overview(scope=actor_for(getattr(cast, part)).scope)

    assert [one.generation for one in found.generations] == list(Generation)
    assert sum(one.points for one in found.generations) == found.points
    assert sum(one.mismatches for one in found.generations) == found.totals.mismatches
    assert sum(one.points > 0 for one in found.generations) == sum(one.mismatches > 0 for one in found.generations) == 4
    html = client.get("/").content.decode()
    for one in found.generations:
        asked = f"severity=mismatch&in_flight=no&absent=no&generation={one.generation}"
        assert client.get(f"/api/discrepancies/?{asked}").json()["count"] == one.mismatches
        assert re.search(rf"{one.label}</th>.*?generation={one.generation}[^>]*>{one.mismatches}</a>", html, re.S)


def test_parties_have_a_table_of_their_own(browse: Browse, cast: Cast):
    scope = actor_for(cast.operator).scope
    whole = queries.overview(scope=scope).generations
    codes = [one.party.code for one in queries.overview(scope=scope).networks]
    of_networks = [queries.party(scope=scope, kind="network", code=code).generations for code in codes]

    for place, one in enumerate(whole):
        assert sum(of[place].mismatches for of in of_networks) == one.mismatches
        assert sum(of[place].points for of in of_networks) == one.points
    assert "SMETS1 or SMETS2?" in browse("operator").get("/suppliers/OURS/").content.decode()


def test_the_database_tells_them_apart_as_the_domain_does(cast: Cast):
    MeterKind.objects.bulk_create(
        MeterKind(description=f"{version}|{region}", smets=version, csp_region=region)
        for version in ("SMETS V1.58", "smets1", "V4.2", "SMETS V10.0", "CHTS V1.4", "SMETS V0.9", "2", "")
        for region in ("", "SMETS1", "smets1", "North")
    )
    row = Discrepancy.objects.exclude(mask=0).first()
    for kind in MeterKind.objects.all():
        Discrepancy.objects.filter(pk=row.pk).update(kind=kind)
        wanted = generation(kind.smets, kind.csp_region)
        found = [one for one in Generation if Discrepancy.objects.filter(of_generation(one), pk=row.pk).exists()]
        assert found == [wanted], kind.description


def test_a_look_up_says_it_of_each(browse: Browse, cast: Cast):
    numbers = list(Discrepancy.objects.filter(resolved_on=None).values_list("mpxn", flat=True)[:12])
    rows = browse("operator").post("/api/look-up/", {"numbers": " ".join(map(str, numbers))}).json()["results"]

    for row in rows:
        known = row["can_it_answer"] != "unknown"
        said = generation(row["smets"], row["csp_region"]).value if row["device_id"] else "no_meter"
        assert row["generation"] == (said if known else None)
    assert {row["generation"] for row in rows} >= {"SMETS1", "SMETS2", "not_known"}
    page = browse("operator").post("/look-up/", {"numbers": " ".join(map(str, numbers))}).content.decode()
    assert re.search(r"\d SMETS1 · \d SMETS2", page)
