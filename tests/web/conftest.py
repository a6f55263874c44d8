"""The cast for every test of the web, on a ledger that real runs wrote, and a browser of each person."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings as product
from django.db import transaction
from django.test import Client

from dccflags.services import client_url, redis_command, redis_url, wait_for_redis
from dccflags.supervisor import Program
from reconcile.ledger import ownership
from tests.settings import IDENTITY

from . import market
from .cast import Cast, make_cast, make_parties


@dataclass(frozen=True)
class Played:
    """The market after its last run: the rows in the database, and the lake that they name."""

    rows: list
    lake: Path


@pytest.fixture(scope="session")
def played(django_db_setup, django_db_blocker, tmp_path_factory) -> Played:
    """The whole market, played once. The database forgets it again; each test puts it back for itself."""
    folder = tmp_path_factory.mktemp("market")
    elsewhere, product.LAKE_DIR = product.LAKE_DIR, folder / "lake"
    try:
        with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), transaction.atomic():
            # The lake outlives this database, and is every later one's.
            patch.setattr(ownership, "of_database", lambda: IDENTITY)
            make_parties()
            market.play(folder)
            rows = market.keep()
            transaction.set_rollback(True)
    finally:
        product.LAKE_DIR = elsewhere
    return Played(rows, folder / "lake")


@pytest.fixture
def cast(db: None, played: Played, settings) -> Cast:
    settings.LAKE_DIR = played.lake
    market.put_back(played.rows)
    return make_cast()


@pytest.fixture
def own_lake(cast: Cast, played: Played, settings, tmp_path) -> Path:
    """A copy of the market's lake, for a test that writes to it."""
    settings.LAKE_DIR = shutil.copytree(played.lake, tmp_path / "lake")
    return settings.LAKE_DIR


@pytest.fixture
def browse(cast: Cast) -> Callable[[str], Client]:
    """A logged-in browser by the person's part."""

    def as_person(part: str) -> Client:
        client = Client()
        client.force_login(getattr(cast, part))
        return client

    return as_person


@pytest.fixture(scope="module")
def redis_server() -> Iterator[tuple[Program, str]]:
    """A Redis of the module's own, and its address as the Redis client spells it."""
    folder = Path(tempfile.mkdtemp(prefix="dccflags-redis-"))
    program = Program("redis", redis_command(folder), folder / "redis.log")
    program.start()
    wait_for_redis(folder)
    yield program, client_url(redis_url(folder))
    program.end()
    shutil.rmtree(folder)
