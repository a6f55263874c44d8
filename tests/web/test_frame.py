"""What the columns in memory find, count and order is what the database finds: of every filter, at every desk."""

from datetime import UTC, date, datetime

import pytest
from django.conf import settings as product
from django.contrib.auth.models import User
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from pyarrow import parquet

from reconcile.domain.lifecycle import State
from reconcile.domain.rules import RULES
from reconcile.domain.work import Act
from reconcile.ledger import frame, operations, queries
from reconcile.ledger.access import EVERYTHING
from reconcile.ledger.actors import actor_for
from reconcile.ledger.frame import frames, items
from reconcile.ledger.queries import Place
from reconcile.ledger.queries.causes import Commons
from reconcile.ledger.working import Change, Selection
from reconcile.models import Contradiction, Discrepancy, Run, WorkItem
from reconcile.web import ahead

from .cast import Cast

NOW = datetime(2021, 11, 25, 7, tzinfo=UTC)
FILTERS = (
    "", "state=all", "state=resolved", "state=new", "state=just_resolved", "severity=high",
    "severity=mismatch&fuel=gas", "rule=A_REMOVED&rule=N_COMMISSIONED", "who_acts=dcc&flag=A",
    "network=12&wrong_for=over_year", "shows=removed", "in_flight=yes", "absent=no&undetermined=no",
    "comparable=no", "ever_regressed=yes&state=all", "point_status=in_use", "move=new", "mpxn=12",
    "supplier=OURS&work=to_do", "work=raised", "work=explained&state=all", "work=closed&state=all",
    "assigned=me", "assigned=nobody&rule=A_REMOVED", "assigned=somebody", "answer=none", "postcode_area=se",
    "commissioned=2020-01", "contradicted=yes", "contradicted=no&rule=A_REMOVED",
    "generation=SMETS1", "generation=SMETS2&state=all", "generation=not_known", "generation=no_meter",
)  # fmt: skip


@pytest.fixture
def worked(cast: Cast) -> Cast:
    """A market in which two parties have done something about some rows."""
    rows = list(Discrepancy.objects.filter(network=cast.london, resolved_on=None).values_list("pk", flat=True))
    Discrepancy.objects.filter(pk__in=rows[1:4]).update(commissioned=date(2020, 1, 31))
    Discrepancy.objects.filter(pk__in=rows[4:6]).update(commissioned=date(2020, 2, 1))
    Contradiction.objects.bulk_create(
        Contradiction(discrepancy_id=one, sent_at=NOW, code="N2", device_id="00-00-00-00-00-00-00-01")
        for one in rows[:3]
    )
    ours = [*Discrepancy.objects.filter(pk__in=rows, supplier=cast.ours).values_list("pk", flat=True)]
    for who, ids, change in (
        (cast.operator, rows[:6], Change(Act.ASSIGN, assignee="operator", due=date(2021, 12, 3))),
        (cast.operator, rows[2:4], Change(Act.ASSIGN, assignee="loader", due=date(2021, 12, 1))),
        (cast.operator, rows[3:8], Change(Act.RAISE, to="network")),
        (cast.operator, rows[7:9], Change(Act.EXPLAIN, reason="Accepted as it is", until_changed=True)),
        (cast.supplier, ours[:2], Change(Act.RAISE, to="network")),
    ):
        operations.work_on(actor=actor_for(who), asked=change, of=Selection(tuple(ids)), now=NOW)
    return cast


def listed(who: User, query: str, sort: str = "") -> queries.WorkList:
    found = queries.work_list(actor=actor_for(who), filters=QueryDict(query), sort=sort)
    assert not found.problem
    return found


def page(found: queries.WorkList, size: int = 10_000) -> list:
    return found.sorted.page(Place(), size, found.total).rows


def ids(found: queries.WorkList) -> list[int]:
    return [row.pk for row in page(found)]


@pytest.mark.parametrize("part", ["operator", "supplier", "network"])
def test_every_filter_finds_what_the_database_finds(worked: Cast, part: str):
    who = getattr(worked, part)

    for query in FILTERS:
        found = listed(who, query)
        rows = found.filters.narrowed(queries.work_list(actor=actor_for(who), filters={}).sorted.within)
        assert ids(found) == list(rows.order_by("worst", "pk").values_list("pk", flat=True)), query
        assert found.total == rows.count(), query
    assert listed(worked.operator, "commissioned=2020-01").total == 3


@pytest.mark.parametrize("part", ["operator", "supplier"])
@pytest.mark.parametrize("query", ["", "rule=A_REMOVED", "work=raised&state=all", "mpxn=12&supplier=OURS"])
def test_every_count_of_a_facet_is_that_of_the_list_which_it_leads_to(worked: Cast, part: str, query: str):
    who = getattr(worked, part)
    found = listed(who, query)

    for facet in found.facets:
        for option in facet.options:
            asked = QueryDict(query, mutable=True)
            asked[facet.name] = option.value
            assert listed(who, asked.urlencode()).total == option.count, (facet.name, option.value)
    assert {facet.name for facet in found.facets} >= {
        "contradicted",
        "ever_regressed",
        "wrong_for",
        "generation",
        "smets",
        "model",
        "postcode_area",
    }


def test_rows_come_by_what_was_done_with_what_has_no_value_last(worked: Cast):
    def values(sort: str) -> list:
        rows = page(listed(worked.operator, "assigned=somebody", sort))
        given = [next(iter(row.work_items.all())) for row in rows]
        name = sort.removeprefix("-")
        pick = {
            "assignee": lambda one: one.assignee.username,
            "due": lambda one: one.due,
            "work": lambda one: one.state,
            "raised_on": lambda one: one.raised_id if one.state == "raised" else None,
        }
        return [pick[name](one) for one in given]

    assert values("assignee") == ["loader"] * 2 + ["operator"] * 4 == values("-assignee")[::-1]
    due = values("due")
    assert due == sorted([day for day in due if day]) + [None] * due.count(None)
    later = values("-due")
    assert later == sorted([day for day in later if day], reverse=True) + [None] * due.count(None)
    assert values("work") == ["to_do"] * 3 + ["raised"] * 3
    assert values("raised_on")[-3:] == [None] * 3
    for sort, pick in {
        "flag": lambda row: ["A", "I", "N", "", "S", "W"].index(row.flag or ""),
        "who_acts": lambda row: RULES[row.rule].who_acts,
        "state": lambda row: [*State].index(row.state),
    }.items():
        rows = page(listed(worked.operator, "state=all", sort))
        keys = [(pick(row), row.worst, row.pk) for row in rows]
        assert keys == sorted(keys) and len({one[0] for one in keys}) > 1, sort
        backwards = [pick(row) for row in page(listed(worked.operator, "state=all", f"-{sort}"))]
        assert backwards == [one[0] for one in keys][::-1], sort
    everything = listed(worked.operator, "", "due")
    assert len(ids(everything)) == everything.total == len(set(ids(everything)))
    walked, place = [], Place()
    while rows := everything.sorted.page(place, 7, everything.total).rows:
        walked += [row.pk for row in rows]
        place = Place(after=walked[-1])
    assert walked == ids(everything)
    assert [row.pk for row in everything.sorted.page(Place(before=walked[14]), 7, 0).rows] == walked[7:14]


def test_a_large_ledger_is_read_from_what_its_run_left_and_follows_what_people_do(worked: Cast, own_lake, monkeypatch):
    small = {query: (ids(listed(worked.operator, query)), listed(worked.operator, query).facets) for query in FILTERS}
    monkeypatch.setattr(frames, "SMALL", 0)
    monkeypatch.setattr(items, "SMALL", 0)
    monkeypatch.setattr(frames, "_kept", frames._Kept())
    monkeypatch.setattr(items, "_kept", items._Kept())
    run = Run.objects.get(pk=worked.last_run.pk)

    frame.keep(run)
    monkeypatch.setattr(frames, "made", None)
    for query, was in small.items():
        found = listed(worked.operator, query)
        assert (ids(found), found.facets) == was, query

    assert (product.LAKE_DIR / run.snapshot / frames.FILE).is_file() and frames.FILE in run.checksums
    before = listed(worked.operator, "assigned=nobody").total
    rows = ids(listed(worked.operator, "assigned=nobody"))[:2]
    change = Change(Act.ASSIGN, assignee="loader")
    operations.work_on(actor=actor_for(worked.operator), asked=change, of=Selection(tuple(rows)), now=NOW)
    assert listed(worked.operator, "assigned=nobody").total == before - 2
    assert listed(worked.supplier, "assigned=somebody").total == 0


def test_causes_are_the_same_of_what_a_run_left(worked: Cast, own_lake, monkeypatch):
    small = [causes_of(query) for query in ("", "state=all&fuel=gas", "network=12")]
    assert small[0].charts and small[0].comparable > 0
    run = Run.objects.get(pk=worked.last_run.pk)
    monkeypatch.setattr(frames, "SMALL", 0)
    monkeypatch.setattr(frames, "_kept", frames._Kept())

    frame.keep(run)
    monkeypatch.setattr(frames, "made", None)

    assert [causes_of(query) for query in ("", "state=all&fuel=gas", "network=12")] == small


def causes_of(query: str) -> Commons:
    return queries.causes(scope=EVERYTHING, filters=QueryDict(query)).found


def test_what_an_earlier_version_left_is_made_anew(worked: Cast, own_lake, monkeypatch):
    monkeypatch.setattr(frames, "SMALL", 0)
    monkeypatch.setattr(frames, "_kept", frames._Kept())
    run = Run.objects.get(pk=worked.last_run.pk)
    frame.keep(run)
    path = product.LAKE_DIR / run.snapshot / frames.FILE
    parquet.write_table(parquet.read_table(path).drop_columns(["commissioned"]), path)

    assert set(frames.frame_of(run).values["commissioned"]) == {"", "2020-01", "2020-02"}


def test_a_facet_is_searched_on_a_page_of_its_own(worked: Cast, client):
    client.force_login(worked.operator)

    page = client.get("/work/facets/network/?q=london&rule=A_REMOVED").content.decode()
    part = client.get("/work/facets/rule/?network=12", headers={"HX-Request": "true"}).content.decode()

    assert "London" in page and "Eastern" not in page and 'href="/work/?rule=A_REMOVED&amp;network=12"' in page
    assert "<html" not in part and "Active, but the meter has gone" in part
    assert client.get("/work/facets/dance/").status_code == 404
    assert '<a href="/work/" aria-current="page">Queue</a>' in page


def test_a_new_process_reads_ahead_what_the_queue_is_made_of(worked, monkeypatch):
    for module in (frames, items):
        monkeypatch.setattr(module, "SMALL", 0)
        monkeypatch.setattr(module, "_kept", module._Kept())
    ahead.read_ahead()

    with CaptureQueriesContext(connection) as asked:
        found = listed(worked.operator, "assigned=somebody")

    assert found.total > 0
    read = " ".join(query["sql"] for query in asked if "LIMIT" not in query["sql"])
    assert f'"{WorkItem._meta.db_table}"."assignee"' not in read
    assert "of_wrong_for" not in read


def test_a_new_process_serves_where_nothing_can_be_read_ahead(worked, monkeypatch, caplog):
    caplog.set_level("INFO")
    monkeypatch.setattr(queries, "read_ahead", lambda: 1 // 0)

    ahead.read_ahead()

    assert "could not read ahead" in caplog.text
