"""One Meter Point, and the search for it."""

import re
from collections.abc import Sequence
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from reconcile.domain.coverage import coverage_words
from reconcile.domain.pasted import Asked, read_pasted
from reconcile.domain.policies import choices
from reconcile.domain.replay import Replay, Stood
from reconcile.domain.rules import SILENCE_RULES
from reconcile.domain.vocabulary import mpxn_text, parse_mpxn
from reconcile.ledger import queries
from reconcile.web import answers, links
from reconcile.web.access import MemberRequest, member
from reconcile.web.parameters import takes
from reconcile.web.pictures.timeline import picture
from reconcile.web.policy_page import named

SURE = 6
"""Digits of a number that is meant as one whatever stands around it; fewer among words are a house's or a date's."""
TOO_SHORT = "There is no Meter Point number in this: {} stands among words, and is too short to be taken for one."


@member
@takes("q")
def search(request: MemberRequest) -> HttpResponse:
    """From a number, in a person's spelling, to its page."""
    asked = request.GET.get("q", "").strip()
    items = read_pasted(asked).items
    if len(items) > 1 or any(one.device is not None for one in items):
        return redirect(f"{links.to('look-up')}?{urlencode({'q': asked})}")
    named = items[0].mpxn if items else None
    short = named is not None and is_among_words(asked, named)
    if named is not None and not short:
        return redirect("point", named)
    problem = TOO_SHORT.format(named) if short else _problem(asked, items)
    context = {"asked": asked, "problem": problem, "all_the_same": named if short else None}
    return render(request, "reconcile/points/search.html", context, status=400 if problem else 200)


def is_among_words(asked: str, number: int) -> bool:
    """Whether a short number stands among words that do not say what it is."""
    others = re.sub(r"\b(?:mpan|mprn|mpxn)s?\b", "", asked, flags=re.IGNORECASE)
    return number < 10 ** (SURE - 1) and any(character.isalpha() for character in others)


def _problem(asked: str, items: Sequence[Asked]) -> str:
    """Why what was asked for is no number; empty where nothing was."""
    try:
        # What stands around a number, a word or a comma, is no fault of it.
        problem = items[0].problem if parse_mpxn(items[0].text if items else asked) and items else ""
        return problem[:1].upper() + problem[1:]
    except ValueError as problem:
        return str(problem) if asked else ""


def _unknown(request: MemberRequest, mpxn: int) -> HttpResponse:
    """That it is nobody's whom they see, and whether that is because it is mistyped."""
    asked = read_pasted(mpxn_text(mpxn)).items
    doubt = next((one.problem or one.doubt for one in asked), "")
    return render(request, "reconcile/points/unknown.html", {"mpxn": mpxn, "doubt": doubt}, status=404)


@member
def point(request: MemberRequest, mpxn: int) -> HttpResponse:
    """Everything about one Meter Point."""
    found = queries.meter_point(scope=request.scope, mpxn=mpxn)
    if found is None:
        return _unknown(request, mpxn)
    urgent = answers.urgent(found)
    past = _past(request, found)
    context = {
        "point": found,
        "trace": found.trace,
        "meter": answers.meter(found.trace),
        "flag": answers.flag(found),
        "urgent": urgent,
        "next_step": answers.next_step(found, urgent) if urgent else "",
        "cell": answers.cell(found),
        "told": None if found.is_long else _told(found, past),
        "summary": answers.summary(found),
        "past": past,
        "alerts": _alerts(request, found),
        "now": timezone.now(),
        "coverage": coverage_words(found.coverage, found.run.as_of) if found.coverage and found.run else "",
    }
    return render(request, "reconcile/points/point.html", context)


@member
def history(request: MemberRequest, mpxn: int) -> HttpResponse:
    """What all files that are kept tell of one Meter Point: a part of its page, or a page of its own."""
    found = queries.meter_point(scope=request.scope, mpxn=mpxn)
    if found is None:
        return _unknown(request, mpxn)
    context = {"point": found, "told": _told(found, _past(request, found))}
    template = "_history" if request.htmx else "history"
    return render(request, f"reconcile/points/{template}.html", context)


def _past(request: MemberRequest, point: queries.MeterPoint) -> Sequence[queries.Past]:
    return queries.work_past(actor=request.actor, discrepancies=[one.discrepancy.pk for one in point.findings])


def _told(point: queries.MeterPoint, past: Sequence[queries.Past]) -> dict[str, object]:
    return {"picture": picture(point, past), **_replayed(point.replayed())}


@member
@takes("policy")
def replay(request: MemberRequest, mpxn: int) -> HttpResponse:
    """One Meter Point through its whole kept history, under any policy."""
    found = queries.meter_point(scope=request.scope, mpxn=mpxn)
    chosen = named(request, "policy", found.policy if found and found.policy else None)
    replayed = found.replayed(chosen) if found else None
    if replayed is None:
        return _unknown(request, mpxn)
    context = {"point": found, "policies": choices(), **_replayed(replayed)}
    return render(request, "reconcile/points/replay.html", context)


def _alerts(request: MemberRequest, point: queries.MeterPoint) -> queries.AlertsAt | None:
    """What the queue of alerts has of it; None for those to whom alerts are nothing of theirs."""
    if not queries.sees_alerts(actor=request.actor):
        return None
    silent = (one.discrepancy for one in point.broken if one.rule.code in SILENCE_RULES)
    return queries.alerts_at(actor=request.actor, mpxn=point.mpxn, silent=next(silent, None))


def _replayed(found: Replay | None) -> dict[str, object]:
    return {"replay": found, "days_unknown": found.days(Stood.UNKNOWN) if found else 0}
