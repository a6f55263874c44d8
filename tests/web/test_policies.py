"""The pages of policies, their CSVs and the API say the same."""

import csv
import re
from collections.abc import Callable
from io import StringIO

import pytest
from django.test import Client

pytestmark = pytest.mark.one_database

Browse = Callable[[str], Client]
PAIR = "policy=alternative&against=mp077"


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text)))


@pytest.mark.parametrize("name", ["mp077", "before", "requirements", "pia", "alternative", "mp077:paused=N"])
def test_each_policy_has_a_page_with_its_sources_and_every_cell(browse: Browse, name: str):
    client = browse("stranger")

    page = client.get(f"/policy/?policy={name}").content.decode()
    cells = rows(client.get(f"/policy/csv/?policy={name}").content.decode())
    told = client.get(f"/api/policies/{name}/").json()

    assert len(cells) == 6144
    assert told["cells"] == cells
    assert (told["in_force"], "This is not the code in force" in page) == (name == "mp077", name != "mp077")
    assert all(source in page for source in told["sources"])
    assert all(words.split(" and ")[0] in page for words in told["left_open"])


def test_a_combination_is_judged_by_the_policy_that_is_shown(browse: Browse):
    asked = "judge=1&flag=A&statuses=Suspended"

    said = [
        browse("stranger").get(f"/policy/?{asked}&policy={name}").content.decode() for name in ("mp077", "alternative")
    ]

    assert "A (Active) is allowed" in said[0]
    assert "A (Active) disagrees with the inventory" in said[1]
    assert "Expected: S (Suspended (legacy))" in said[1]


def test_where_two_policies_differ_is_the_same_in_page_csv_and_api(browse: Browse):
    client = browse("stranger")

    page = client.get(f"/policy/differences/?{PAIR}").content.decode()
    cells = rows(client.get(f"/policy/differences/csv/?{PAIR}").content.decode())
    told = client.get(f"/api/policies/differences/?{PAIR}").json()

    assert told["results"] == cells
    assert told["count"] == len(cells) == 768
    assert "768 of 6,144 cells" in page
    assert page.count('<tr><th scope="row">') == 50 + 8


def test_a_figure_of_the_comparison_leads_to_its_cells(browse: Browse):
    client = browse("stranger")
    page = client.get(f"/policy/differences/?{PAIR}").content.decode()
    address, count = re.search(r'<a href="(\?[^"]*now=A&amp;then=S)#cells">([0-9]+)<', page).groups()

    narrowed = client.get(f"/policy/differences/{address.replace('&amp;', '&')}").content.decode()
    cells = rows(client.get(f"/policy/differences/csv/{address.replace('&amp;', '&')}").content.decode())

    assert f"{count} cells as CSV" in narrowed
    assert len(cells) == int(count)
    assert {(cell["expected"], cell["expected_then"]) for cell in cells} == {("A", "S")}


def test_the_api_lists_what_people_choose_from(browse: Browse):
    found = browse("stranger").get("/api/policies/").json()["results"]

    assert [one["name"] for one in found][:5] == ["mp077", "before", "requirements", "pia", "alternative"]
    assert [one["name"] for one in found if one["in_force"]] == ["mp077"]
    assert "mp077:unseen=N" in {one["name"] for one in found}


@pytest.mark.parametrize(
    "address", ["/policy/?policy=mp078", "/policy/csv/?policy=x", "/policy/differences/?against=x"]
)
def test_a_policy_that_there_is_not_has_no_page(browse: Browse, address: str):
    assert browse("stranger").get(address).status_code == 404


def test_the_api_says_what_is_no_policy(browse: Browse):
    client = browse("stranger")

    assert client.get("/api/policies/mp078/").status_code == 404
    assert client.get("/api/policies/differences/").json() == {"policy": ["A policy is needed."]}
    assert client.get("/api/policies/differences/?policy=x").json()["policy"][0].startswith("There is no policy x.")
    assert client.get("/api/policies/?colour=red").status_code == 400
