"""A backup: the rows, the snapshots that they name, rejected lines and the secret key, in one folder; and back.

In: a folder. Out: what it holds, as in its backup.json. Called by ledger.operations. The rows are written first: the
snapshots that they name were written before them and never change.
"""

import json
import shutil
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from reconcile.lake import checksums, copies, holdings, sites, store
from reconcile.models import Extract, Job, Run

from . import dumps, integrity, kept_files

FACTS = "backup.json"
REJECTS, SECRET = "rejects", "secret-key"
"""What else counts."""


class BackupError(Exception):
    """It cannot be backed up to there, or restored from there to here; one sentence."""


def back_up(folder: Path, *, now: datetime) -> dict[str, Any]:
    """Write a backup into a new folder, which has its name only once it is whole.

    Gives its facts; `damaged` names the snapshots that were not whole when they were copied. Raises BackupError.
    """
    if folder.exists():
        raise BackupError(f"{folder} is there already: name a new folder.")
    aside = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    expected: list[integrity.Stored] = [*Extract.objects.order_by("pk"), *Run.objects.order_by("pk")]
    tables = dumps.write(aside / "database")
    size = copies.copy_out(aside / "lake")
    kept_files.copy_out(REJECTS, aside / REJECTS)
    _copy(settings.VAR_DIR / SECRET, aside / SECRET)
    facts = {
        "version": settings.VERSION,
        "made_at": now.isoformat(),
        "database": connection.vendor,
        "migrations": sorted(MigrationRecorder(connection).applied_migrations()),
        "tables": tables,
        "snapshots": len(expected),
        "bytes": size,
        "damaged": _damaged(expected, aside / "lake"),
    }
    (aside / FACTS).write_text(json.dumps(facts, indent=2) + "\n")
    aside.rename(folder)
    return {name: facts[name] for name in ("version", "database", "snapshots", "bytes", "damaged")}


def restore(folder: Path) -> dict[str, Any]:
    """Put a backup into an empty database, an empty lake and VAR_DIR, and bring it up to this version.

    Raises BackupError, before anything is changed.
    """
    facts = _facts(folder)
    _refuse(facts)
    if connection.vendor != "sqlite":
        executor = MigrationExecutor(connection)
        executor.migrate(_last_of_each_app(executor, {(app, name) for app, name in facts["migrations"]}))
    dumps.read(folder / "database", facts["tables"])
    copies.copy_in(folder / "lake")
    kept_files.copy_in(folder / REJECTS, REJECTS)
    _copy(folder / SECRET, settings.VAR_DIR / SECRET)
    call_command("migrate", interactive=False, verbosity=0)
    return {"version": facts["version"], "made_at": facts["made_at"], "snapshots": facts["snapshots"]}


def _facts(folder: Path) -> dict[str, Any]:
    try:
        facts: dict[str, Any] = json.loads((folder / FACTS).read_text())
    except (OSError, ValueError) as error:
        raise BackupError(f"{folder} holds no whole backup: its {FACTS} cannot be read.") from error
    return facts


def _last_of_each_app(executor: MigrationExecutor, applied: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """Where the tables of a backup stood."""
    nodes = executor.loader.graph.node_map
    followed = {parent.key for key in applied for parent in nodes[key].parents if parent.key[0] == key[0]}
    return sorted(applied - followed)


def _refuse(facts: dict[str, Any]) -> None:
    """Raises BackupError where a backup does not fit, or would be put over something."""
    if facts["database"] != connection.vendor:
        raise BackupError(f"It is a backup of {facts['database']}, and DATABASE_URL names {connection.vendor}.")
    known = MigrationExecutor(connection).loader.graph.nodes
    if any(tuple(migration) not in known for migration in facts["migrations"]):
        raise BackupError(f"It was made by version {facts['version']}, which is newer: restore it with that one.")
    there = connection.introspection.table_names()
    if Extract._meta.db_table in there and any(model.objects.exists() for model in (User, Job, Extract)):
        raise BackupError("The database is not empty: restore into a new one.")
    if holdings.names():
        raise BackupError(f"The lake {sites.the_place().address} is not empty: restore into a new one.")


def _damaged(rows: list[integrity.Stored], lake: Path) -> list[str]:
    """The copies that are not what was written, of the snapshots that a row still names."""
    still = set(chain.from_iterable(model.objects.values_list("snapshot", flat=True) for model in (Extract, Run)))
    found = []
    for row in rows:
        kept = {name: sha256 for name, sha256 in row.checksums.items() if not row.thinned_at or name == store.SEEN}
        if row.snapshot in still and (wrong := checksums.differences(lake / row.snapshot, kept)):
            found.append(f"{integrity.title(row)} ({row.snapshot}): {'; '.join(wrong)}.")
    return found


def _copy(source: Path, target: Path) -> None:
    if source.exists():
        shutil.copy2(source, target)
