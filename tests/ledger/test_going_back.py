"""Migrations go back over rows, one by one, and forward again; what an older version has no place for is not lost."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from reconcile.models import JobEvent
from tests.record import let_it_be_emptied

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = sorted(name for app, name in MigrationLoader(None).graph.nodes if app == "reconcile")
VALUES: dict[type[models.Field], object] = {
    models.DateTimeField: datetime(2026, 11, 25, 6, 30, tzinfo=UTC),
    models.DateField: date(2026, 11, 25),
    models.BooleanField: False,
    models.JSONField: {"a": 1},
    models.IntegerField: 7,
    models.CharField: "x",
    models.TextField: "x",
}
LOST = {
    # What there is no place for before each, of a database in which everything is used.
    "0035_organisation_of_sendings", "0034_replayed_days",
    "0033_smets_of_alerts", "0032_answers_to_corrections", "0031_corrections",
    "0030_desks_and_keys", "0029_one_job_per_request",
    "0028_contradictions", "0025_cohorts", "0024_alerts",
    "0022_views", "0021_work_from_files", "0020_work", "0017_moves_and_ages",
    "0016_meter_facts", "0015_withdrawing",
    "0013_identity",
    "0012_kept_columns", "0011_the_record", "0010_cancelling", "0009_checksums", "0008_since_when_and_where",
    "0005_job_history", "0004_roles", "0002_retention", "0001_the_ledger",
}  # fmt: skip


def value_of(field: models.Field) -> object:
    """Something that a column could hold in any version, and that nobody gets without saying so."""
    if field.choices:
        return min((value for value, _ in field.choices if value != field.default), key=lambda one: len(str(one)))
    return next(value for kind, value in VALUES.items() if isinstance(field, kind))


def made(model: type[models.Model], kept: dict[type[models.Model], models.Model]) -> models.Model:
    """One row of a table, and of those that it names."""
    if model not in kept:
        given = {}
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey):
                given[field.name] = None if field.null else made(field.related_model, kept)
            elif not isinstance(field, models.AutoField):
                given[field.name] = value_of(field)
        kept[model] = model._base_manager.create(**given)
    return kept[model]


@pytest.fixture
def full() -> Iterator[None]:
    """A row in every table of ours."""
    kept: dict[type[models.Model], models.Model] = {}
    for model in apps.get_app_config("reconcile").get_models():
        made(model, kept)
    yield
    call_command("migrate", verbosity=0)
    let_it_be_emptied()


def rows() -> dict[str, int]:
    """How many there are in each table that there is."""
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if name.startswith("reconcile_")]
        return {table: cursor.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}


def back_to(name: str) -> None:
    """Whatever is lost."""
    MigrationExecutor(connection).migrate([("reconcile", name)])


def refusal(act: Callable[[], object]) -> str:
    """The sentence, or nothing."""
    try:
        act()
    except CommandError as error:
        return str(error)
    return ""


def steps_back() -> dict[str, str]:
    """The migration to undo -> the one before it. On PostgreSQL all are undone as one step.

    What a step loses is found by the same code for each, and what undoes them is the same by one and all at once.
    """
    one_by_one = dict(zip(NAMES[:0:-1], NAMES[-2::-1], strict=True))
    return one_by_one if connection.vendor == "sqlite" else {NAMES[1]: NAMES[0]}


def test_they_go_back_over_rows_and_forward_again(full):
    assert set(rows().values()) == {1}
    refused = set()

    for name, before in steps_back().items():
        if words := refusal(lambda before=before: call_command("migrate", "reconcile", before, verbosity=0)):
            assert "manage.py restore" in words and "\n" not in words and before in words
            refused.add(name)
            back_to(before)
        assert set(rows().values()) == {1}, name
    first = rows()
    assert "manage.py restore" in refusal(lambda: call_command("migrate", "reconcile", "zero", verbosity=0))
    call_command("migrate", verbosity=0)

    assert refused == LOST & steps_back().keys()
    assert {table: count for table, count in rows().items() if table in first} == first


def test_a_text_that_is_too_long_for_the_older_version_is_in_the_way():
    kept: dict[type[models.Model], models.Model] = {}
    made(JobEvent, kept)
    JobEvent.objects.update(what="cancelled")

    words = refusal(lambda: call_command("migrate", "reconcile", "0009_checksums", verbosity=0))

    assert "what of job events" in words and "manage.py restore" in words
    assert JobEvent.objects.get().what == "cancelled"


def test_without_rows_nothing_is_in_the_way():
    call_command("migrate", "reconcile", NAMES[-4], verbosity=0)
    call_command("migrate", verbosity=0)
    let_it_be_emptied()

    assert set(rows().values()) == {0}
