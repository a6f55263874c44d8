"""Whatever is asked of whatever address, the answer is one that was meant: never a 500."""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from .addresses import OF_API, Address, addresses
from .cast import Cast

MEANT = {200, 302, 400, 404, 405}
"""405: what is done by POST alone, asked for by GET."""
ELSEWHERE = {"/api/": {409}, "/admin/": {403}, "/health/": {503}}
"""A page of a run that is not the newest; what nobody may do in the administration; there is no Redis here."""
VALUES = (
    "", " ", "0", "-1", "9" * 30, "-" + "9" * 30, "1e9", "1_0", "NaN", "٣", "\0", "12\x001", "nonsense", "-",
    "--id", "id", "-id", "pk", "%", "'\"><script>", "\n", "😀", "true", "x" * 10_000, "1" * 10_000, "2021-11-25.1",
    "99999-99-99.1",
)  # fmt: skip
ORDERS = {"-", "--id", "id", "-id", "pk"}
"""Words about the order of rows: to parameters that have nothing to do with it "nonsense" is as odd."""
OF_ORDER = {"sort", "after", "page"}
TO_DATABASES = ("", "0", "9" * 30, "-" + "9" * 30, "٣", "\0", "12\x001", "😀", "x" * 10_000, "1" * 10_000)
"""Where databases differ: zero bytes, numbers past theirs, and length. All others end before any database is asked."""
IN_PATHS = (
    "0", "-1", "9" * 19, "9" * 30, "%D9%A3", "%EF%BC%91", "%00", "1%00", "A%00B", "%FF", "%0A", "A%2FB", "A/B", "..",
    "%20", "%3F", "%27", "%F0%9F%98%80", "1e9", "x", "x" * 10_000, "1" * 10_000,
)  # fmt: skip
PATHS_TO_DATABASES = (
    "0", "-1", "9" * 19, "9" * 30, "%D9%A3", "%00", "1%00", "A%00B", "%F0%9F%98%80", "x" * 10_000, "1" * 10_000,
)  # fmt: skip
"""As above, of those in paths."""
ALL = addresses(admin=True)
BY_API = "api-discrepancy-list"
FILTERS, OF_WORK = (set(next(one for one in ALL if one.name == name).parameters) for name in ("discrepancies", "work"))
SHARED = FILTERS | OF_WORK | OF_API
"""Read by the same code wherever they stand: one address tries every value, and each other three of them."""


@pytest.fixture
def client(cast: Cast) -> Client:
    """Somebody to whom every page is open, with a client that answers 500 instead of raising."""
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_superuser("root", password="x"))
    return client


def meant(client: Client, address: str) -> None:
    status = client.get(address).status_code
    also = next((more for start, more in ELSEWHERE.items() if address.startswith(start)), set())
    assert status in MEANT | also, f"{address[:200]} answered {status}"


def test_there_are_addresses_to_walk():
    assert len(addresses()) >= 40
    assert {"api-run-detail", "discrepancies", "job-download"} <= {one.name for one in addresses()}


@pytest.mark.parametrize("address", [one for one in ALL if one.arguments], ids=lambda one: one.name)
def test_odd_values_in_a_path(client: Client, address: Address):
    for value in PATHS_TO_DATABASES if connection.vendor == "postgresql" else IN_PATHS:
        meant(client, address.filled(**dict.fromkeys(address.arguments, value)))


def asked_of(address: Address, name: str) -> tuple[str, ...]:
    """The values to try of a parameter; of those that are shared, the next address tries the next ones."""
    of_each = TO_DATABASES if connection.vendor == "postgresql" else VALUES
    values = tuple(value for value in of_each if name in OF_ORDER or value not in ORDERS)
    tries_all = address.name == BY_API or (address.name == "work" and name not in FILTERS)
    if name in SHARED and not tries_all:
        apart = len(values) // 3
        return values[ALL.index(address) % apart :: apart]
    return values


@pytest.mark.parametrize("address", ALL, ids=lambda one: one.name)
def test_odd_values_of_parameters(client: Client, cast: Cast, address: Address):
    path = address.filled(**dict.fromkeys(address.arguments, "1"))
    more = FILTERS if address.name == BY_API else set()
    names = sorted(
        {*address.parameters} | more | ({"q"} if path.startswith("/admin/") and not address.arguments else set())
    )

    if client.get(path).status_code == 405:
        return  # It reads nothing of what is asked by GET.
    for name in names:
        for value in asked_of(address, name):
            meant(client, f"{path}?{urlencode({name: value})}")
    meant(client, f"{path}?{urlencode([(name, value) for name in names for value in VALUES[:9]])}")
    meant(client, f"{path}?{urlencode({value: value for value in VALUES})}")
    meant(client, f"{path}?{'&'.join(f'a{number}=1' for number in range(1500))}")


@pytest.mark.parametrize(
    "address", ["/runs/?sort=as_of", "/runs/?sort=", "/points/" + "1" * 30 + "/", "/networks/%00/"]
)
def test_those_that_once_failed(browse: Callable[[str], Client], address: str):
    assert browse("operator").get(address).status_code in (200, 404)


def test_a_page_says_which_parameter_it_does_not_know(browse: Callable[[str], Client]):
    page = browse("operator").get("/networks/?colour=red&page=&size=<b>").content.decode()

    assert (
        "The address has parts called “colour”, “size”, which this page does not use: it shows the same without."
        in page
    )
    one = browse("operator").get("/networks/?colour=red").content.decode()
    assert "The address has a part called “colour”, which this page does not use: it shows the same without." in one
    assert "this page does not use" not in browse("operator").get("/networks/?colour=").content.decode()


def test_a_filter_that_nobody_knows_shows_no_rows_and_says_so(browse: Callable[[str], Client]):
    page = browse("operator").get("/discrepancies/?rul=A_REMOVED").content.decode()

    assert "rul: there is no such filter. Correct the filter to see rows." in page
    assert "<tbody>" not in page and "Export" not in page


def test_an_order_that_nobody_knows_is_said(browse: Callable[[str], Client]):
    page = browse("operator").get("/extracts/?sort=colour").content.decode()

    assert "Rows cannot be sorted by “colour”, so they stand in their usual order." in page
    assert "cannot be sorted" not in browse("operator").get("/extracts/?sort=-rows").content.decode()


def test_the_policy_judges_nothing_that_was_not_asked(browse: Callable[[str], Client]):
    page = browse("stranger").get("/policy/?colour=red").content.decode()

    assert "Choose a flag and the statuses of the meters" in page
    assert "Select a valid choice" in browse("stranger").get("/policy/?judge=1&flag=T").content.decode()
