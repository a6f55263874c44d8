"""The cast for every test of the web, on a ledger that real runs wrote, and a browser of each person."""

import pickle
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings as product
from django.db import connection, transaction
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from dccflags.services import client_url, redis_command, redis_url, wait_for_redis
from dccflags.supervisor import Program
from reconcile.domain.tables import Table
from reconcile.domain.work import Act
from reconcile.feeds import ColumnMap
from reconcile.ledger import operations, ownership, waiting
from reconcile.ledger.actors import MACHINE, actor_for
from reconcile.ledger.inputs import files_of, latest_run
from reconcile.ledger.working import Change, Selection
from reconcile.models import Discrepancy, Raising
from tests.alerts.lines import make_line
from tests.migrated import SHARED, one_at_a_time
from tests.settings import IDENTITY
from tests.standing import MARKET

from . import market
from .addresses import BY_NAME
from .cast import NOW, Cast, make_cast, make_cohort, make_correction, make_job, make_parties, make_view

REJECTS = "rejects"
"""The folder of lines that were not loaded, which lies beside the lake."""


@pytest.fixture(scope="session")
def played(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Path]:
    """The lake of the whole market, played once in the session and copied for each of its workers. The database forgets
    it again; its rows are put back for tests."""
    made = SHARED / f"market-on-{connection.vendor}"
    rows = made / "rows"
    with one_at_a_time("market"):
        if not rows.exists():
            made.mkdir(exist_ok=True)
            rows.write_bytes(pickle.dumps(_played_in(made, django_db_blocker)))
    kept = pickle.loads(rows.read_bytes())  # noqa: S301 - a worker of this session wrote it
    folder = shutil.copytree(made, tmp_path_factory.mktemp("market"), dirs_exist_ok=True)
    shutil.copytree(folder / REJECTS, product.VAR_DIR / REJECTS, dirs_exist_ok=True)

    def put_back() -> Cast:
        market.put_back(kept)
        return make_cast()

    MARKET.keep(put_back, django_db_blocker.unblock)
    yield folder / "lake"
    MARKET.down()


def _played_in(folder: Path, django_db_blocker: DjangoDbBlocker) -> list:
    """The rows that were written meanwhile."""
    elsewhere, product.LAKE_DIR = product.LAKE_DIR, folder / "lake"
    try:
        with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), transaction.atomic():
            # The lake outlives this database, and is every later one's.
            patch.setattr(ownership, "of_database", lambda: IDENTITY)
            make_parties()
            market.play(folder)
            # Kept beside the run as where coverage is loaded: else every page that tells of it works it out anew.
            waiting._keep(latest_run(), files_of(Table.COVERAGE))
            shutil.copytree(product.VAR_DIR / REJECTS, folder / REJECTS)
            rows = market.keep()
            transaction.set_rollback(True)
    finally:
        product.LAKE_DIR = elsewhere
    return rows


@pytest.fixture
def cast(db: None, played: Path, settings) -> Cast:
    settings.LAKE_DIR = played
    return MARKET.given()


@pytest.fixture
def own_lake(cast: Cast, played: Path, settings, tmp_path) -> Path:
    """A copy of the market's lake, for a test that writes to it."""
    settings.LAKE_DIR = shutil.copytree(played, tmp_path / "lake")
    return settings.LAKE_DIR


@pytest.fixture
def browse(cast: Cast) -> Callable[[str], Client]:
    """A logged-in browser by the person's part."""

    def as_person(part: str) -> Client:
        client = Client()
        client.force_login(getattr(cast, part))
        return client

    return as_person


@pytest.fixture
def filled(cast: Cast, tmp_path) -> Callable[[str], str]:
    """An address with arguments: a Meter Point of our supplier at London, what it raised, its view and its export."""
    row = Discrepancy.objects.filter(supplier=cast.ours, network=cast.london, rule="A_REMOVED").first()
    files = {name: str(tmp_path / f"{name}.csv") for name in ("file", "manifest")}
    for path in files.values():
        Path(path).touch()
    job = make_job(cast.supplier, result=files | {"rows": 0, "bytes": 0, "name": "file.csv", "sha256": ""})
    said = ColumnMap("registration", {"flag": "x"}, name="kept")
    kept = operations.keep_columns(actor=MACHINE, said=said, now=NOW)
    operations.work_on(
        actor=actor_for(cast.supplier), asked=Change(Act.RAISE, to="network"), of=Selection((row.pk,)), now=NOW
    )
    view = make_view(cast.supplier)
    sent = make_correction(cast, row.mpxn)
    numbers = {
        "correction_id": sent.correction_id,
        "file_id": sent.pk,
        "cohort_id": make_cohort(cast.supplier, [row.pk]).pk,
        "view_id": view.pk,
        "key": view.pk,
        "raising_id": Raising.objects.get().pk,
        "entry_id": _of_operator(cast, row),
        "discrepancy_id": row.pk,
        "kept_id": kept.pk,
        "extract_id": cast.registration.pk,
        "run_id": cast.last_run.pk,
        "job_id": job.pk,
        "mpxn": row.mpxn,
        "line_id": make_line(cast.london, 1, mpxn=row.mpxn).pk,
        "name": "rule",
    }
    codes = {"network": "12", "supplier": "OURS"}
    keys = {
        "api-work-view-detail": numbers["view_id"],
        "api-work-cohort-detail": numbers["cohort_id"],
        "api-work-cohort-members": numbers["cohort_id"],
        "api-discrepancy-detail": row.pk,
        "api-policy-detail": "pia",
        "api-correction-detail": sent.correction_id,
        "api-correction-lines": sent.correction_id,
        "api-correction-download": sent.correction_id,
        "api-replay-detail": row.mpxn,
        "api-run-detail": cast.last_run.pk,
        "api-job-detail": job.pk,
        "api-work-detail": row.pk,
        "api-work-raised-detail": numbers["raising_id"],
        "api-work-raised-answers": numbers["raising_id"],
    }

    def fill(name: str) -> str:
        values = numbers | {"code": codes.get(name), "pk": keys.get(name, cast.registration.pk)}
        return BY_NAME[name].filled(**values)

    return fill


def _of_operator(cast: Cast, row: Discrepancy) -> int:
    """An entry of the operator's own work."""
    made = operations.work_on(
        actor=actor_for(cast.operator), asked=Change(Act.NOTE, words="Seen"), of=Selection((row.pk,)), now=NOW
    )
    return made.pk


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
