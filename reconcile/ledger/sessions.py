"""Log-ins that are open: how long they last, and their end.

In: an actor, a session's key. Out: sessions ended, on record. Called by ledger.operations and ledger.queries.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

from reconcile.models import AuditEntry, Session

from .actors import Actor
from .audit import note

What = AuditEntry.What
SEEN_EVERY = timedelta(minutes=1)
"""That somebody is there is written so often at most."""
BRIEFLY = 100
"""Milliseconds that a page waits for SQLite's one writer to write that somebody was there."""


def idle_since(now: datetime) -> datetime | None:
    """A session whose person did nothing since then has ended; None: there is no such limit."""
    return now - timedelta(minutes=settings.IDLE_MINUTES) if settings.IDLE_MINUTES else None


def open_of(actor: Actor, now: datetime) -> QuerySet[Session]:
    """The open sessions of a person."""
    found = Session.objects.filter(person=actor.person, expire_date__gt=now) if actor.person else Session.objects.none()
    since = idle_since(now)
    return found.filter(seen_at__gt=since) if since else found


def session_began(*, actor: Actor, now: datetime) -> None:
    """Somebody has logged in: what has ended for good is swept up on that occasion."""
    Session.objects.filter(expire_date__lt=now).delete()


def session_seen(*, actor: Actor, session: Session, now: datetime) -> None:
    """Its person has done something. While somebody else writes for long, that is not worth waiting for."""
    every = min(SEEN_EVERY, timedelta(minutes=settings.IDLE_MINUTES) / 10) if settings.IDLE_MINUTES else SEEN_EVERY
    if now - session.seen_at < every:
        return
    with suppress(OperationalError), _without_waiting():
        Session.objects.filter(pk=session.pk).update(seen_at=now)


@contextmanager
def _without_waiting() -> Iterator[None]:
    """SQLite waits for its one writer as long as the settings say: for this, hardly."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        (before,) = cursor.execute("PRAGMA busy_timeout").fetchone()
        cursor.execute(f"PRAGMA busy_timeout = {BRIEFLY}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {before}")


def logged_out(*, actor: Actor, now: datetime) -> None:
    """Put on record that somebody ended their session."""
    note(actor=actor, what=What.LOGGED_OUT, now=now)


def end_others(*, actor: Actor, keep: str | None, now: datetime) -> int:
    """End every session of a person but the one with a key; gives how many."""
    with transaction.atomic():
        ended = _end(actor, keep)
        note(actor=actor, what=What.ENDED_SESSIONS, now=now, about=_counted(ended))
    return ended


def password_changed(*, actor: Actor, keep: str | None, now: datetime) -> int:
    """Put on record that a person changed their password, and end their other sessions; gives how many."""
    with transaction.atomic():
        ended = _end(actor, keep)
        note(actor=actor, what=What.CHANGED_PASSWORD, now=now, about=f"{_counted(ended)} ended")
    return ended


def end_all_of(*, actor: Actor, person: User) -> None:
    """End every session of somebody whose password was changed for them."""
    Session.objects.filter(person=person).delete()


def _end(actor: Actor, keep: str | None) -> int:
    others = Session.objects.filter(person=actor.person) if actor.person else Session.objects.none()
    return others.exclude(pk=keep or "").delete()[0]


def _counted(ended: int) -> str:
    return f"{ended} other session{'' if ended == 1 else 's'}"
