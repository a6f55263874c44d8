"""The Django project: settings, addresses, Celery. Nothing of the domain."""

from .celery import app as celery_app

__all__ = ["celery_app"]
