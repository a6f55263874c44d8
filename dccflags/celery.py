"""The Celery application that workers run."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_process_init
from django.conf import settings

from .memory import limit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dccflags.settings")

app = Celery("dccflags")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def limit_memory(**kwargs: Any) -> None:
    """A process that does jobs, and none of those that look after it, has a limit."""
    limit(settings.WORKER_MEMORY)
