"""What people said that headings mean: kept under a name, changed, renamed, removed, each with who and when.

In: an actor, a ColumnMap. Out: KeptColumns rows. Raises OperationError. Called by ledger.operations, work, recognising.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from itertools import chain, count
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from reconcile.feeds import BadColumns, ColumnMap, checked
from reconcile.models import KeptColumns, KeptColumnsEvent

from .actors import Actor, NotAllowed
from .jobs import OperationError

What = KeptColumnsEvent.What
LONGEST_PROPOSED = 60


def current() -> QuerySet[KeptColumns]:
    """Those that are used, by name."""
    return KeptColumns.objects.filter(removed_at__isnull=True).order_by("name")


def free_name(file: str) -> str:
    """A name for the columns of a file, after its own without digits, that is not taken."""
    words = re.sub(r"[\W\d_]+", " ", file).strip()[:LONGEST_PROPOSED] or "columns"
    taken = set(current().values_list("name", flat=True))
    names = chain([words], (f"{words} {at}" for at in count(2)))
    return next(name for name in names if name not in taken)


def said_by(kept: KeptColumns) -> ColumnMap:
    """What a row says."""
    return ColumnMap(kept.kind, kept.columns, kept.words, tuple(kept.headings), kept.name)


def as_json(said: ColumnMap) -> dict[str, Any]:
    """As a job's options keep it."""
    return {
        "name": said.name,
        "kind": said.kind,
        "columns": dict(said.columns),
        "words": {meaning: dict(words) for meaning, words in said.words.items()},
        "headings": list(said.headings),
    }


def of_json(found: Mapping[str, Any] | None) -> ColumnMap | None:
    """As `as_json` wrote it; None for nothing."""
    if not found:
        return None
    return ColumnMap(found["kind"], found["columns"], found["words"], tuple(found["headings"]), found["name"])


def read_by(said: ColumnMap) -> dict[str, Any]:
    """What an extract keeps of how it was read."""
    told = as_json(said)
    return {"name": told["name"], "kind": told["kind"], "columns": told["columns"], "values": told["words"]}


def keep(said: ColumnMap, *, actor: Actor, now: datetime) -> KeptColumns:
    """Keep what was said under its name; what had that name says this from now on. Raises OperationError."""
    if not said.name:
        raise OperationError("Give a name to keep the headings under.")
    try:
        checked(said)
    except BadColumns as problem:
        raise OperationError(str(problem)) from problem
    told = as_json(said)
    with transaction.atomic():
        kept = current().select_for_update().filter(name=said.name).first()
        if kept and said_by(kept) == said:
            return kept
        before = "" if kept is None else _before(kept)
        kept = kept or KeptColumns(name=said.name)
        kept.kind, kept.columns, kept.words, kept.headings = (
            told[name] for name in ("kind", "columns", "words", "headings")
        )
        kept.kept_by, kept.kept_name, kept.kept_at = actor.person, actor.name, now
        _save(kept)
        _note(kept, What.CHANGED if before else What.KEPT, actor, now, before)
    return kept


def find(kept_id: int) -> KeptColumns:
    """One that is used. Raises NotAllowed."""
    kept = current().filter(pk=kept_id).first()
    if kept is None:
        raise NotAllowed(f"There are no kept columns {kept_id}.")
    return kept


def rename(kept: KeptColumns, name: str, *, actor: Actor, now: datetime) -> KeptColumns:
    """Give kept headings another name. Raises OperationError."""
    before = kept.name
    if not name:
        raise OperationError("Give a name.")
    try:
        checked(ColumnMap(kept.kind, kept.columns, name=name))
    except BadColumns as problem:
        raise OperationError(str(problem)) from problem
    kept.name = name
    with transaction.atomic():
        _save(kept)
        _note(kept, What.RENAMED, actor, now, f"It was called {before}.")
    return kept


def remove(kept: KeptColumns, *, actor: Actor, now: datetime) -> KeptColumns:
    """Use kept headings no more."""
    with transaction.atomic():
        kept.removed_at = now
        kept.save()
        _note(kept, What.REMOVED, actor, now)
    return kept


def _save(kept: KeptColumns) -> None:
    try:
        with transaction.atomic():
            kept.save()
    except IntegrityError:
        raise OperationError(f"There are kept headings called {kept.name} already. Choose another name.") from None


def _before(kept: KeptColumns) -> str:
    return "Before: " + ", ".join(f"{meaning} = {heading or 'none'}" for meaning, heading in kept.columns.items())


def _note(kept: KeptColumns, what: KeptColumnsEvent.What, actor: Actor, now: datetime, words: str = "") -> None:
    KeptColumnsEvent.objects.create(kept=kept, what=what, by=actor.person, name=actor.name, at=now, words=words)
