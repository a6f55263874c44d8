"""Every order ends in the key: however many rows tie, the pages of a list hold each row once."""

import html
import random
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import QuerySet

from reconcile.domain.rules import discrepancy_id
from reconcile.ledger import queries
from reconcile.ledger.access import EVERYTHING
from reconcile.models import Discrepancy, DiscrepancyCount, Extract

from .cast import NOW, Cast
from .market import LAST_DAY

MANY = 170
"""More than three pages of fifty, and with few enough different values that most rows tie."""


@pytest.fixture
def many(cast: Cast) -> dict[str, int]:
    """Rows that tie, written in no order; how many of each kind there are."""
    numbers = list(range(MANY))
    random.Random(3).shuffle(numbers)
    like = Discrepancy.objects.filter(rule="A_REMOVED", in_flight=False).first()
    for number in numbers:
        like.mpxn = 1300000000000 + number
        like.pk = discrepancy_id(like.mpxn, like.rule)
        like.first_seen = LAST_DAY - timedelta(days=number % 2)
        like.save(force_insert=True)
        Extract.objects.create(
            pk=100_000 + number, sha256=f"{number:064}", name=f"{number}.csv", kind="smi", table="devices",
            coverage="full", as_of=LAST_DAY, size=1, rows=number % 2, rejects=0, snapshot="x", loaded_at=NOW,
        )  # fmt: skip
    if connection.vendor == "postgresql":
        # Rows that were changed move, so that the order of the table is not that of the keys either.
        Discrepancy.objects.filter(mpxn__in=[1300000000000 + number for number in numbers[:80]]).update(meters=2)
    count = DiscrepancyCount.objects.filter(run=cast.last_run, rule=like.rule, state="ongoing").first()
    count.discrepancies += MANY
    count.save()
    return {"discrepancies": Discrepancy.objects.filter(resolved_on=None).count(), "extracts": Extract.objects.count()}


@pytest.mark.parametrize(
    ("kind", "link", "orders"),
    [
        ("discrepancies", r'<td class="mpxn"><a href="/points/(\d+)/">.*?#(\w+)"', queries.DISCREPANCY_ORDERS),
        ("extracts", r'<tr><td><a href="/extracts/(\d+)/"', queries.EXTRACT_ORDERS),
    ],
)
def test_the_pages_of_every_order_hold_each_row_once(browse, many, kind, link, orders):
    client = browse("operator")

    for sort in ["", *orders, *(f"-{name}" for name in orders)]:
        seen = []
        for page in range(1, 2 + many[kind] // 50):
            seen += re.findall(link, client.get(f"/{kind}/?sort={sort}&page={page}").content.decode(), re.DOTALL)

        assert len(seen) == len(set(seen)) == many[kind], sort


def test_days_sort_by_how_many_they_are(browse, many):
    Discrepancy.objects.filter(mpxn=1300000000000).update(last_seen=LAST_DAY - timedelta(days=30))

    for sort, backwards in (("age_days", False), ("-age_days", True)):
        ages = [row.age_days for row in queries.discrepancy_list(scope=EVERYTHING, filters={}, sort=sort).rows]
        assert len(set(ages)) > 2 and ages == sorted(ages, reverse=backwards)
    page = re.sub(r">\s+<", "><", browse("operator").get("/discrepancies/?sort=age_days").content.decode())
    assert 'aria-sort="ascending"><a href="?sort=-age_days' in page


def plan(rows: QuerySet) -> str:
    """How the database reads a page of rows."""
    return rows[:50].explain()


@pytest.mark.one_database  # PostgreSQL goes by how many rows there are: here, few.
@pytest.mark.parametrize("query", [
    {}, {"state": "all"}, {"rule": ["A_REMOVED"]}, {"network": ["10"]}, {"who_acts": "dcc"}, {"severity": "high"},
])  # fmt: skip
def test_the_usual_order_is_read_off_an_index(cast: Cast, query: dict):
    found = queries.discrepancy_list(scope=EVERYTHING, filters=query)

    assert "USING INDEX discrepancy_" in plan(found.rows)
    assert "TEMP B-TREE" not in plan(found.rows)


@pytest.mark.one_database  # As above.
@pytest.mark.parametrize("query", [{"severity": "low"}, {"severity": "watch"}, {"who_acts": "registration"}])
def test_the_less_grave_are_not_looked_for_behind_all_that_is_graver(cast: Cast, query: dict):
    found = queries.discrepancy_list(scope=EVERYTHING, filters=query)

    assert "SEARCH reconcile_discrepancy USING INDEX discrepancy_worst (<expr>>? AND <expr><?)" in plan(found.rows)


def test_page_and_api_come_worst_first(browse, cast: Cast):
    usual = [row.pk for row in queries.discrepancy_list(scope=EVERYTHING, filters={}).rows]
    worst = [row.pk for row in queries.discrepancy_list(scope=EVERYTHING, filters={}, sort="severity").rows]

    given = browse("operator").get("/api/discrepancies/?per_page=1000").json()["results"]

    assert [row["id"] for row in given] == usual == worst
    assert 'aria-sort="ascending"><a href="?sort=-severity' in re.sub(
        r">\s+<", "><", browse("operator").get("/discrepancies/").content.decode()
    )


def test_a_page_behind_a_row_that_nobody_has_is_refused(browse, cast: Cast):
    row = Discrepancy.objects.filter(supplier=cast.theirs, resolved_on=None).first()

    assert browse("rival").get(f"/api/discrepancies/?after={row.pk}").status_code == 200
    assert list(browse("supplier").get(f"/api/discrepancies/?after={row.pk}").json()) == ["after"]
    assert browse("operator").get("/api/discrepancies/?after=1").status_code == 400


def followed(client, address: str, name: str) -> list[str]:
    """The pages that come one after the other where the link of a name leads on."""
    pages = [client.get(address).content.decode()]
    while link := re.search(rf'<li><a href="([^"]*)">{name}</a></li>', pages[-1]):
        pages.append(client.get("/discrepancies/" + html.unescape(link[1])).content.decode())
    return pages


def test_pages_follow_each_other_by_key_both_ways(browse, many):
    client, listed = browse("operator"), r'<td class="mpxn"><a href="/points/(\d+)/">.*?#(\w+)"'
    Discrepancy.objects.filter(mpxn__gte=1300000000000 + MANY // 2).update(wrong_since_latest=None)

    for sort in ["", *queries.DISCREPANCY_ORDERS, *(f"-{name}" for name in queries.DISCREPANCY_ORDERS)]:
        every = queries.discrepancy_list(scope=EVERYTHING, filters={}, sort=sort).rows
        there = followed(client, f"/discrepancies/?sort={sort}", "Next")
        last = re.search(r'<a href="([^"]*)">Last</a>', there[0])[1]
        back = followed(client, "/discrepancies/" + html.unescape(last), "Previous")[::-1]

        for pages in (there, back):
            seen = [row for page in pages for row in re.findall(listed, page, re.DOTALL)]
            assert [(int(mpxn), rule) for mpxn, rule in seen] == [(row.mpxn, row.rule) for row in every], sort
            bounds = [re.search(r"<strong>(\d+)\u2013(\d+) of (\d+)</strong>", page).groups() for page in pages]
            assert [int(first) for first, _, _ in bounds] == list(range(1, len(seen) + 1, 50))
            assert bounds[-1][1:] == (str(len(seen)),) * 2
        assert ">First</a>" not in there[0] and ">Last</a>" not in there[-1]


def test_a_page_behind_a_row_that_is_nobodys_is_the_one_of_its_number(browse, many):
    client = browse("operator")

    pages = [client.get(f"/discrepancies/?page=2{place}").content.decode() for place in ("", "&after=1", "&before=x")]

    shown = [re.findall(r'<td class="mpxn"><a href="/points/(\d+)/">', page) for page in pages]
    assert shown[0] == shown[1] == shown[2] and len(shown[0]) == 50
