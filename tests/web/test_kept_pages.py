"""Parts of pages are kept while a run stands: made once for all of one scope, never shown to another."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reconcile.models import Discrepancy, Run


@pytest.fixture(autouse=True)
def real_cache(settings):
    """The cache that the product runs with."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()


def rows_read(client: Client, address: str) -> tuple[str, int]:
    """A page, and how often it asked the database for discrepancies."""
    with CaptureQueriesContext(
        connection,
    ) as asked:
        page = client.get(address).content.decode()
    return page, sum(f'FROM "{Discrepancy._meta.db_table}"' in query["sql"] for query in asked)


def test_the_rows_of_a_page_are_read_once(browse):
    first, reads = rows_read(browse("operator"), "/discrepancies/")
    second, reads_again = rows_read(browse("operator"), "/discrepancies/")

    assert (reads, reads_again) == (1, 0)
    assert first.count("<tr") == second.count("<tr") > 10


@pytest.mark.parametrize("address", ["/", "/discrepancies/"])
def test_what_is_kept_for_one_is_not_shown_to_another(browse, cast, address):
    browse("operator").get(address)
    kept = browse("rival").get(address).content.decode()
    cache.clear()

    assert kept.count(">") == browse("rival").get(address).content.decode().count(">")
    assert not any(str(row.mpxn) in kept for row in Discrepancy.objects.filter(supplier=cast.ours))


@pytest.mark.parametrize("other", ["?page=2", "?rule=A_REMOVED", "?sort=-mpxn"])
def test_another_address_is_another_page(browse, other):
    operator = browse("operator")
    plain = operator.get("/discrepancies/").content.decode()

    assert operator.get(f"/discrepancies/{other}").content.decode() != plain
    assert rows_read(operator, f"/discrepancies/{other}&again=1")[1] == 1


def test_a_new_run_makes_every_page_anew(browse, cast):
    operator = browse("operator")
    operator.get("/discrepancies/")
    run = Run.objects.filter(lookback=False).order_by("as_of").last()
    run.pk, run.inputs_key = None, "the next"
    run.save()

    # The new run has counted nothing yet, so there is nothing to show of what was kept.
    assert "<strong>None</strong>" in operator.get("/discrepancies/").content.decode()
    assert str(run.pk) in operator.get("/").content.decode()
