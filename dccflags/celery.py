"""The Celery application that workers run."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dccflags.settings")

app = Celery("dccflags")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
