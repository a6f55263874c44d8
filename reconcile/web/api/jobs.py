"""Jobs by the API: how they go, and a person's word on them: cancelled, and where they are held, approved or refused.

In: a request of a person who is logged in. Out: JSON.
"""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from reconcile import tasks
from reconcile.ledger import operations, queries
from reconcile.ledger.actors import Actor

from . import data_shapes
from .common import ANYTHING, CHANGED, MISSING, REFUSED, answered, number, page_of, whoever
from .parameters import ID, read, without_parameters
from .work_shapes import told


class JobViewSet(viewsets.ViewSet):
    """Loads, runs and exports on their way: one's own, or everyone's for those who see all jobs."""

    lookup_value_regex = ANYTHING

    @extend_schema(
        parameters=[data_shapes.JobsAskedSerializer], responses={200: data_shapes.JobPageSerializer, **REFUSED}
    )
    def list(self, request: Request) -> Response:
        """A page of jobs, the newest first; `state=held`: those that wait for a person's word."""
        asked = read(request, data_shapes.JobsAskedSerializer)
        found = queries.job_page(
            actor=whoever(request), state=asked.get("state"), size=asked["per_page"], after=asked.get("after")
        )
        last = found.rows[-1].job.pk if found.rows else None
        return Response(data_shapes.JobPageSerializer(page_of(request, found, after=last)).data)

    @extend_schema(parameters=[ID], responses={200: data_shapes.JobSerializer, **MISSING})
    def retrieve(self, request: Request, pk: str) -> Response:
        """How one goes."""
        without_parameters(request)
        return Response(job_shown(whoever(request), number(pk)))

    @extend_schema(
        parameters=[ID],
        request=data_shapes.CancelSerializer,
        responses={200: data_shapes.JobSerializer, **CHANGED},
    )
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """End one before it is done, for whoever asked for it or decides: at once, or within seconds where it runs."""
        reason = told(request, data_shapes.CancelSerializer).validated_data["reason"]
        actor = whoever(request)
        with answered():
            operations.cancel(actor=actor, job_id=number(pk), reason=reason, now=timezone.now())
        return Response(job_shown(actor, number(pk)))

    @extend_schema(
        parameters=[ID],
        request=data_shapes.ApprovalSerializer,
        responses={200: data_shapes.JobSerializer, **CHANGED},
    )
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Let a held job go on, for those who decide: up to the figures that its `guards` showed in that attempt.

        The same word sent again is done once and answered the same.
        """
        word, actor = told(request, data_shapes.ApprovalSerializer).validated_data, whoever(request)
        with answered():
            tasks.send(operations.approve(actor=actor, job_id=number(pk), now=timezone.now(), **word))
        return Response(job_shown(actor, number(pk)))

    @extend_schema(
        parameters=[ID],
        request=data_shapes.CancelSerializer,
        responses={200: data_shapes.JobSerializer, **CHANGED},
    )
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: str) -> Response:
        """End a held job, for those who decide: nothing was or will be written. The same word again is done once."""
        reason = told(request, data_shapes.CancelSerializer).validated_data["reason"]
        actor = whoever(request)
        with answered():
            operations.refuse(actor=actor, job_id=number(pk), reason=reason, now=timezone.now())
        return Response(job_shown(actor, number(pk)))


def job_shown(actor: Actor, job_id: int) -> Any:
    """A job as the API answers it. NotFound where the actor sees none."""
    found = queries.job(actor=actor, job_id=job_id)
    if found is None:
        raise NotFound
    return data_shapes.JobSerializer(found).data
