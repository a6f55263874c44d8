"""Cohorts on the pages: frozen from the queue, followed by real runs, each figure leading to exactly its rows."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from reconcile.ledger import operations
from reconcile.ledger.actors import MACHINE
from reconcile.models import Cohort, Discrepancy, Job, Run

from .cast import Cast, make_cohort
from .market import play_day
from .test_work import ours, rows_of

Browse = Callable[[str], Client]


def figures(page: str) -> list[list[tuple[str, str]]]:
    """Of each run in the table, the newest first: figures with the addresses of their rows."""
    (body,) = re.findall(r"<tbody>(.*?)</tbody>", page, re.DOTALL)
    cells = r'<td class="number">(?:<a href="([^"]*)">)?([\d,]+)'
    return [
        [(count, address.replace("&amp;", "&")) for address, count in re.findall(cells, line)]
        for line in body.split("</tr>")[:-1]
    ]


@pytest.fixture
def moved(cast: Cast, own_lake, tmp_path) -> Cohort:
    """Our supplier's open rows, frozen, and then a run of a market as it was in its third week."""
    rows = Discrepancy.objects.filter(supplier=cast.ours, resolved_on=None).values_list("pk", flat=True)
    cohort = make_cohort(cast.supplier, list(rows), "Everything of November")
    play_day(tmp_path, 2, Run.objects.latest("as_of").as_of.replace(day=26))
    return cohort


def test_which_of_those_moved(browse: Browse, cast: Cast, moved: Cohort):
    client = browse("supplier")

    page = client.get(f"/work/cohorts/{moved.pk}/").content.decode()
    text = client.get(f"/work/cohorts/{moved.pk}/csv/").content.decode()

    now, frozen = figures(page)
    members = [int(count) for count, _ in now]
    assert sum(members) == moved.size and frozen[0][0] == "0" and members[0] > 0 < members[1]
    for line in (now, frozen):
        for count, address in line:
            assert bool(address) == (count != "0")
            if address:
                rows = client.get(address).content.decode()
                assert rows_of(rows) == int(count) and f"of {count}</strong>" in rows
                listed = client.get(f"/api/work/?{address.partition('?')[2]}").json()
                assert listed["count"] == int(count) == len(listed["results"])
    wanted = now[0][1].partition("?")[2]
    client.post("/discrepancies/export/", {"query": wanted})
    made = operations.perform(actor=MACHINE, job_id=Job.objects.latest("pk").pk)
    assert made.result["rows"] == members[0] and "Cohort" not in made.result["filters"]
    first = moved.run
    assert text.splitlines()[0] == "run,as_of,mended,open,worse,absent"
    assert text.splitlines()[1].startswith(f"{first.pk},{first.as_of},0,") and len(text.splitlines()) == 3
    assert page.count("<rect ") == sum(count != "0" for line in (now, frozen) for count, _ in line)


def test_the_list_is_frozen_by_its_first_rows(browse: Browse, cast: Cast):
    client, total = browse("supplier"), Discrepancy.objects.filter(supplier=cast.ours, resolved_on=None).count()
    asked = {"query": "", "run": cast.last_run.pk, "count": total, "first": "2", "sort": "-mpxn", "request": "k"}

    page = client.post("/work/cohorts/freeze/", asked, follow=True).content.decode()
    client.post("/work/cohorts/freeze/", asked)
    listed = client.get("/work/cohorts/").content.decode()

    cohort = Cohort.objects.get()
    last = Discrepancy.objects.filter(supplier=cast.ours, resolved_on=None).order_by("-pk")[:2]
    assert {one.discrepancy_id for one in cohort.members.all()} == {one.pk for one in last}
    assert f"Frozen: 2 rows as “{cohort.name}”." in page and "Which of those moved?" in page
    assert cohort.name in listed and figures(listed)[0][-1][0] == "2"


def test_everything_that_matches_is_frozen_by_a_job(browse: Browse, cast: Cast, monkeypatch):
    monkeypatch.setattr("reconcile.ledger.cohorts.MOST_CHOSEN", 3)
    client, total = browse("supplier"), Discrepancy.objects.filter(supplier=cast.ours, resolved_on=None).count()
    asked = {"query": "", "run": cast.last_run.pk, "count": total, "whole": "yes", "cohort_name": "All of it"}

    refused = client.post("/work/cohorts/freeze/", {**asked, "count": total + 1}, follow=True).content.decode()
    client.post("/work/cohorts/freeze/", asked)
    job = operations.perform(actor=MACHINE, job_id=Job.objects.get().pk)
    page = client.get(f"/jobs/{job.pk}/").content.decode()

    assert f"finds {total} rows now, not the {total + 1}" in refused
    assert f"<strong>{total}</strong> rows are frozen as “All of it”" in page
    assert f'href="/work/cohorts/{Cohort.objects.get().pk}/"' in page
    assert browse("operator").get(f"/jobs/{job.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({}, "Choose rows first"),
        ({"first": "x"}, "something that is no number"),
        ({"first": "0", "run": "1", "count": "5"}, "nothing to freeze"),
        ({"first": "5", "run": "1", "count": "5", "sort": "colour"}, "cannot be sorted by “colour”"),
    ],
)
def test_what_cannot_be_frozen_is_said(browse: Browse, cast: Cast, asked: dict, words: str):
    page = browse("supplier").post("/work/cohorts/freeze/", asked, follow=True).content.decode()

    assert words in page and not Cohort.objects.exists()


def test_no_other_party_learns_of_a_cohort(browse: Browse, cast: Cast):
    cohort = make_cohort(cast.supplier, ours(cast)[:2], "Words of our supplier")

    assert cohort.name in browse("viewer").get("/work/cohorts/").content.decode()
    for part in ("rival", "network", "operator", "loader", "watcher"):
        client = browse(part)
        for address in ("/work/cohorts/", f"/work/?cohort={cohort.pk}&state=all", "/work/history/", "/record/"):
            assert cohort.name not in client.get(address).content.decode(), (part, address)
        for what in ("", "csv/"):
            assert client.get(f"/work/cohorts/{cohort.pk}/{what}").status_code == 404, part
        assert rows_of(client.get(f"/work/?cohort={cohort.pk}&state=all").content.decode()) == 0
        assert client.get(f"/api/work/?cohort={cohort.pk}").status_code == 400
        assert client.post(f"/work/cohorts/{cohort.pk}/remove/").status_code == 404, part


def test_a_cohort_is_renamed_and_removed(browse: Browse, cast: Cast):
    client, cohort = browse("supplier"), make_cohort(cast.supplier, ours(cast)[:2])

    unnamed = client.post(f"/work/cohorts/{cohort.pk}/rename/", {"name": " "}, follow=True).content.decode()
    renamed = client.post(f"/work/cohorts/{cohort.pk}/rename/", {"name": "Two"}, follow=True).content.decode()
    gone = client.post(f"/work/cohorts/{cohort.pk}/remove/", follow=True).content.decode()

    assert "Give the cohort a name" in unnamed and ">Two</a>" in renamed and "There are none yet." in gone


def test_a_program_does_with_cohorts_what_the_pages_do(browse: Browse, cast: Cast, monkeypatch):
    client, ids = browse("supplier"), ours(cast)[:3]

    def send(part: str, **body: object) -> tuple[int, dict]:
        answer = browse(part).post("/api/work/cohorts/", body, content_type="application/json")
        return answer.status_code, answer.json()

    code, made = send("supplier", name="Three", ids=ids, request="k")
    again = send("supplier", name="Three", ids=ids, request="k")
    address = f"/api/work/cohorts/{made['id']}/"
    told = client.get(address).json()
    members = client.get(f"{address}members/?fate=open&per_page=2").json()
    rest = client.get(members["next"]).json()["results"]

    assert (code, again) == (201, (201, made)) and (made["size"], made["unseen"], made["mended"]) == (3, 0, 0)
    assert told["cohort"] == made == client.get("/api/work/cohorts/").json()["results"][0]
    assert [(one["run"], one["open"] + one["absent"]) for one in told["runs"]] == [(cast.last_run.pk, 3)]
    assert [one["id"] for one in members["results"] + rest] == [one for one in ids if one not in absent()]
    whole = {"filter": "", "run": cast.last_run.pk, "count": len(every(cast))}
    assert send("supplier", **{**whole, "count": 1})[0] == send("supplier")[0] == 409
    first_two = send("supplier", **whole, first=2, sort="-mpxn")[1]
    assert (first_two["size"], first_two["name"][:6]) == (2, "Top 2,")
    monkeypatch.setattr("reconcile.ledger.cohorts.MOST_CHOSEN", 2)
    assert send("supplier", **whole, name="All")[0] == 202
    named = client.patch(address, {"name": "3"}, content_type="application/json")
    assert named.json()["name"] == "3"
    for part in ("rival", "network", "operator", "watcher", "stranger", "viewer"):
        other, may_freeze = browse(part), part in {"network", "operator"}
        seen = [other.get(at).status_code for at in (address, f"{address}members/")]
        assert seen == ([200, 200] if part == "viewer" else [404, 404]), part
        assert other.delete(address).status_code == 404, part
        assert (send(part, name="x", ids=ids[:1])[0] == 201) == may_freeze, part
    assert client.delete(address).status_code == 204 and client.get(address).status_code == 404


def absent() -> set[int]:
    """What the last run did not see."""
    return set(Discrepancy.objects.filter(last_seen__isnull=False, resolved_on=None).values_list("pk", flat=True))


def every(cast: Cast) -> list[int]:
    """The open rows of our supplier."""
    return list(Discrepancy.objects.filter(supplier=cast.ours, resolved_on=None).values_list("pk", flat=True))
