"""New jobs: who may ask for one, and for how many at a time; the same request makes one.

In: an actor, what is to be done. Out: the job, queued. Called by ledger.operations and ledger.teamwork.
"""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from reconcile.models import Job

from .actors import Actor
from .jobs import QUEUED, RIGHT_FOR, RUNNING, Kind


class TooManyJobs(Exception):
    """Somebody has asked for as much as they may at a time; one plain sentence."""


def ask(
    *,
    actor: Actor,
    kind: Kind,
    title: str,
    options: dict[str, Any],
    limit_seconds: int | None = None,
    party: int | None = None,
    request: str = "",
    now: datetime,
) -> Job:
    """A new job, queued, that may take `limit_seconds`; `party`: for its people alone. NotAllowed, TooManyJobs.

    The same `request` of the same person again gives the job that it made.
    """
    actor.must(RIGHT_FOR[kind])
    with transaction.atomic():
        if actor.person:
            # One of a person's requests at a time: else those that come together would each see room for one more.
            User.objects.select_for_update().filter(pk=actor.person.pk).first()
        if made := asked_before(actor, request):
            return made
        _leave_room(actor, kind)
        return Job.objects.create(
            kind=kind,
            title=title,
            options=options,
            requested_by=actor.person,
            requested_name=actor.name,
            by_machine=actor.is_machine,
            created_at=now,
            limit_seconds=limit_seconds,
            party=party,
            request=request,
        )


def asked_before(actor: Actor, request: str) -> Job | None:
    """The job that a request of a person has made already."""
    if not request or actor.person is None:
        return None
    return Job.objects.filter(requested_by=actor.person, request=request).first()


def _leave_room(actor: Actor, kind: Kind) -> None:
    """Raises TooManyJobs where a person's own jobs of a kind already wait or run; uploads are limited by their disk."""
    if actor.person is None or kind == Kind.LOAD:
        return
    open_jobs = Job.objects.filter(requested_by=actor.person, kind=kind, state__in=(QUEUED, RUNNING)).count()
    if open_jobs >= settings.MAX_JOBS_OF_A_PERSON:
        raise TooManyJobs(
            f"{open_jobs} of your jobs of this kind wait or run. Wait until one has ended, then ask again."
        )
