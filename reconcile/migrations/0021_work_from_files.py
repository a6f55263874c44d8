"""What a file of assignments says of a row: its own note."""

from django.db import migrations, models

REFUSAL = "What is on record is neither changed nor removed."


def guard_again(apps, schema_editor):
    """SQLite writes the table anew, there and back, without what guards it."""
    if schema_editor.connection.vendor == "sqlite":
        for what in ("UPDATE", "DELETE"):
            schema_editor.execute(
                f"CREATE TRIGGER IF NOT EXISTS reconcile_workversion_{what} BEFORE {what} ON reconcile_workversion "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )


class Migration(migrations.Migration):

    dependencies = [
        ('reconcile', '0020_work'),
    ]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, guard_again),
        migrations.AddField(
            model_name='workitem',
            name='said',
            field=models.TextField(blank=True, db_default='', default=''),
        ),
        migrations.AddField(
            model_name='workversion',
            name='said',
            field=models.TextField(blank=True, db_default='', default=''),
        ),
        migrations.AlterField(
            model_name='auditentry',
            name='what',
            field=models.CharField(choices=[('logged in', 'Logged in'), ('log-in refused', 'Log-in refused'), ('throttled', 'Too many tries'), ('logged out', 'Logged out'), ('sessions ended', 'Other sessions ended'), ('password changed', 'Password changed'), ('downloaded', 'Downloaded'), ('rejects read', 'Rejected lines read'), ('read by API', 'Read by API'), ('asked for', 'Asked for'), ('approved', 'Approved'), ('refused', 'Refused'), ('run again', 'Run again'), ('cancelled', 'Cancelled'), ('headings', 'Headings told or changed'), ('brought back', 'Thinned rows brought back'), ('administered', 'Changed in the administration'), ('withdrew', 'Withdrew'), ('took back', 'Took a withdrawal back'), ('assigned', 'Assigned'), ('raised', 'Raised'), ('explained', 'Explained'), ('noted', 'Noted'), ('taken up', 'To do again'), ('answered', 'Answered'), ('from a file', 'Loaded from a file'), ('undid', 'Undone'), ('reasons', 'Reasons changed'), ('closed', 'Closed by a run'), ('came back', 'Came back by itself')], max_length=20),
        ),
        migrations.RunPython(guard_again, migrations.RunPython.noop),
    ]
