"""A party's code comes from a file and may hold anything: its link leads to its page, and nowhere else."""

from urllib.parse import urljoin

import pytest
from django.contrib.auth.models import User
from django.urls import resolve

from reconcile.models import Party
from reconcile.web import links

CODES = (
    "../../admin",
    "..",
    ".",
    "a/../../b",
    "/x",
    "\\x",
    "//evil.example",
    "~Lg",
    "%2e%2e",
    "é",
    "GAS?",
    "A B",
    "#",
    "?q=1",
    "a;b",
)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("kind", ["network", "supplier"])
def test_a_code_leads_where_it_says(kind, code):
    address = links.party(kind, code)

    # As a browser follows it from a page.
    followed = urljoin("http://testserver/discrepancies/", address).removeprefix("http://testserver")

    assert followed == address and address.startswith(f"/{kind}s/")


@pytest.mark.parametrize("code", CODES)
def test_the_page_of_an_odd_code_is_found(client, db, code):
    Party.objects.create(kind="supplier", code=code, name="Odd")
    client.force_login(User.objects.create_superuser("root"))

    answer = client.get(links.party("supplier", code))

    assert answer.status_code == 200
    assert answer.resolver_match.kwargs["code"] == code


def test_an_ordinary_code_stands_in_its_address():
    assert links.party("network", "10") == "/networks/10/"
    assert resolve("/networks/10/").kwargs["code"] == "10"
