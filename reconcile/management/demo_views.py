"""The people of the demonstration look at their queues: rows frozen a month ago, and views that they share.

In: the ledger after one of its days. Out: cohorts that later runs moved, and views. Called by `demo`.
"""

from datetime import datetime

from django.contrib.auth.models import User

from reconcile.ledger import operations, queries
from reconcile.ledger.actors import actor_for
from reconcile.ledger.cohorts import Frozen
from reconcile.ledger.saved_views import Look
from reconcile.ledger.working import Selection
from reconcile.models import Cohort, Run, View

COHORTS = (
    # who froze it, how many of the worst, of which filter, what it is called beside the day
    ("operator", 100, "", "Top 100"),
    ("operator", 400, "who_acts=supplier", "Suppliers to act"),
    ("supplier", 50, "", "Top 50"),
    ("network", 50, "", "Top 50"),
)
VIEWS = (
    # who saved it, its name, filter, order, columns
    (
        "operator",
        "Live meters flagged N",
        "rule=N_COMMISSIONED",
        "",
        ("rule", "flag", "wrong_since", "network", "work"),
    ),
    ("operator", "Answered, to look at", "work=raised&answer=disputed", "", ()),
    ("supplier", "Ours to mend", "who_acts=supplier&in_flight=no", "wrong_since", ()),
    (
        "supplier",
        "Meters that have gone",
        "rule=A_REMOVED&rule=A_NO_METER",
        "",
        ("rule", "wrong_since", "statuses", "note"),
    ),
    (
        "network",
        "With suppliers",
        "who_acts=supplier&work=to_do",
        "",
        ("rule", "flag", "wrong_since", "supplier", "work"),
    ),
)


def freeze_cohorts(now: datetime) -> None:
    """Freeze the worst of several queues as the newest run left them; once."""
    run = Run.objects.filter(lookback=False).latest("as_of", "pk")
    if Cohort.objects.exists():
        return
    for name, first, query, called in COHORTS:
        actor = actor_for(User.objects.get(username=name))
        found = queries.work_list(actor=actor, filters=dict([query.split("=")] if query else []))
        if not found.total:
            continue
        of = Selection(query=query, run=run.pk, count=found.total)
        operations.freeze(actor=actor, name=f"{called}, {run.as_of:%-d %b}", rows=Frozen(of, first), now=now)


def share_views(now: datetime) -> None:
    """Save the views of all, for all of their parties; once."""
    if View.objects.exists():
        return
    for name, called, query, sort, columns in VIEWS:
        actor = actor_for(User.objects.get(username=name))
        look = Look(query, sort, columns)
        operations.save_view(actor=actor, name=called, look=look, shared=True, now=now)
