"""Two runs beside each other: the bridge sums for everybody, and each figure leads to exactly its rows."""

import csv
import io
import re
from itertools import combinations

import pytest
from django.utils import timezone

from reconcile.ledger import operations, queries
from reconcile.ledger.actors import MACHINE, actor_for
from reconcile.ledger.queries import MOVES, Narrowed
from reconcile.models import Run
from tests.ledger.market import reconcile

from .cast import Cast

PARTS = ("operator", "supplier", "rival", "network")


@pytest.mark.parametrize("part", PARTS)
def test_the_bridge_sums_for_every_scope_and_every_pair_of_runs(cast: Cast, part: str):
    scope = actor_for(getattr(cast, part)).scope
    totals = {row.run.pk: row.totals.mismatches for row in queries.runs(scope=scope)[:10]}

    for pair in combinations(totals, 2):
        found = queries.compared(scope=scope, runs=pair, now=timezone.now())
        moved = sum(step.count if step.adds else -step.count for step in found.steps)

        assert (found.before, found.now) == (totals[found.earlier.pk], totals[found.later.pk])
        assert found.before + moved == found.now
        assert sum(one.before for one in found.differences) == found.before
        assert sum(one.now for one in found.differences) == found.now
        assert found.total == sum(step.count for step in found.steps)


def test_each_step_is_the_number_of_its_rows_and_of_the_lines_of_its_csv(browse, cast: Cast):
    client, pair = browse("operator"), {"before": cast.first_run.pk, "after": cast.last_run.pk}
    scope = actor_for(cast.operator).scope
    found = queries.compared(scope=scope, runs=(pair["before"], pair["after"]), now=timezone.now())
    seen = {step.move: step.count for step in found.steps if step.count}
    assert seen.keys() >= {"new", "mended"}

    for move, count in [*seen.items(), ("before", found.before), ("now", found.now)]:
        page = client.get("/runs/compare/", {**pair, "move": move}).content.decode()
        answer = client.get("/runs/compare/csv/", {**pair, "move": move})
        rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))

        assert page.count('<th scope="row"><a href="/points/') == count == len(rows)
        assert move in {"before", "now"} or {row["move"] for row in rows} == {move}


def test_the_page_links_each_figure(browse, cast: Cast):
    client = browse("operator")
    page = client.get(f"/runs/compare/?before={cast.last_run.pk}&after={cast.first_run.pk}").content.decode()

    links = re.findall(r'<a href="(\?before=[^"#]*)#rows">[+\u2212]?([\d,]+)</a>', page)

    assert len(links) > 5
    for address, figure in links:
        rows = client.get("/runs/compare/" + address.replace("&amp;", "&")).content.decode()
        assert rows.count('<th scope="row"><a href="/points/') == int(figure.replace(",", "")), address


def test_the_run_page_leads_to_the_comparison_with_the_run_before(browse, cast: Cast):
    before = Run.objects.order_by("-as_of")[1]

    page = browse("supplier").get(f"/runs/{cast.last_run.pk}/").content.decode()

    assert f"/runs/compare/?before={before.pk}&amp;after={cast.last_run.pk}" in page


@pytest.mark.parametrize("query", ["", "?before=x&after=1", "?before=1&after=", "?move=nonsense&rule=x&page=-1"])
def test_what_names_no_two_runs_compares_the_newest(browse, query: str):
    assert "Why did it move?" in browse("operator").get(f"/runs/compare/{query}").content.decode()


def test_runs_that_are_not_there_are_not_compared(browse, cast: Cast):
    for address in ("/runs/compare/", "/runs/compare/csv/"):
        assert browse("operator").get(f"{address}?before=0&after={cast.last_run.pk}").status_code == 404
    assert browse("viewer").get("/runs/compare/csv/").status_code == 404


@pytest.mark.usefixtures("own_lake")
def test_what_is_resolved_by_a_withdrawal_is_no_mended_one(cast: Cast):
    operations.withdraw(actor=MACHINE, extract_id=cast.registration.pk, reason="Wrong.", now=timezone.now())
    run = reconcile(cast.last_run.as_of)

    found = queries.compared(scope=MACHINE.scope, runs=(cast.last_run.pk, run.pk), now=timezone.now())

    steps = {step.move: step.count for step in found.steps}
    assert run.withdrawn and steps["withdrawn"]
    rows = queries.compared(
        scope=MACHINE.scope, runs=(cast.last_run.pk, run.pk), only=Narrowed("withdrawn"), now=timezone.now()
    )
    assert rows.total == steps["withdrawn"] and {row.words for row in rows.rows} == {MOVES["withdrawn"]}


def test_a_run_whose_list_was_thinned_away_says_so(browse, cast: Cast):
    Run.objects.filter(pk=cast.first_run.pk).update(thinned_at=timezone.now())

    page = browse("operator").get(f"/runs/compare/?before={cast.first_run.pk}&after={cast.last_run.pk}")

    assert "was thinned away on" in page.content.decode()


def test_a_run_beside_itself_is_no_page_that_is_missing(browse, cast: Cast):
    answer = browse("operator").get(f"/runs/compare/?before={cast.last_run.pk}&after={cast.last_run.pk}")

    assert answer.status_code == 200
    assert "Both are the same run. Choose two different ones." in (page := answer.content.decode())
    assert page.count("<option") > 1
