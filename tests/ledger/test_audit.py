"""What people did stays on record: nothing changes it, neither our code nor the database."""

import importlib
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction

from reconcile.ledger import operations
from reconcile.ledger.actors import actor_for
from reconcile.models import AuditEntry

NOW = datetime(2021, 11, 25, 6, 30, tzinfo=UTC)
PACKAGE = Path(__file__).parents[2] / "reconcile"


@pytest.fixture
def entry(db) -> AuditEntry:
    """What a person did, who has gone since."""
    jo = User.objects.create_superuser("jo")
    entry = operations.note(actor=actor_for(jo, "10.0.0.1"), what=AuditEntry.What.DOWNLOADED, now=NOW, about="a list")
    jo.delete()
    return entry


def test_it_stays_when_the_person_goes(entry: AuditEntry):
    kept = AuditEntry.objects.get()

    assert (kept.name, kept.person, kept.address, kept.about) == ("jo", entry.person, "10.0.0.1", "a list")


def test_our_code_neither_changes_nor_removes_it(entry: AuditEntry):
    for change in (AuditEntry.objects.all().delete, lambda: AuditEntry.objects.update(name="x")):
        with pytest.raises(TypeError, match="on record"):
            change()
    written = {
        path.name
        for path in PACKAGE.rglob("*.py")
        if "migrations" not in path.parts and re.search(r"AuditEntry(\.objects|\()", path.read_text())
    }
    assert written <= {"audit.py", "__init__.py"}


@pytest.mark.parametrize("change", ["UPDATE reconcile_auditentry SET name = 'x'", "DELETE FROM reconcile_auditentry"])
def test_the_database_neither_changes_nor_removes_it(entry: AuditEntry, change: str):
    if connection.vendor == "sqlite":
        (path,) = (PACKAGE / "migrations").glob("*_the_record.py")
        migration = importlib.import_module(f"reconcile.migrations.{path.stem}")
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER IF EXISTS reconcile_auditentry_UPDATE")
            for trigger in migration.SQLITE:
                cursor.execute(trigger)

    with pytest.raises(DatabaseError, match="on record"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)

    assert AuditEntry.objects.get().name == "jo"
