"""Pages of parties: one among many is found by its code or its name."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from reconcile.web.views import parties

from .cast import Cast

pytestmark = pytest.mark.django_db
Browse = Callable[[str], Client]
CODE = re.compile(r'<th scope="row"><a href="/suppliers/([^/]+)/"')


def test_a_party_among_many_is_found_by_its_letters(browse: Browse, cast: Cast, monkeypatch):
    monkeypatch.setattr(parties, "PER_PAGE", 1)
    first = browse("operator").get("/suppliers/").content.decode()
    code = CODE.findall(first)[0]

    found = browse("operator").get("/suppliers/", {"find": code.lower()}).content.decode()
    none = browse("operator").get("/suppliers/", {"find": "no such"}).content.decode()

    assert 'name="find"' in first and CODE.findall(found) == [code]
    assert CODE.findall(none) == [] and "No Supplier of the" in none


def test_few_parties_need_no_search(browse: Browse, cast: Cast):
    assert 'name="find"' not in browse("operator").get("/suppliers/").content.decode()
