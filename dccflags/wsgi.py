"""The WSGI entry point."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from .lengths import with_lengths

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dccflags.settings")
application = with_lengths(get_wsgi_application(), most=settings.MAX_UPLOAD_BYTES, said=settings.MAX_BODY_BYTES)
