"""The filter finds what it says, and the count without counting is the count."""

import itertools

import pytest
from django.db.models import Q
from django.http import QueryDict

from reconcile.domain.rules import RULES
from reconcile.domain.vocabulary import Shows, fuel_of, shows, statuses_in
from reconcile.ledger import queries
from reconcile.ledger.access import EVERYTHING
from reconcile.ledger.actors import actor_for
from reconcile.ledger.filters import BadFilter
from reconcile.models import Discrepancy, DiscrepancyCount, PointCount

from .cast import Cast
from .market import DAYS, LAST_DAY, SCRIPT, Case

FILTERS = (
    "", "state=new", "state=ongoing", "state=regressed", "state=resolved", "state=just_resolved", "state=all",
    "rule=A_REMOVED&rule=NULL_INSTALLED", "network=10&network=CADENT", "supplier=OURS", "severity=mismatch",
    "severity=watch", "flag=A", "flag=none", "fuel=gas", "fuel=electricity", "in_flight=yes", "in_flight=no",
    "absent=yes", "absent=no", "mpxn=12", "mpxn=1", "mpxn=1000000007", "shows=no_meter", "shows=removed",
    "severity=mismatch&in_flight=no&absent=no", "state=all&absent=no",
)  # fmt: skip


def wanted(row: Discrepancy, query: QueryDict) -> bool:
    """The filter said again, for one row at a time."""
    case, is_open = SCRIPT[row.pk], SCRIPT[row.pk].resolved_on is None
    tests = {
        "state": lambda values: {
            "open": is_open, "all": True, "just_resolved": case.resolved_on == LAST_DAY
        }.get(values[0], case.state == values[0]),
        "rule": lambda values: row.rule in values,
        "network": lambda values: row.network.code in values,
        "supplier": lambda values: row.supplier is not None and row.supplier.code in values,
        "severity": lambda values: (
            RULES[row.rule].severity != "watch" if values == ["mismatch"] else RULES[row.rule].severity == values[0]
        ),
        "flag": lambda values: row.flag == values[0].replace("none", ""),
        "fuel": lambda values: fuel_of(row.mpxn) == values[0],
        "in_flight": lambda values: case.in_flight == (values[0] == "yes"),
        "absent": lambda values: case.absent == (values[0] == "yes"),
        "mpxn": lambda values: str(row.mpxn).startswith(values[0]),
        "shows": lambda values: shows(statuses_in(row.mask)) == Shows(values[0]),
    }  # fmt: skip
    asked = {"state": ["open"], **dict(query.lists())}
    return all(tests[name](values) for name, values in asked.items())


def seen_in(case: Case) -> list[int]:
    """The weeks whose run found a case wrong."""
    return [week for week, told in enumerate(case.weeks) if told and case.is_wrong(told)]


@pytest.mark.parametrize("part", ["operator", "supplier", "network", "stranger"])
def test_filter_finds_what_it_says_and_counts_it(cast: Cast, part: str):
    scope = actor_for(getattr(cast, part)).scope
    mine = {
        "operator": lambda row: True,
        "supplier": lambda row: row.supplier == cast.ours,
        "network": lambda row: row.network == cast.london,
        "stranger": lambda row: False,
    }[part]
    rows = list(Discrepancy.objects.select_related("network", "supplier"))

    for text in FILTERS:
        query = QueryDict(text)
        found = queries.discrepancy_list(scope=scope, filters=query)
        if found.problem:
            assert part != "operator", found.problem
            continue
        expected = sorted(row.pk for row in rows if mine(row) and wanted(row, query))

        assert sorted(found.rows.values_list("pk", flat=True)) == expected, text
        assert found.total == len(expected), text


def test_count_needs_no_scan_where_the_run_has_counted(cast: Cast, django_assert_num_queries):
    for text in ("", "state=new&flag=A", "severity=mismatch&in_flight=no&absent=no", "fuel=gas&shows=removed"):
        with django_assert_num_queries(5) as seen:
            queries.discrepancy_list(scope=EVERYTHING, filters=QueryDict(text)).total  # noqa: B018

        assert not any('FROM "reconcile_discrepancy"' in query["sql"] for query in seen.captured_queries)


def test_state_seen_and_age_are_annotated(cast: Cast):
    rows = queries.discrepancies(scope=EVERYTHING, filters={"state": "all"})

    assert {row.pk for row in rows} == SCRIPT.keys()
    for row in rows:
        case, weeks = SCRIPT[row.pk], seen_in(SCRIPT[row.pk])
        assert row.state == case.state
        assert (row.first_seen, row.seen) == (DAYS[weeks[0]], DAYS[weeks[-1]])
        assert row.age_days == (DAYS[weeks[-1]] - DAYS[weeks[0]]).days
        assert (row.in_flight, row.resolved_on) == (case.in_flight, case.resolved_on)


def test_filters_come_as_lists_or_single_values(cast: Cast):
    one = queries.discrepancies(scope=EVERYTHING, filters={"rule": "A_REMOVED", "network": ["10"]})
    two = queries.discrepancies(scope=EVERYTHING, filters=QueryDict("rule=A_REMOVED&network=10"))

    assert list(one) == list(two) != []


@pytest.mark.parametrize("text", ["rule=NO_SUCH", "network=99", "mpxn=12a", "state=gone", "flag=T", "supplier=RIVL"])
def test_unreadable_filter_finds_nothing_and_says_so(cast: Cast, text: str):
    scope = actor_for(cast.supplier).scope

    found = queries.discrepancy_list(scope=scope, filters=QueryDict(text))

    assert found.problem
    assert (list(found.rows), found.total) == ([], 0)
    with pytest.raises(BadFilter):
        queries.discrepancies(scope=scope, filters=QueryDict(text))


def test_filter_describes_itself_in_words(cast: Cast):
    found = queries.discrepancy_list(
        scope=EVERYTHING, filters=QueryDict("rule=A_REMOVED&network=10&network=12&flag=none&in_flight=no&mpxn=12")
    )

    assert found.filters.in_words() == (
        "Open discrepancies; Meter Point starts with: 12; DCC Service Flag: No flag; In flight: No; "
        "Rule: A_REMOVED - Active, but the meter has gone; Network Party: 10 Eastern Networks or 12 London Networks"
    )


def test_filter_before_the_first_run_finds_nothing(db: None):
    found = queries.discrepancy_list(scope=EVERYTHING, filters=QueryDict(""))

    assert (list(found.rows), found.total, found.run) == ([], 0, None)


def test_prefixes_of_numbers_are_ranges(cast: Cast):
    for length, start in itertools.product((1, 5, 13), (12 * 10**11 + 8 * 3 * 7,)):
        digits = str(start)[:length]
        found = queries.discrepancies(scope=EVERYTHING, filters={"mpxn": digits, "state": "all"})

        assert {row.pk for row in found} == {
            row.pk for row in Discrepancy.objects.all() if str(row.mpxn).startswith(digits)
        }


@pytest.mark.parametrize("part", ["supplier", "operator"])
@pytest.mark.parametrize("state", ["open", "all"])
def test_a_party_that_may_be_seen_may_be_asked_for_when_nothing_is_left_of_it(cast: Cast, part: str, state: str):
    """The supplier's last rows at London are those of long ago; then there are none at all."""
    scope = actor_for(getattr(cast, part)).scope
    mine = Q(network=cast.london) & (Q(supplier=cast.ours) if part == "supplier" else Q())
    for counts in (DiscrepancyCount, PointCount):
        counts.objects.filter(mine, run=cast.last_run).delete()
    Discrepancy.objects.filter(mine).exclude(rule="I_COMMISSIONED").delete()

    found = queries.discrepancy_list(scope=scope, filters={"network": "12", "state": state})

    assert (found.problem, found.total) == ("", found.rows.count())
    assert (found.total > 0) == (state == "all")
    assert "Network Party: 12 London Networks" in found.filters.in_words()
    assert queries.party(scope=scope, kind="network", code="12") is not None


def test_a_supplier_sees_a_network_with_its_points_and_no_discrepancy(cast: Cast):
    DiscrepancyCount.objects.filter(network=cast.london).delete()
    Discrepancy.objects.filter(network=cast.london).delete()

    found = queries.discrepancy_list(scope=actor_for(cast.supplier).scope, filters={"network": "12"})

    assert (found.problem, found.total, list(found.rows)) == ("", 0, [])
    assert ("12", "12 London Networks") in found.filters.fields["network"].choices


def test_a_party_that_may_not_be_seen_is_refused(cast: Cast):
    found = queries.discrepancy_list(scope=actor_for(cast.supplier).scope, filters={"supplier": "RIVL"})

    assert found.problem.startswith("Supplier: Select a valid choice.")
