"""People have roles. They keep what they could do: the operator's people become managers, all others analysts."""

from django.db import migrations, models


def give_roles(apps, schema_editor):
    memberships = apps.get_model("reconcile", "Membership").objects
    memberships.filter(party__kind="operator").update(role="manager")
    memberships.exclude(party__kind="operator").update(role="analyst")


class Migration(migrations.Migration):
    dependencies = [("reconcile", "0003_recording")]

    operations = [
        migrations.AddField(
            "membership",
            "role",
            models.CharField(
                choices=[("viewer", "Viewer"), ("analyst", "Analyst"), ("manager", "Manager")],
                default="viewer",
                max_length=7,
            ),
        ),
        migrations.RunPython(give_roles, migrations.RunPython.noop),
    ]
