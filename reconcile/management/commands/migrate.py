"""Django's `migrate`, which loses nothing on the way back: what would be lost is named, with what to do instead.

In: a migration. Out: the database as of it. Going back, an older version is put in place whose tables hold less.
"""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as MigrateCommand
from django.db import connections
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations import AddField, AlterField, CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState, StateApps
from django.db.models import Model
from django.db.models.functions import Length

UNMISSED = {"session", "signoflife"}
"""People log in again, and programs sign again."""


class Command(MigrateCommand):
    """Refuses to go back over what would be lost."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate. Raises CommandError, before anything is changed."""
        if options["app_label"] and options["migration_name"]:
            _refuse_loss(options["database"], options["app_label"], options["migration_name"])
        super().handle(*args, **options)


def _refuse_loss(database: str, app: str, name: str) -> None:
    executor = MigrationExecutor(connections[database])
    try:
        full = None if name == "zero" else executor.loader.get_migration_by_prefix(app, name).name
        plan = executor.migration_plan([(app, full)])
    except (LookupError, ValueError):
        # There is no such migration, which Django says.
        return
    state = executor.loader.project_state
    apps = state(executor.loader.graph.leaf_nodes()).apps
    backwards = [(one, state((one.app_label, one.name), at_end=False)) for one, goes_back in plan if goes_back]
    lost = sorted({words for migration, before in backwards for words in _lost(migration, before, apps)})
    if lost:
        raise CommandError(
            f"Going back to {full or 'nothing'} would lose what was written since: {', '.join(lost)}. Nothing was "
            "changed. Restore the backup that was made before the upgrade instead: manage.py restore FOLDER."
        )


def _lost(migration: Migration, before: ProjectState, apps: StateApps) -> Iterator[str]:
    """What a migration's tables and columns hold that there was no place for before, in words."""
    for operation in migration.operations:
        found = _model(migration, operation, apps)
        if found is None or found._meta.model_name in UNMISSED:
            continue
        rows = found._base_manager.all()
        if isinstance(operation, AddField | AlterField):
            name = operation.name
            if isinstance(operation, AddField):
                field = next(one for one in found._meta.concrete_fields if one.name == name)
                written = rows.exclude(**{name: field.get_default()})
            else:
                # SQLite would keep a text that is too long, and PostgreSQL refuses it half-way.
                narrow = before.models[migration.app_label, found._meta.model_name].get_field(name).max_length
                written = rows.alias(length=Length(name)).filter(length__gt=narrow) if narrow else rows.none()
            if written.exists():
                yield f"{name.replace('_', ' ')} of {found._meta.verbose_name_plural}"
        elif rows.exists():
            yield str(found._meta.verbose_name_plural)


def _model(migration: Migration, operation: Operation, apps: StateApps) -> type[Model] | None:
    """The model that an operation makes, gives a field or changes one of, if it still has that."""
    if isinstance(operation, CreateModel):
        name = operation.name
    elif isinstance(operation, AddField | AlterField):
        name = operation.model_name
    else:
        return None
    try:
        model: type[Model] = apps.get_model(migration.app_label, name)
    except LookupError:
        return None
    names = {field.name for field in model._meta.concrete_fields}
    return model if isinstance(operation, CreateModel) or operation.name in names else None
