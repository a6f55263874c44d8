"""Jobs and how they go. People see their own; the market operator's people see all.

In: a scope and a person. Out: Job rows. Called by the job pages.
"""

from typing import TYPE_CHECKING

from django.db.models import QuerySet

from reconcile.models import Job

from ..access import Scope

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def jobs(*, scope: Scope, by: "User") -> QuerySet[Job]:
    """Jobs, newest first."""
    rows = Job.objects.select_related("requested_by").order_by("-id")
    return rows if scope.everything else rows.filter(requested_by=by)


def job(*, scope: Scope, by: "User", job_id: int) -> Job | None:
    """One job, or None."""
    return jobs(scope=scope, by=by).filter(pk=job_id).first()
