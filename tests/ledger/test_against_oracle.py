"""The engine and the ledger against a naive row-by-row oracle, on random markets over several days."""

import shutil

import pytest
from django.conf import settings
from hypothesis import given, note
from hypothesis import settings as hypothesis_settings

from reconcile.domain.vocabulary import statuses_text
from reconcile.ledger import queries
from reconcile.ledger.access import EVERYTHING
from reconcile.models import Discrepancy, Event, Extract, Run
from tests import oracle

from .market import RANDOM, markets, put_day, reconcile


def clear() -> None:
    """An empty ledger and an empty lake."""
    Event.objects.all().delete()
    Discrepancy.objects.all().delete()
    Run.objects.all().delete()
    Extract.objects.all().delete()
    shutil.rmtree(settings.LAKE_DIR, ignore_errors=True)


def ledger_rows() -> dict:
    """The ledger as the oracle states it: key -> state, and of those seen by the newest run the evidence."""
    found = queries.discrepancies(scope=EVERYTHING, filters={"state": "all"})
    return {(row.mpxn, row.rule): row for row in found}


@pytest.mark.one_database
@pytest.mark.django_db(transaction=True)
@hypothesis_settings(RANDOM, max_examples=15)
@given(market=markets())
def test_every_run_finds_what_the_oracle_finds(market):
    clear()
    runs = oracle.reconcile_market(market)
    states = oracle.lives(runs)

    for day, expected, lives in zip(market, runs, states, strict=True):
        put_day(day)
        note(f"{day.as_of}")
        reconcile(day.as_of)
        rows = ledger_rows()

        assert {key: row.state for key, row in rows.items()} == lives
        seen = {key: row for key, row in rows.items() if row.last_seen is None and row.resolved_on is None}
        evidence = {
            key: (row.flag, row.expected, statuses_text(row.mask), row.meters, row.in_flight, row.latest_status_from)
            for key, row in seen.items()
        }
        assert evidence == expected.rows
