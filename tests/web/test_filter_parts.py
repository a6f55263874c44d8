"""The filter on a list's page: every one can be set there, and each that was given is a chip that takes it away."""

import re
from collections.abc import Callable
from html import unescape

from django.test import Client

from reconcile.ledger.filters import DiscrepancyFilter
from reconcile.web.tables import alerts as alert_columns
from reconcile.web.tables import columns, stacked
from reconcile.web.tables import work as work_columns
from reconcile.web.tables.table import Table

Browse = Callable[[str], Client]


def test_every_filter_is_a_field_so_that_none_is_lost_when_another_changes(browse: Browse):
    page = browse("operator").get("/discrepancies/").content.decode()
    form = page[page.index('id="filters"') : page.index("</form>", page.index('id="filters"'))]

    assert set(re.findall(r' name="(\w+)"', form)) == set(DiscrepancyFilter.base_fields)


def test_fields_that_fewer_ask_for_are_folded_unless_one_was_given(browse: Browse):
    pages = [browse("operator").get(f"/discrepancies/{asked}").content.decode() for asked in ("", "?in_flight=no")]

    assert ['<details class="more" open>' in page for page in pages] == [False, True]


def test_each_filter_that_was_given_is_a_chip_with_the_list_without_it(browse: Browse):
    asked = "?rule=A_REMOVED&rule=A_NO_METER&severity=high&state=all&sort=mpxn&page=1"
    for place in ("/discrepancies/", "/work/"):
        page = browse("operator").get(place + asked).content.decode()
        chips = dict(re.findall(r'<li><a href="([^"]*)">([^<]*) <span aria-hidden="true">\u00d7', page))

        assert [(unescape(address), unescape(words)) for address, words in chips.items()] == [
            ("?rule=A_REMOVED&rule=A_NO_METER&severity=high&sort=mpxn", "State: All, open and resolved"),
            ("?rule=A_REMOVED&rule=A_NO_METER&state=all&sort=mpxn", "Severity: High"),
            (
                "?severity=high&state=all&sort=mpxn",
                "Rule: A_REMOVED - Active, but the meter has gone or A_NO_METER - Active, but no smart meter",
            ),
        ]


def test_a_table_names_its_columns_for_where_a_row_is_a_few_lines():
    given = '<table class="rows"><thead><tr><th>A &amp; "b"\\</th><td></td><th><a>Rate</a> ▼</th></tr></thead></table>'

    made = stacked.stacked(given)

    named = '<table data-stacked style="--h1:&quot;A &amp; b &quot;;--h3:&quot;Rate &quot;" class="rows">'
    assert made == named + given[given.index("<thead>") :]


def test_the_look_names_as_many_columns_as_any_table_has():
    places = (columns, alert_columns, work_columns)
    tables = [one for place in places for one in vars(place).values() if isinstance(one, Table)]

    assert len(tables) > 5
    assert max(len(one.columns) for one in tables if one.stacked) <= stacked.MOST


def test_the_fold_of_the_filter_says_how_many_are_in_force(browse, cast):
    client, address = browse("operator"), "/discrepancies/?rule=A_REMOVED&fuel=gas"

    assert "(2 in force)" in client.get(address).content.decode()
    assert "in force)" not in client.get("/discrepancies/").content.decode()
    # Rows that come alone bring the number along.
    assert 'hx-swap-oob="true">(2 in force)' in client.get(address, headers={"HX-Request": "true"}).content.decode()
