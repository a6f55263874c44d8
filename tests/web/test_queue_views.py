"""Views of the queue and its columns: saved from the list, opened by their address, seen by whom they are meant for."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from reconcile.domain.days import today
from reconcile.domain.views import COLUMNS, READY_MADE
from reconcile.models import AuditEntry, Discrepancy, Membership, View, WorkItem
from reconcile.web.tables.queue import TO_CHOOSE

from .cast import Cast, make_view
from .market import LAST_DAY
from .test_work import ours, post, rows_of

Browse = Callable[[str], Client]


def save(client: Client, name: str, query: str = "rule=A_REMOVED", **more: object) -> str:
    """Save the list as it stands, and read the page that follows."""
    return client.post("/work/views/save/", {"name": name, "query": query, **more}, follow=True).content.decode()


def titles(page: str) -> list[str]:
    """The heads of the list."""
    return [re.sub(r"<[^>]+>|[▲▼]", "", one).strip() for one in re.findall(r"<th[^>]*>(.*?)</th>", page, re.DOTALL)]


def names(page: str) -> set[str]:
    """The views that a page of the queue leads to."""
    (part,) = re.findall(r'<nav aria-label="Views">(.*?)</nav>', page, re.DOTALL)
    return set(re.findall(r"<a [^>]*>([^<]*)</a>", part)) - {"Every open one"}


def test_a_view_is_the_filter_the_order_and_the_columns(browse: Browse, cast: Cast):
    client = browse("supplier")
    found = Discrepancy.objects.filter(supplier=cast.ours, resolved_on=None, rule="A_REMOVED")

    page = save(client, "Gone  meters", sort="-mpxn", column=["firmware", "rule", "due"])

    view = View.objects.get()
    assert (view.name, view.query, view.sort) == ("Gone meters", "rule=A_REMOVED", "-mpxn")
    assert "<h1>Work: Gone meters</h1>" in page and rows_of(page) == found.count()
    assert titles(page) == ["Choose", "Meter Point", "Problem", "Due", "Firmware"]
    order = [int(one) for one in re.findall(r'name="id" value="(\d+)"', page)]
    assert order == list(found.order_by("-pk").values_list("pk", flat=True))
    assert client.get(f"/work/views/{view.pk}/")["Location"] == f"/work/?rule=A_REMOVED&sort=-mpxn&view={view.pk}"
    assert titles(client.get("/work/").content.decode())[2] == "Problem"


def test_own_views_are_ones_own_and_shared_ones_the_partys(browse: Browse, cast: Cast):
    client = browse("supplier")
    mine, both = make_view(cast.supplier, "Mine alone", shared=False), make_view(cast.supplier, "For all of us")
    make_view(cast.operator, "The operator's")

    assert {"Mine alone", "For all of us"} < names(client.get("/work/").content.decode())
    assert "For all of us" in names(browse("viewer").get("/work/").content.decode())
    for part in ("viewer", "rival", "network", "operator", "loader", "watcher"):
        other = browse(part)
        pages = other.get("/work/").content.decode() + other.get("/work/views/").content.decode()
        assert "Mine alone" not in pages and ("For all of us" in pages) == (part == "viewer"), part
        assert other.get(f"/work/views/{mine.pk}/").status_code == 404, part
        assert (other.get(f"/work/views/{both.pk}/").status_code == 302) == (part == "viewer"), part
        for what in ("change", "remove"):
            assert other.post(f"/work/views/{both.pk}/{what}/", {"name": "x"}).status_code == 404, (part, what)
        assert other.post("/work/views/save/", {"replaces": both.pk}).status_code == 404, part
    client.post(f"/work/views/{both.pk}/change/", {"shared": "no"})
    assert "For all of us" not in names(browse("viewer").get("/work/").content.decode())


def test_a_manager_looks_after_what_is_shared_and_the_history_tells_of_it(browse: Browse, cast: Cast):
    Membership.objects.filter(user=cast.viewer).update(role="manager")
    manager, view = browse("viewer"), make_view(cast.supplier, "For all of us")

    manager.post(f"/work/views/{view.pk}/change/", {"name": "Everybody's"})
    manager.post("/work/views/save/", {"replaces": view.pk, "query": "rule=A_NO_METER", "column": "rule"})
    page = manager.get("/work/history/?what=view").content.decode()
    manager.post(f"/work/views/{view.pk}/remove/")

    told = list(AuditEntry.objects.filter(what="view").order_by("pk").values_list("name", "about", "words", "party"))
    assert [(name, party) for name, _, _, party in told] == [
        ("supplier", cast.ours.pk),
        *[("viewer", cast.ours.pk)] * 3,
    ]
    assert "saved" in told[0][1] and "renamed from “For all of us”" in told[1][1]
    assert told[2][2] == "Before: “rule=A_REMOVED”. After: “rule=A_NO_METER” with rule."
    assert "removed" in told[3][1] and told[3][2] == "Before: “rule=A_NO_METER” with rule."
    assert "Everybody&#x27;s” of supplier, shared" in page and not View.objects.exists()


def test_work_opens_with_what_a_person_chose(browse: Browse, cast: Cast):
    client, view = browse("viewer"), make_view(cast.supplier, "For all of us")

    client.post("/work/views/start/", {"key": view.pk})
    opened = client.get("/work/")
    whole = client.get("/work/?state=open")
    client.post("/work/views/start/", {"key": "oldest"})
    ready = client.get("/work/")
    client.post("/work/views/start/", {"key": view.pk})
    View.objects.all().delete()

    assert opened["Location"] == f"/work/?rule=A_REMOVED&view={view.pk}" and whole.status_code == 200
    assert ready["Location"] == "/work/?sort=wrong_since&view=oldest"
    assert browse("supplier").get("/work/").status_code == 200 and client.get("/work/").status_code == 200
    assert client.post("/work/views/start/", {"key": "no-such"}).status_code == 404


def test_ready_made_views_find_what_they_are_called(browse: Browse, cast: Cast):
    client, ids = browse("supplier"), ours(cast)
    now = timezone.now()
    post(client, ids[:1], "assign", assignee="supplier")
    post(client, ids[1:3], "raise", to="network")
    item = WorkItem.objects.get(discrepancy=ids[1])
    type(item.raised).objects.filter(pk=item.raised_id).update(at=now - timedelta(days=11))
    post(client, ids[3:4], "explain", reason="Site visit booked", explain_due=today(now) + timedelta(days=3))
    WorkItem.objects.filter(discrepancy=ids[0]).update(why="The date until which it was explained has come: today")

    def found(key: str) -> set[int]:
        page = client.get(f"/work/views/{key}/", follow=True).content.decode()
        return {int(one) for one in re.findall(r'name="id" value="(\d+)"', page)}

    week = LAST_DAY - timedelta(days=7)
    assert found("mine") == found("explained-due") == {ids[0]}
    assert found("unanswered") == {ids[1], ids[2]} and found("explained-soon") == {ids[3]}
    type(item.raised).objects.update(at=now - timedelta(days=9))
    assert found("unanswered") == set()
    new = Discrepancy.objects.filter(supplier=cast.ours, resolved_on=None, first_seen__gt=week)
    assert found("new-this-week") == set(new.values_list("pk", flat=True)) < found("oldest")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"query": "unheard=1"}, "unheard: there is no such filter."),
        ({"query": "rule=NONE"}, "Rule: Select a valid choice"),
        ({"query": f"mpxn={'1' * 5000}"}, "at most 4,000 characters"),
        ({"sort": "colour"}, "cannot be sorted by “colour”"),
        ({"column": "colour"}, "no column “colour”"),
        ({"name": " "}, "Give the view a name"),
        ({"name": "mine"}, "a view called “mine” already"),
        ({"name": "Here Already"}, "a view called “Here Already” already"),
    ],
)
def test_what_is_no_view_is_said_and_not_saved(browse: Browse, cast: Cast, asked: dict, words: str):
    make_view(cast.supplier, "Here already")

    page = save(browse("supplier"), **{"name": "New", **asked})

    assert words in page and View.objects.count() == 1


def test_a_view_whose_filter_is_valid_no_more_says_so(browse: Browse, cast: Cast):
    client, view = browse("supplier"), make_view(cast.supplier)
    View.objects.update(query="supplier=GONE&rule=A_REMOVED", columns=["gone", "rule"], sort="gone")

    opened = client.get(f"/work/views/{view.pk}/", follow=True)
    page = client.get("/work/views/").content.decode()

    assert opened.status_code == 200 and "Supplier: Select a valid choice" in opened.content.decode()
    assert "It finds nothing any more. Supplier: Select a valid choice" in page


def test_columns_are_chosen_per_person_and_remembered(browse: Browse, cast: Cast):
    client = browse("supplier")

    refused = client.post("/work/columns/", {"column": ["colour"]}, follow=True).content.decode()
    back = "/work/?rule=A_REMOVED"
    answer = client.post("/work/columns/", {"column": ["state", "network", "commissioned", "note"], "back": back})

    assert "no column “colour”" in refused and answer["Location"] == back
    assert titles(browse("supplier").get("/work/").content.decode()) == [
        "Choose", "Meter Point", "Change", "Network Party", "Last note", "Commissioned",
    ]  # fmt: skip
    assert titles(browse("viewer").get("/work/").content.decode())[2] == "Problem"
    client.post("/work/columns/", {"column": [*COLUMNS]})
    assert len(titles(client.get("/work/").content.decode())) == len(COLUMNS) + 2
    client.post("/work/columns/", {"usual": "yes", "column": ["network"]})
    assert "Network Party" not in titles(client.get("/work/").content.decode())


def test_every_column_that_can_be_chosen_has_its_cell():
    assert [*TO_CHOOSE] == [*COLUMNS]
    assert all(column.title == COLUMNS[name] for name, column in TO_CHOOSE.items())


def test_a_day_can_be_told_from_today(browse: Browse, cast: Cast):
    client, ids = browse("supplier"), ours(cast)
    post(client, ids[:1], "assign", assignee="supplier", assign_due=today(timezone.now()) + timedelta(days=2))

    assert rows_of(client.get("/work/?due=today%2B2").content.decode()) == 1
    assert rows_of(client.get("/work/?due=today").content.decode()) == 0
    assert "Due by: Enter a valid date" in client.get("/work/?due=tomorrow").content.decode()


def test_who_only_looks_saves_views_and_shares_none(browse: Browse, cast: Cast):
    client = browse("viewer")

    page = save(client, "Their own")
    shared = client.post("/work/views/save/", {"name": "For all", "shared": "yes"})

    assert "Work: Their own" in page and shared.status_code == 404
    assert client.post(f"/work/views/{View.objects.get().pk}/change/", {"shared": "yes"}).status_code == 404
    assert READY_MADE.keys() <= {one.key for one in browse("viewer").get("/work/").context["views"]}


def test_the_same_request_saves_once(browse: Browse, cast: Cast):
    client = browse("supplier")

    first, again = (save(client, "Twice", request="k") for _ in range(2))

    assert "Work: Twice" in first and "Work: Twice" in again and View.objects.count() == 1


def test_a_program_does_with_views_what_the_pages_do(browse: Browse, cast: Cast):
    def send(part: str, method: str, address: str = "", **body: object) -> tuple[int, dict]:
        client = browse(part)
        answer = getattr(client, method)(f"/api/work/views/{address}", body or None, content_type="application/json")
        return answer.status_code, answer.json() if answer.content else {}

    asked = {"name": "Gone", "query": "rule=A_REMOVED", "columns": ["due", "rule"], "shared": True, "request": "k"}
    code, made = send("supplier", "post", **asked)
    again = send("supplier", "post", **asked)
    number = f"{made['id']}/"

    assert (code, again) == (201, (201, made)) and View.objects.count() == 1
    assert made == {
        "id": made["id"], "name": "Gone", "query": "rule=A_REMOVED", "sort": "", "columns": ["rule", "due"],
        "owner": "supplier", "own": True, "shared": True, "start": False,
    }  # fmt: skip
    assert send("supplier", "post", **{**asked, "request": "l", "query": "x=1", "name": "y"})[0] == 409
    assert send("supplier", "post", name="y", columns=["colour"])[0] == 400
    assert send("supplier", "patch", number, name="Gone meters", sort="-mpxn")[1]["sort"] == "-mpxn"
    assert View.objects.get().query == "rule=A_REMOVED"
    assert send("viewer", "post", "habits/", columns=["model"], start=made["id"], keys=False) == (
        200, {"columns": ["model"], "start": made["id"], "keys": False},
    )  # fmt: skip
    keys = [one["id"] for one in browse("viewer").get("/api/work/views/").json()["results"]]
    assert keys == [*READY_MADE, made["id"]] and browse("viewer").get(f"/api/work/views/{number}").json()["start"]
    for part in ("rival", "network", "operator", "stranger", "viewer"):
        if part != "viewer":
            assert browse(part).get(f"/api/work/views/{number}").status_code == 404, part
            assert send(part, "post", "habits/", start=made["id"])[0] == 404, part
        assert send(part, "patch", number, name="x")[0] == send(part, "delete", number)[0] == 404, part
    assert send("supplier", "delete", number) == (204, {}) and not View.objects.exists()
    assert send("supplier", "delete", "mine/")[0] == send("supplier", "patch", "mine/", name="x")[0] == 404


def test_keys_can_be_switched_off_and_stay_so(browse: Browse, cast: Cast):
    client = browse("supplier")
    before = client.get("/work/").content.decode()
    off = client.post("/work/keys/", {"keys": "off", "back": "/work/?state=all"}, follow=True)
    later = browse("supplier").get("/work/").content.decode()
    on = client.post("/work/keys/", {"keys": "on", "back": "/work/"}, follow=True).content.decode()

    assert "data-no-keys" not in before + on and "Switch keys off" in before
    assert off.redirect_chain == [("/work/?state=all", 302)]
    assert "data-no-keys" in later and "Switch keys on" in later
    assert "data-no-keys" not in browse("viewer").get("/work/").content.decode()


def test_who_works_for_two_parties_says_for_which_now(browse: Browse, cast: Cast):
    Membership.objects.create(user=cast.supplier, party=cast.london, role="analyst")
    client = browse("supplier")

    before = client.post("/work/desk/", {"party": cast.ours.pk}, follow=True).content.decode()
    after = client.post("/work/desk/", {"party": cast.london.pk}, follow=True).content.decode()
    told = client.get("/api/work/views/desks/").json()
    back = client.post("/api/work/views/desks/", {"party": cast.ours.pk}, content_type="application/json").json()

    assert "Supplier OURS, as of" in before and "Work for London Networks" in before
    assert "London Networks, as of" in after and "Work for Supplier OURS" in after
    assert told["party"] == cast.london.pk and {one["name"] for one in told["parties"]} == {
        "London Networks",
        "Supplier OURS",
    }
    assert back["party"] == cast.ours.pk and "Supplier OURS, as of" in client.get("/work/").content.decode()
    assert client.post("/work/desk/", {"party": cast.theirs.pk}).status_code == 404
    assert "Work for" not in browse("rival").get("/work/").content.decode()
