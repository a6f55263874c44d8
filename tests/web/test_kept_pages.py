"""Parts of pages are kept while what they show stands: made once for all of one sight, for every web process."""

import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dccflags.settings import CACHES
from reconcile.domain.work import Act
from reconcile.ledger import operations
from reconcile.ledger.actors import actor_for
from reconcile.ledger.working import Change, Selection
from reconcile.models import Discrepancy, DiscrepancyCount, Membership, Party, Run
from reconcile.web.kept import kept_part

from .cast import NOW

# The pages themselves are asked of PostgreSQL by test_pages.py; here is when they are asked for at all.
pytestmark = pytest.mark.one_database
PAGES = ("/", "/discrepancies/", "/networks/12/")
MOST_SECONDS = 3
"""For which a page may wait for a Redis that takes no connection: of each try it waits for its time at most."""


@pytest.fixture(autouse=True)
def real_cache(settings, redis_server):
    """The cache that the product runs with."""
    settings.CACHES = {"default": CACHES["default"] | {"LOCATION": redis_server[1]}}
    cache.clear()


def rows_read(client: Client, address: str) -> tuple[str, int]:
    """A page, and how often it asked the database for discrepancies."""
    with CaptureQueriesContext(connection) as asked:
        page = client.get(address).content.decode()
    return page, sum(f'FROM "{Discrepancy._meta.db_table}"' in query["sql"] for query in asked)


def test_the_rows_of_a_page_are_read_once(browse):
    first, reads = rows_read(browse("operator"), "/discrepancies/")
    second, reads_again = rows_read(browse("operator"), "/discrepancies/")

    assert (reads, reads_again) == (1, 0)
    assert first.count("<tr") == second.count("<tr") > 10


@pytest.mark.parametrize("address", PAGES)
def test_what_is_kept_for_one_is_not_shown_to_another(browse, cast, address):
    browse("operator").get(address)
    kept = browse("rival").get(address).content.decode()
    cache.clear()

    assert kept.count(">") == browse("rival").get(address).content.decode().count(">")
    assert not any(str(row.mpxn) in kept for row in Discrepancy.objects.filter(supplier=cast.ours))


def test_what_is_kept_does_not_outlive_a_right(browse, cast):
    person = browse("supplier")
    before = person.get("/discrepancies/").content.decode()
    Membership.objects.filter(user=cast.supplier).update(party=cast.theirs)

    after = person.get("/discrepancies/").content.decode()

    ours = [str(row.mpxn) for row in Discrepancy.objects.filter(supplier=cast.ours)]
    assert any(number in before for number in ours)
    assert not any(number in after for number in ours)


@pytest.mark.parametrize("other", ["?page=2", "?rule=A_REMOVED", "?sort=-mpxn"])
def test_another_address_is_another_page(browse, other):
    operator = browse("operator")
    plain = operator.get("/discrepancies/").content.decode()

    assert operator.get(f"/discrepancies/{other}").content.decode() != plain
    assert rows_read(operator, f"/discrepancies/{other}&flag=A")[1] == 1


def test_a_party_is_counted_once_for_all_who_see_the_same(browse, cast):
    counted = f'FROM "{DiscrepancyCount._meta.db_table}"'
    pages = []
    for person in (cast.operator, cast.loader):
        client = Client()
        client.force_login(person)
        with CaptureQueriesContext(connection) as asked:
            pages.append(client.get("/networks/12/").content.decode())
        pages.append(sum(counted in query["sql"] for query in asked))

    first, counts, second, counts_again = pages
    assert counts > 0 and counts_again == 0
    # The bar and the foot of a print are each person's own: their name, the token of their forms.
    bars = ("<summary>operator</summary>" in first, "<summary>loader</summary>" in second)
    assert bars == (True, True) and "<summary>operator</summary>" not in second
    kept = [page[page.index("<main") : page.index('<p class="printed">')] for page in (first, second)]
    assert kept[0] == kept[1]


def test_of_many_who_ask_at_once_one_makes_it():
    made = []

    def make() -> dict[str, str]:
        made.append(1)
        time.sleep(0.05)
        return {}

    with ThreadPoolExecutor(8) as people:
        pages = list(people.map(lambda n: kept_part("reconcile/_parts.html", make, ("all", "the same")), range(8)))

    assert (len(made), len(set(pages))) == (1, 1)


@pytest.mark.parametrize("way", ["/causes/", "/causes/csv/", "/api/causes/"])
def test_causes_are_worked_out_once(browse, way):
    first, reads = rows_read(browse("operator"), f"{way}?mpxn=12")
    second, reads_again = rows_read(browse("operator"), f"{way}?mpxn=12")

    assert reads > reads_again == 0
    assert first == second or "<html" in first
    assert rows_read(browse("rival"), f"{way}?mpxn=12")[1] > 0
    assert rows_read(browse("operator"), f"{way}?mpxn=1")[1] > 0


def test_what_is_counted_row_by_row_is_counted_once(browse, cast):
    address = "/discrepancies/?wrong_for=over_year"
    counts = []
    for after in ("", "&page=2"):
        with CaptureQueriesContext(connection) as asked:
            browse("operator").get(address + after)
        counts.append(sum(f'COUNT(*) AS "__count" FROM "{Discrepancy._meta.db_table}"' in one["sql"] for one in asked))

    assert counts == [1, 0]


def queue(person: Client) -> tuple[str, int]:
    """The rows and facets of somebody's queue, and how much was asked of the database for the page."""
    with CaptureQueriesContext(connection) as asked:
        page = person.get("/work/").content.decode()
    return "".join(re.findall(r'<ul class="plain">.*?</ul>|<tbody>.*?</tbody>', page, re.DOTALL)), len(asked)


def test_the_queue_is_made_once_and_anew_after_whatever_it_hangs_on(browse, cast):
    person, row = browse("supplier"), Discrepancy.objects.filter(supplier=cast.ours, resolved_on=None).first()
    first, asked = queue(person)
    second, asked_again = queue(person)
    assert first == second and asked_again < asked

    def assign(name: str) -> None:
        change, of = Change(Act.ASSIGN, assignee=name), Selection((row.pk,))
        operations.work_on(actor=actor_for(cast.supplier), asked=change, of=of, now=NOW)

    changes = {
        "it is assigned": lambda: assign("supplier"),
        "to somebody else": lambda: assign("viewer"),
        "who has another name": lambda: User.objects.filter(pk=cast.viewer.pk).update(username="renamed"),
        "as has a party": lambda: Party.objects.filter(pk=cast.london.pk).update(name="Thames Networks"),
    }
    for what, change in changes.items():
        before, _ = queue(person)
        change()
        assert queue(person)[0] != before, what
    assert queue(browse("viewer"))[0] != queue(person)[0]
    assert "renamed" not in queue(browse("rival"))[0]


def test_what_became_of_a_file_is_said_at_once(browse, cast):
    operator, run = browse("operator"), f"/runs/{cast.last_run.pk}/"
    whole, words = operator.get(run).content.decode(), "Some of what this run read was withdrawn since."

    actor = actor_for(cast.operator)
    operations.withdraw(actor=actor, extract_id=cast.registration.pk, reason="of another day", now=NOW)
    withdrawn = operator.get(run).content.decode()
    operations.take_back(actor=actor, extract_id=cast.registration.pk, reason="it was not", now=NOW)

    assert words not in whole and words in withdrawn and "of another day" in withdrawn
    assert words not in operator.get(run).content.decode()


def test_a_new_run_makes_every_page_anew(browse, cast):
    operator = browse("operator")
    operator.get("/discrepancies/")
    run = Run.objects.filter(lookback=False).order_by("as_of").last()
    run.pk, run.inputs_key = None, "the next"
    run.save()

    # The new run has counted nothing yet, so there is nothing to show of what was kept.
    assert "<strong>None</strong>" in operator.get("/discrepancies/").content.decode()
    assert str(run.pk) in operator.get("/").content.decode()


@pytest.mark.parametrize("address", PAGES)
def test_a_party_is_called_by_its_new_name_at_once(browse, cast, address):
    operator = browse("operator")
    assert "London Networks" in operator.get(address).content.decode()

    cast.london.name = "Thames Networks"
    cast.london.save()

    page = operator.get(address).content.decode()
    assert "Thames Networks" in page and "London Networks" not in page


@pytest.mark.parametrize("address", PAGES)
def test_what_is_kept_is_there_for_every_web_process(browse, redis_server, address):
    kept = redis.Redis.from_url(redis_server[1])
    assert not kept.keys()

    browse("operator").get(address)

    assert kept.keys()
    assert all(0 < kept.ttl(key) <= 300 for key in kept.scan_iter())


@pytest.mark.parametrize("address", PAGES)
def test_pages_answer_without_what_was_kept(browse, settings, monkeypatch, address):
    operator = browse("operator")
    whole = operator.get(address).content.decode()
    settings.CACHES = {"default": CACHES["default"] | {"LOCATION": "unix:///nowhere/redis.sock"}}
    tried = []

    def refused(connection: redis.UnixDomainSocketConnection) -> None:
        tried.append(connection.socket_connect_timeout)
        raise ConnectionRefusedError

    monkeypatch.setattr(redis.UnixDomainSocketConnection, "_connect", refused)
    page = operator.get(address).content.decode()

    assert page.count(">") == whole.count(">")
    assert 0 < sum(tried) <= MOST_SECONDS


def test_pages_answer_while_redis_hangs(browse, redis_server):
    operator = browse("operator")
    whole = operator.get("/discrepancies/").content.decode()
    redis_server[0].signal_group(signal.SIGSTOP)

    started = time.monotonic()
    try:
        page = operator.get("/discrepancies/").content.decode()
    finally:
        redis_server[0].signal_group(signal.SIGCONT)

    assert page.count(">") == whole.count(">")
    assert time.monotonic() - started < 3
