"""Databases with every migration applied: made once in a session of tests, and copied for each worker and program.

In: the session's folder, which its workers know too. Out: a database of one's own. Called by tests/conftest.py,
by the tests of migrations, and where programs of a VAR_DIR of their own are started.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test.utils import setup_databases

from tests.record import let_it_be_emptied

SHARED = Path(os.environ["TESTS_SHARED_DIR"])
TEMPLATE = "migrated"


@contextmanager
def one_at_a_time(what: str) -> Iterator[None]:
    """Among all workers of the session."""
    with (SHARED / f"{what}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def set_up() -> list:
    """The database of this worker; gives what `teardown_databases` takes."""
    wanted = connection.settings_dict["TEST"]
    if connection.vendor == "sqlite":
        shutil.copy(sqlite(), wanted["NAME"])
    else:
        wanted["TEMPLATE"] = _postgresql()
    # Its `migrate` finds nothing to do.
    return setup_databases(
        verbosity=0, interactive=False, serialized_aliases=set(), keepdb=connection.vendor == "sqlite"
    )


def let_it_be_new() -> None:
    """An empty database in place of this worker's, where it is a file: to go back over all migrations takes longer."""
    if connection.vendor == "sqlite":
        connection.close()
        for end in ("", "-wal", "-shm"):
            Path(f"{connection.settings_dict['NAME']}{end}").unlink(missing_ok=True)


def put_back() -> None:
    """The database of this worker as it was set up, wherever a test has migrated it to."""
    let_it_be_new()
    if connection.vendor == "sqlite":
        shutil.copy(sqlite(), connection.settings_dict["NAME"])
    else:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
    let_it_be_emptied()


def sqlite() -> Path:
    """The file to copy."""
    made = SHARED / "migrated.sqlite3"
    with one_at_a_time("migrated"):
        if not made.exists():
            making = SHARED / "migrating.sqlite3"
            _migrate(f"sqlite:///{making}")
            making.rename(made)
    return made


def _postgresql() -> str:
    """The name of the database to copy."""
    made, wanted = SHARED / "migrated.postgresql", connection.settings_dict
    with one_at_a_time("migrated"), connection._nodb_cursor() as cursor:
        if not made.exists():
            cursor.execute(f"DROP DATABASE IF EXISTS {TEMPLATE}")
            cursor.execute(f"CREATE DATABASE {TEMPLATE}")
            _migrate(f"postgresql://{wanted['USER']}@/{TEMPLATE}?{urlencode(wanted['OPTIONS'])}")
            made.touch()
    return TEMPLATE


def _migrate(url: str) -> None:
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "dccflags.settings",
        "VAR_DIR": str(SHARED / "migrating"),
        "DATABASE_URL": url,
    }
    command = [sys.executable, settings.BASE_DIR / "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(command, env=env, check=True)
