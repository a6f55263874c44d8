"""What every test may use. The settings of a session (its own VAR_DIR) are in tests/settings.py."""

import gc
import os
import shutil
import uuid

import hypothesis
import pytest
from django.conf import settings as django_settings
from django.test.utils import teardown_databases

from reconcile.lake import local_copies, objects
from reconcile.ledger import ownership
from tests import migrated, with_store
from tests.record import let_it_be_emptied
from tests.settings import IDENTITY
from tests.standing import MARKET
from tests.workers import empty_machine, redis_server, start_worker  # noqa: F401 - fixtures

# The same examples each time, so that a change that is green stays green; HYPOTHESIS_PROFILE=search looks for new ones.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.register_profile("search", deadline=None, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


def pytest_unconfigure(config):
    """The session's VAR_DIR ends with it."""
    if "VAR_DIR" in dir(django_settings) and "dccflags-test-" in str(django_settings.VAR_DIR):
        shutil.rmtree(django_settings.VAR_DIR, ignore_errors=True)


def pytest_collection_finish(session):
    """What was imported stays: the collector of garbage need not look through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """The market of tests/web stands for those that ask for it."""
    if item.get_closest_marker("a_folder") and with_store.ON_STORE in os.environ:
        pytest.skip("it is about the lake's folder")
    MARKET.before(item)


@pytest.fixture(autouse=True)
def one_identity(monkeypatch):
    """Rows are rolled back after each test and folders stay, so every database of a session has the same identity."""
    of_database = ownership.of_database
    monkeypatch.setattr(ownership, "of_database", lambda: of_database() or IDENTITY)


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_modify_db_settings, django_db_blocker):
    """The database of the session, which can be emptied."""
    with django_db_blocker.unblock():
        made = migrated.set_up()
        let_it_be_emptied()
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture
def lake_dir(tmp_path_factory, settings):
    """An empty lake for one test."""
    return an_empty_lake(settings, tmp_path_factory)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A running object store."""
    with with_store.running(tmp_path_factory.mktemp("store")) as running:
        yield running


@pytest.fixture
def in_store(server, settings, monkeypatch):
    """An empty lake in the store, which this process may use."""
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    settings.LAKE_URL = f"s3://{with_store.BUCKET}/{uuid.uuid4().hex}"
    objects._s3.cache_clear()
    local_copies.told.clear()
    yield server
    objects._s3.cache_clear()


def an_empty_lake(settings, tmp_path_factory):
    """The folder of a new lake, or of the copies of one in a bucket under tests.with_store."""
    settings.LAKE_DIR = tmp_path_factory.mktemp("lake")
    if settings.LAKE_URL.startswith("s3://"):
        settings.LAKE_URL = f"s3://{os.environ[with_store.ON_STORE]}/{uuid.uuid4().hex}"
    return settings.LAKE_DIR
