"""What months of files say of a Meter Point comes after its page, and says the same as it did within it."""

import pytest

from reconcile.ledger import queries
from reconcile.ledger.access import EVERYTHING
from reconcile.ledger.queries import points
from reconcile.models import Discrepancy

from .cast import Cast
from .test_pages import Browse

PART = {"HX-Request": "true"}


@pytest.fixture
def number(cast: Cast) -> int:
    """A Meter Point that several runs found wrong."""
    row = Discrepancy.objects.filter(supplier=cast.ours, rule="A_REMOVED", in_flight=False, resolved_on=None).first()
    return row.mpxn


def test_what_many_rows_say_comes_after_the_page(browse: Browse, number: int, monkeypatch):
    client = browse("supplier")
    whole = client.get(f"/points/{number}/").content.decode()
    part = client.get(f"/points/{number}/history/", headers=PART).content.decode()
    by_itself = client.get(f"/points/{number}/history/").content.decode()

    monkeypatch.setattr(points, "MANY_ROWS", 0)
    monkeypatch.setattr(points, "shown_by", None)
    page = client.get(f"/points/{number}/").content.decode()

    assert part.strip() in whole and 'class="timeline"' in part and "How late was its flag?" in part
    assert "<html" not in part and "<html" in by_itself and part.strip() in by_itself
    assert f'hx-get="/points/{number}/history/"' in page and f'href="/points/{number}/history/"' in page
    assert 'class="timeline"' not in page and "How late" not in page
    assert "hx-get" not in whole[whole.index("<main") :]
    for said in ("Sources", "SHA-256", "<strong>WRONG</strong>", "History of its discrepancies"):
        assert page.count(said) == whole.count(said) > 0


def test_its_files_are_those_of_the_run_and_what_is_kept_beside(cast: Cast, number: int):
    point = queries.meter_point(scope=EVERYTHING, mpxn=number)

    assert [one for one in point.sources if one.used] == point.used != []
    beside = [one for one in point.sources if not one.used]
    assert beside and point.rows_beside >= sum(one.extract.rows for one in beside)
    assert [one.extract.as_of for one in point.sources] == sorted(one.extract.as_of for one in point.sources)
    assert {one.as_of for one in point.kept.shown} <= {one.extract.as_of for one in point.sources if one.is_inventory}
    assert len({one.as_of for one in point.kept.shown}) > 1


def test_who_does_not_see_the_point_does_not_see_its_files(browse: Browse, number: int):
    for who in ("rival", "stranger"):
        for headers in ({}, PART):
            answer = browse(who).get(f"/points/{number}/history/", headers=headers)
            assert answer.status_code == 404 and "timeline" not in answer.content.decode()
