"""What older jobs say about people, in their options and messages, becomes columns and rows.

Which rows an older job saw is not known, so what it made is given only to those who see everything. An export that
nobody is known to have asked for and no command wrote (it has no target) was asked for by somebody who has gone.
"""

import re
from datetime import datetime

from django.conf import settings
from django.db import migrations

EVERYTHING = {"everything": True, "networks": [], "suppliers": []}
MACHINE = "the machine"
REFUSED = re.compile(r"Refused by ([\w.@+-]+|the operator): (.*)", re.DOTALL)


def tell_askers(apps, schema_editor):
    for job in apps.get_model("reconcile", "Job").objects.select_related("requested_by").order_by("pk").iterator():
        if job.requested_by:
            job.requested_name = job.requested_by.username
        else:
            job.by_machine = job.kind != "export" or bool(job.options.get("target"))
            job.requested_name = MACHINE if job.by_machine else ""
        job.sight = EVERYTHING if job.result else {}
        job.save(update_fields=["requested_name", "by_machine", "sight"])


def write_decisions(apps, schema_editor):
    jobs = apps.get_model("reconcile", "Job").objects
    for job in jobs.filter(options__has_key="approved_at").order_by("pk").iterator():
        ceilings = job.options.pop("ceilings")
        figures = [{"guard": guard, "figure": figure, "words": ""} for guard, figure in ceilings.items()]
        at = datetime.fromisoformat(job.options.pop("approved_at"))
        _decided(apps, job, "approved", job.options.pop("approved_by"), at, figures=figures)
        job.save(update_fields=["options"])
    for job in jobs.filter(state="failed", message__startswith="Refused by ").order_by("pk").iterator():
        if found := REFUSED.fullmatch(job.message):
            job.message, job.final = found[2], True
            _decided(apps, job, "refused", found[1].removeprefix("the operator"), job.finished_at)
            job.save(update_fields=["message", "final"])


def _decided(apps, job, what, name, at, **facts):
    by = apps.get_model(settings.AUTH_USER_MODEL).objects.filter(username=name).first()
    apps.get_model("reconcile", "JobEvent").objects.create(
        job=job, what=what, by=by, name=name or MACHINE, at=at, **facts
    )


def put_decisions_back(apps, schema_editor):
    events = apps.get_model("reconcile", "JobEvent").objects.order_by("pk")
    for event in events.filter(what__in=("approved", "refused")).select_related("job"):
        if event.what == "refused":
            event.job.message = f"Refused by {event.name}: {event.job.message}"
        else:
            event.job.options |= {
                "approved_by": event.name,
                "approved_at": event.at.isoformat(),
                "ceilings": {guard["guard"]: guard["figure"] for guard in event.figures},
            }
        event.job.save(update_fields=["options", "message"])


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("reconcile", "0005_job_history"),
    ]

    operations = [
        migrations.RunPython(tell_askers, migrations.RunPython.noop),
        migrations.RunPython(write_decisions, put_decisions_back),
    ]
