"""Ways in: guessing ends early, whichever way it goes, and a program is asked for its name and password."""

import base64
import logging
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from reconcile.models import AuditEntry

from .cast import PASSWORD, Cast

pytestmark = pytest.mark.usefixtures("cast")
What = AuditEntry.What
API = "/api/runs/"


@pytest.fixture(autouse=True)
def three_tries(settings):
    settings.LOG_IN_TRIES = 3


def basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def by_form(name: str, password: str, address: str = "10.0.0.1", page: str = "/login/") -> int:
    client = Client(REMOTE_ADDR=address)
    return client.post(page, {"username": name, "password": password}).status_code


def by_header(name: str, password: str, address: str = "10.0.0.1", page: str = API) -> int:
    return Client(REMOTE_ADDR=address).get(page, headers=basic(name, password)).status_code


WAYS = {
    "log-in page": (by_form, {}, 200, 302),
    "API": (by_header, {}, 401, 200),
    "schema": (by_header, {"page": "/api/schema/"}, 401, 200),
    "a page": (by_header, {"page": "/discrepancies/"}, 401, 200),
}


@pytest.mark.parametrize("way", WAYS)
def test_guesses_of_one_name_end_for_the_right_password_too(way: str):
    enter, more, refused, _ = WAYS[way]

    assert [enter("supplier", f"guess {n}", **more) for n in range(5)] == [refused] * 3 + [429] * 2
    assert enter("supplier", PASSWORD, **more) == 429


@pytest.mark.parametrize("way", WAYS)
def test_others_come_in_meanwhile(way: str):
    enter, more, _, right = WAYS[way]
    for n in range(4):
        enter("supplier", f"guess {n}", **more)

    assert enter("supplier", PASSWORD, address="10.0.0.2", **more) == right
    assert enter("rival", PASSWORD, **more) == right


def test_ways_in_are_counted_together():
    assert [by_form("supplier", "x"), by_header("supplier", "x"), by_header("supplier", "x", page="/storage/")] == [
        200, 401, 401,
    ]  # fmt: skip

    assert (by_form("supplier", PASSWORD), by_header("supplier", PASSWORD)) == (429, 429)


def test_guesses_of_one_name_from_many_addresses_end():
    assert [by_header("supplier", "x", address=f"10.0.1.{n}") for n in range(16)] == [401] * 15 + [429]


def test_guesses_of_many_names_from_one_address_end():
    assert [by_header(f"name {n}", "x") for n in range(16)] == [401] * 15 + [429]


def test_case_makes_no_other_name():
    assert [by_header(name, "x") for name in ("supplier", "Supplier", "SUPPLIER", "sUpplier")] == [401] * 3 + [429]


def test_who_has_come_in_begins_anew():
    for _ in range(2):
        assert [by_form("supplier", "typed wrong") for _ in range(2)] == [200, 200]
        assert by_form("supplier", PASSWORD) == 302


def test_after_a_while_it_can_be_tried_again(settings, monkeypatch):
    for n in range(4):
        by_form("supplier", f"guess {n}")
    later = timezone.now() + timedelta(minutes=settings.LOG_IN_MINUTES)
    monkeypatch.setattr("reconcile.web.middleware.log_ins.timezone.now", lambda: later)

    assert by_form("supplier", PASSWORD) == 302


def test_an_address_that_a_client_makes_up_counts_for_nothing(settings):
    assert [
        Client(REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": f"1.2.3.{n}"}).get(
            API, headers=basic("supplier", "x")
        ).status_code
        for n in range(4)
    ] == [401] * 3 + [429]  # fmt: skip


def test_behind_a_proxy_the_address_is_what_the_proxy_saw(settings):
    settings.PROXIES = 1
    seen = [("made up, 10.9.9.1", 401)] * 3 + [("made up, 10.9.9.1", 429), ("10.9.9.1, 10.9.9.2", 401)]

    for forwarded, status in seen:
        client = Client(REMOTE_ADDR="127.0.0.1", headers={"X-Forwarded-For": forwarded})
        assert client.get(API, headers=basic("supplier", "x")).status_code == status


def test_too_many_tries_are_said_plainly(settings):
    for n in range(3):
        by_form("supplier", f"guess {n}")
    client = Client(REMOTE_ADDR="10.0.0.1")

    page = client.post("/login/", {"username": "supplier", "password": "x"})
    answer = client.get(API, headers=basic("supplier", "x"))

    assert "Too many tries to log in. Wait 15 minutes, then try again." in page.content.decode()
    assert answer.json() == {"detail": "Too many tries to log in. Wait 15 minutes, then try again."}
    assert page["Retry-After"] == answer["Retry-After"] == "900"


def test_tries_are_on_record_and_in_the_log_without_passwords_and_names_of_strangers(caplog):
    with caplog.at_level(logging.INFO):
        by_form("supplier", "my secret")
        by_form("my secret typed as a name", "y")
        by_form("supplier", PASSWORD)

    kept = [(entry.what, entry.name, entry.address, bool(entry.person)) for entry in AuditEntry.objects.order_by("pk")]
    assert kept == [
        (What.REFUSED_LOG_IN, "supplier", "10.0.0.1", False),
        (What.REFUSED_LOG_IN, "", "10.0.0.1", False),
        (What.LOGGED_IN, "supplier", "10.0.0.1", True),
    ]
    assert caplog.text.count("Log-in failed") == 2
    assert "secret" not in caplog.text and "supplier" not in caplog.text
    assert "secret" not in str(list(AuditEntry.objects.values_list()))


def test_a_program_that_sends_its_password_each_time_came_in_once():
    for _ in range(3):
        by_header("supplier", PASSWORD)

    assert AuditEntry.objects.get().what == What.LOGGED_IN


@pytest.mark.parametrize("address", ["/api/", "/api/runs/", "/api/schema/", "/api/extracts/1/"])
def test_the_api_asks_for_name_and_password(address: str):
    answer = Client().get(address)

    assert (answer.status_code, answer["WWW-Authenticate"].startswith("Basic ")) == (401, True)


@pytest.mark.parametrize("sent", ["Basic", "Basic !", "Basic " + base64.b64encode(b"\xff:x").decode(), "Basic eA=="])
@pytest.mark.parametrize("address", [API, "/discrepancies/", "/login/"])
def test_a_header_that_names_nobody_lets_nobody_in(sent: str, address: str):
    answer = Client().get(address, headers={"Authorization": sent})

    assert (answer.status_code, answer["WWW-Authenticate"].startswith("Basic ")) == (401, True)


def test_a_program_that_wants_no_page_is_asked_for_name_and_password():
    answer = Client().get("/jobs/1/download/", headers={"Accept": "*/*"})

    assert (answer.status_code, "WWW-Authenticate" in answer) == (401, True)
    assert Client().get("/jobs/1/download/", headers={"Accept": "text/html,*/*"}).status_code == 302


def test_the_administration_has_no_log_in_of_its_own(cast: Cast):
    assert Client().get("/admin/login/?next=/admin/")["Location"] == "/login/?next=/admin/"
