"""One's own account: a log-in ends when nobody is there, is seen by its person, and ends with the password."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from reconcile.models import AuditEntry, Session

pytestmark = pytest.mark.django_db
What = AuditEntry.What
PASSWORD, NEW = "a long enough password", "quite another one, as long"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
EDGE = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"


@pytest.fixture
def jo() -> User:
    return User.objects.create_user("jo", password=PASSWORD, email="jo.harper@energy.example")


def logged_in(agent: str = FIREFOX, address: str = "10.0.0.1", password: str = PASSWORD) -> Client:
    client = Client(REMOTE_ADDR=address, headers={"User-Agent": agent})
    assert client.post("/login/", {"username": "jo", "password": password}).status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def idle(minutes: float) -> None:
    """Nobody does anything for so long."""
    Session.objects.update(seen_at=timezone.now() - timedelta(minutes=minutes))


def change(client: Client, old: str = PASSWORD, new: str = NEW, again: str | None = None):
    return client.post(
        "/account/", {"old_password": old, "new_password1": new, "new_password2": new if again is None else again}
    )


@pytest.mark.one_database  # It asks none.
def test_behind_https_cookies_are_of_this_host_alone():
    """Settings are read once, so by a program of its own."""
    told = {
        "HTTPS": "1",
        "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP-_",
        "ALLOWED_HOSTS": "a.example",
    }
    names = "SESSION_COOKIE_NAME CSRF_COOKIE_NAME SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE SESSION_COOKIE_SAMESITE"
    asked = f"from django.conf import settings; print(*[getattr(settings, name) for name in '{names}'.split()])"
    env = os.environ | told | {"DJANGO_SETTINGS_MODULE": "dccflags.settings"}

    said = subprocess.run([sys.executable, "-c", asked], env=env, capture_output=True, text=True, check=True)

    assert said.stdout.split() == ["__Host-sessionid", "__Host-csrftoken", "True", "True", "Lax"]


@pytest.mark.parametrize(
    "minutes, words", [(60, "for an hour"), (15, "for 15 minutes"), (120, "for 2 hours"), (1, "for 1 minute")]
)
def test_an_idle_session_ends_and_the_log_in_page_says_so(jo: User, settings, minutes: int, words: str):
    settings.IDLE_MINUTES = minutes
    client = logged_in()
    idle(minutes + 0.1)

    page = client.get("/account/", follow=True).content.decode()

    assert f"You were logged out, because nothing was done here {words}. Log in to go on." in page
    assert not Session.objects.exists()
    assert "You were logged out" not in client.get("/login/").content.decode()


def test_what_a_button_did_in_an_idle_session_is_nothing(jo: User):
    client, other = logged_in(), logged_in()
    idle(61)

    answer = client.post("/account/end-others/", follow=True)

    assert "nothing was done here for an hour" in answer.content.decode()
    assert "Your session had ended, so nothing was done." in answer.content.decode()
    assert Session.objects.get().pk == other.cookies["sessionid"].value


def test_a_session_in_which_something_is_done_goes_on(jo: User):
    client = logged_in()
    for _ in range(3):
        idle(59)
        assert is_in(client)


def test_without_a_limit_none_is_idle(jo: User, settings):
    settings.IDLE_MINUTES = 0
    client = logged_in()
    idle(600)

    assert is_in(client)


def test_a_page_that_refreshes_itself_is_nobody_at_work(jo: User):
    client = logged_in()
    User.objects.update(is_superuser=True)
    idle(30)
    before = Session.objects.get().seen_at

    assert client.get("/extracts/loads/", headers={"HX-Request": "true"}).status_code == 200
    assert Session.objects.get().seen_at == before
    assert client.get("/extracts/loads/").status_code == 200
    assert Session.objects.get().seen_at > before


def test_a_session_ends_some_hours_after_its_log_in_whatever_is_done(jo: User, monkeypatch):
    client = logged_in()
    later = timezone.now() + timedelta(hours=11.9)
    Session.objects.update(seen_at=later)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert change(client).status_code == 302
    monkeypatch.setattr("django.utils.timezone.now", lambda: later + timedelta(minutes=7))

    page = client.get("/account/", follow=True).content.decode()

    assert "Your session has ended: from another browser" in page and "lasted 12 hours" in page


def test_people_see_their_own_sessions_and_no_others(jo: User):
    client = logged_in()
    logged_in(EDGE, "10.0.0.2")
    logged_in(PHONE, "10.0.0.3")
    logged_in("curl/8")
    sam = Client(REMOTE_ADDR="10.9.9.9")
    sam.force_login(User.objects.create_user("sam"))

    page = client.get("/account/").content.decode()

    for browser in ("Firefox on Linux", "Edge on Windows", "Safari on iPhone", "something else"):
        assert page.count(browser) == 1
    assert "10.0.0.2" in page and "10.0.0.3" in page and page.count("this one") == 1
    assert page.count("<tr>") == 1 + 4
    assert sam.get("/account/").content.decode().count("<tr>") == 1 + 1


def test_the_others_can_be_ended(jo: User):
    first, second, third = logged_in(), logged_in(EDGE), logged_in(PHONE)

    page = first.post("/account/end-others/", follow=True).content.decode()

    assert "2 other sessions have ended." in page
    assert [is_in(client) for client in (first, second, third)] == [True, False, False]
    assert "Your session has ended: from another browser" in second.get("/login/").content.decode()
    entry = AuditEntry.objects.filter(what=What.ENDED_SESSIONS).get()
    assert (entry.name, entry.about, entry.address) == ("jo", "2 other sessions", "10.0.0.1")


def test_a_change_of_password_ends_the_other_sessions_and_is_on_record(jo: User):
    first, second = logged_in(), logged_in(EDGE)
    key = first.cookies["sessionid"].value

    page = change(first)

    assert (page.status_code, page["Location"]) == (302, "/account/")
    assert "Your password is changed. 1 other session has ended." in first.get("/account/").content.decode()
    assert not is_in(second) and first.cookies["sessionid"].value != key
    assert Client().post("/login/", {"username": "jo", "password": PASSWORD}).status_code == 200
    assert is_in(logged_in(password=NEW))
    entry = AuditEntry.objects.filter(what=What.CHANGED_PASSWORD).get()
    assert (entry.name, entry.about) == ("jo", "1 other session ended")


@pytest.mark.parametrize(
    "new, why",
    [
        ("too short", "at least 12 characters"),
        ("password1234", "too common"),
        ("qwertyuiop12", "row of keys"),
        ("jo.harper@energy", "too similar"),
        ("193847561029", "entirely numeric"),
    ],
)
def test_the_rules_hold_for_everybody(jo: User, new: str, why: str):
    page = change(logged_in(), new=new)

    assert page.status_code == 400 and why in page.content.decode()
    assert User.objects.get().check_password(PASSWORD)


def test_the_new_password_is_typed_twice(jo: User):
    assert "password fields didn" in change(logged_in(), again="something else, as long").content.decode()
    assert User.objects.get().check_password(PASSWORD)


def test_whoever_sits_down_at_an_open_browser_cannot_guess_the_password(jo: User, settings):
    settings.LOG_IN_TRIES = 3
    client = logged_in()

    assert [change(client, old=f"guess {n}").status_code for n in range(4)] == [400] * 3 + [429]
    assert change(client).status_code == 429
    assert AuditEntry.objects.filter(what=What.REFUSED_LOG_IN).count() == 3


def test_a_password_that_an_administrator_changes_ends_every_session(jo: User):
    client = logged_in()
    boss = User.objects.create_superuser("boss")
    admin = Client()
    admin.force_login(boss)
    told = {"password1": NEW, "password2": NEW, "usable_password": "true"}

    assert admin.post(f"/admin/auth/user/{jo.pk}/password/", told).status_code == 302

    assert not is_in(client) and not Session.objects.filter(person=jo).exists()
    entry = AuditEntry.objects.filter(what=What.ADMINISTERED).get()
    assert (entry.name, entry.about) == ("boss", "user jo: Changed password.")


def test_the_administration_has_no_page_for_ones_password_and_no_way_out_of_its_own(jo: User):
    client = logged_in()

    assert client.get("/admin/password_change/")["Location"] == "/account/"
    assert client.post("/admin/logout/").status_code == 302
    assert AuditEntry.objects.order_by("pk").last().what == What.LOGGED_OUT


@pytest.mark.parametrize(
    ("asked", "page", "sent_to"),
    [
        ("/discrepancies/?severity=high", "/discrepancies/?fuel=gas", "/login/?next=/discrepancies/%3Fseverity%3Dhigh"),
        ("/extracts/loads/", "/extracts/", None),
    ],
)
def test_what_was_asked_for_once_the_session_was_over_is_there_after_the_log_in(asked, page, sent_to):
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{page}"}

    answer = Client().get(asked, headers=headers)

    assert (answer.headers.get("HX-Redirect"), answer.headers.get("HX-Refresh")) == (
        (sent_to, None) if sent_to else (None, "true")
    )
