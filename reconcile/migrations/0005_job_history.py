"""Jobs know who asked and what their work saw, what a person decided is a row, and the timer leaves a sign of life."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("reconcile", "0004_roles"),
    ]

    operations = [
        migrations.AlterField("job", "kind", models.CharField(max_length=10)),
        migrations.AddField(
            "job", "requested_name", models.CharField(blank=True, default="", max_length=150), preserve_default=False
        ),
        migrations.AddField("job", "by_machine", models.BooleanField(default=False)),
        migrations.AddField("job", "final", models.BooleanField(default=False)),
        migrations.AddField("job", "sight", models.JSONField(blank=True, default=dict)),
        migrations.AddConstraint(
            "job",
            models.CheckConstraint(
                condition=Q(by_machine=False) | Q(requested_by__isnull=True), name="asked_by_person_or_machine"
            ),
        ),
        migrations.CreateModel(
            name="JobEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("held", "Held"),
                            ("approved", "Approved"),
                            ("refused", "Refused"),
                            ("failed", "Failed"),
                            ("lost", "Lost"),
                            ("again", "Run again"),
                        ],
                        max_length=8,
                    ),
                ),
                ("name", models.CharField(max_length=150)),
                ("at", models.DateTimeField()),
                ("words", models.TextField(blank=True)),
                ("figures", models.JSONField(blank=True, default=list)),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="events", to="reconcile.job"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SignOfLife",
            fields=[
                ("part", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
        ),
    ]
