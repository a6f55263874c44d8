"""The page of causes, its CSV and the API say the same, each within one's own sight."""

import csv
import re
from collections.abc import Callable
from io import StringIO

import pytest
from django.test import Client

from reconcile.ledger import queries
from reconcile.ledger.access import EVERYTHING
from reconcile.web import words

from .cast import Cast

Browse = Callable[[str], Client]
pytestmark = pytest.mark.django_db


def figures(page: str) -> list[tuple[str, str]]:
    """Every figure of the page that leads to rows, with its address."""
    return [
        (address.replace("&amp;", "&"), figure)
        for address, figure in re.findall(r'<a href="(/discrepancies/[^"]+)">([\d,]+)</a>', page)
    ]


@pytest.mark.parametrize("part", ["operator", "supplier", "rival", "network"])
def test_every_figure_leads_to_as_many_rows(browse: Browse, cast: Cast, part: str):
    client = browse(part)
    page = client.get("/causes/?severity=mismatch&in_flight=no&absent=no").content.decode()

    assert figures(page)
    for address, figure in figures(page):
        assert f"of {figure}</strong>" in client.get(address).content.decode(), address


def test_page_csv_and_api_have_the_same_classes(browse: Browse, cast: Cast):
    client, asked = browse("operator"), "mpxn=12"
    found = queries.causes(scope=EVERYTHING, filters={"mpxn": "12"}).found

    answer = client.get(f"/api/causes/?{asked}").json()
    rows = list(csv.DictReader(StringIO(client.get(f"/causes/csv/?{asked}").content.decode())))
    page = client.get(f"/causes/?{asked}").content.decode()

    clear = [one.found for chart in found.charts for one in chart.clear]
    of_api = [one for chart in answer["charts"] for one in chart["clear"]]
    assert clear and found.strongest
    assert (answer["total"], answer["comparable"]) == (found.total, found.comparable)
    assert [(one["wrong"], one["low"], one["high"]) for one in of_api] == [(one.wrong, *one.interval) for one in clear]
    assert [one["wrong"] for one in answer["strongest"]] == [one.found.wrong for one in found.strongest]
    assert [int(row["wrong"]) for row in rows] == [
        *(one.found.wrong for one in found.strongest),
        *(one.wrong for one in clear),
    ]
    assert [figure for _, figure in figures(page)] == [str(found.comparable), *(str(one.wrong) for one in clear)]


def test_a_bad_filter_is_said_everywhere(browse: Browse, cast: Cast):
    client = browse("operator")

    assert "a month such as 2024-03" in client.get("/causes/?commissioned=x").content.decode()
    assert client.get("/causes/csv/?commissioned=x").status_code == 400
    assert client.get("/api/causes/?commissioned=x").json() == {"commissioned": ["a month such as 2024-03."]}
    assert client.get("/api/causes/?nothing=1").status_code == 400


@pytest.mark.parametrize(("value", "said"), [(0.48, "0.5"), (9.96, "10.0"), (57.8, "58"), (1234.5, "1,234")])
def test_what_is_worked_out_is_rounded(value: float, said: str):
    assert words.expected(value) == said


def test_a_cause_leads_to_the_form_that_freezes_it(browse: Browse, cast: Cast):
    client = browse("operator")
    page = client.get("/causes/?mpxn=12").content.decode()
    addresses = [one.replace("&amp;", "&") for one in re.findall(r'href="(/work/[^"]*)#cohort-name"', page)]

    assert addresses[0] == "/work/?mpxn=12" and len(addresses) > 1
    for address in addresses:
        queue = client.get(address).content.decode()
        assert 'id="cohort-name"' in queue and "Correct the filter" not in queue
    watching = browse("watcher").get("/causes/?mpxn=12").content.decode()
    assert "Make a cohort" not in watching and "Open in Work" in watching
