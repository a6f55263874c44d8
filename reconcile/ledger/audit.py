"""What people did, on record; and from it, whether somebody has tried to log in too often.

In: an actor and what they did. Out: an entry that stays. Called by ledger.operations, and through it by the web.
"""

import json
import logging
from contextlib import suppress
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.crypto import salted_hmac

from reconcile.models import AuditEntry, Job

from . import kept_files
from .actors import Actor

logger = logging.getLogger(__name__)
What = AuditEntry.What
ELSEWHERE = 5
"""So many times the tries of one name from one address are allowed to one name, and to one address, in all."""


class TooManyTries(Exception):
    """Somebody has tried to log in too often; one plain sentence."""


def note(*, actor: Actor, what: AuditEntry.What, now: datetime, **facts: Any) -> AuditEntry:
    """Put on record what an actor did. `facts`: about, filters, rows, sha256, job, extract of AuditEntry and so on."""
    about = str(facts.pop("about", ""))[:300]
    return AuditEntry.objects.create(
        at=now,
        what=what,
        person=actor.person.pk if actor.person else None,
        name=actor.name,
        key=key_of(actor.name),
        address=actor.address,
        about=about,
        **facts,
    )


def on_record() -> QuerySet[AuditEntry]:
    """All of it, to be read."""
    return AuditEntry.objects.all()


def note_download(*, actor: Actor, job: Job, now: datetime) -> None:
    """Put on record that somebody took the rows of an export along."""
    made = job.result
    note(
        actor=actor,
        what=What.DOWNLOADED,
        now=now,
        about=made.get("name", ""),
        filters=made.get("filters") or _filters_of(made),
        rows=made.get("rows"),
        sha256=made.get("sha256", ""),
        job=job.pk,
    )


def _filters_of(made: dict[str, Any]) -> str:
    """What narrowed an export, in words; empty where its manifest has gone."""
    with suppress(OSError, ValueError, KeyError), kept_files.opened(made["manifest"]) or BytesIO() as file:
        return str(json.load(file)["filters"])
    return ""


def key_of(name: str) -> str:
    """What stands for a name as it was given: the same for the same, and nobody reads the name from it."""
    return salted_hmac("reconcile.ledger.audit", name.casefold(), algorithm="sha256").hexdigest()[:32] if name else ""


def may_try(*, actor: Actor, name: str, now: datetime) -> None:
    """Raises TooManyTries where a name, or the actor's address, has failed too often lately."""
    since = now - timedelta(minutes=settings.LOG_IN_MINUTES)
    failed = AuditEntry.objects.filter(what=What.REFUSED_LOG_IN, at__gt=since)
    by_name, from_here = Q(key=key_of(name)), Q(address=actor.address)
    worn_out = (
        _since_success(failed, by_name & from_here, since).count() >= settings.LOG_IN_TRIES
        or failed.filter(by_name).count() >= settings.LOG_IN_TRIES * ELSEWHERE
        or failed.filter(from_here).count() >= settings.LOG_IN_TRIES * ELSEWHERE
    )
    if worn_out:
        logger.warning("Log-in refused after too many tries (name %s, from %s)", key_of(name), actor.address)
        raise TooManyTries(f"Too many tries to log in. Wait {settings.LOG_IN_MINUTES} minutes, then try again.")


def _since_success(failed: QuerySet[AuditEntry], who: Q, since: datetime) -> QuerySet[AuditEntry]:
    came_in = AuditEntry.objects.filter(who, what=What.LOGGED_IN, at__gt=since).order_by("-at").first()
    return failed.filter(who, at__gt=came_in.at) if came_in else failed.filter(who)


def log_in_failed(*, actor: Actor, name: str, known: bool, now: datetime) -> None:
    """Put a failure on record: of a name that nobody has, only what stands for it."""
    logger.warning("Log-in failed (name %s, from %s)", key_of(name), actor.address)
    AuditEntry.objects.create(
        at=now,
        what=What.REFUSED_LOG_IN,
        name=name if known else "",
        key=key_of(name),
        address=actor.address,
    )


def logged_in(*, actor: Actor, now: datetime, again_after: timedelta = timedelta()) -> None:
    """Put a log-in on record; of a program that sends its password each time, once in a while."""
    recent = AuditEntry.objects.filter(
        what=What.LOGGED_IN, key=key_of(actor.name), address=actor.address, at__gt=now - again_after
    )
    if not recent.exists():
        note(actor=actor, what=What.LOGGED_IN, now=now)
