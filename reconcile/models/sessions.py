"""Log-ins that are open, with what their person can know them by; kept as Django keeps sessions.

In: sessions of the web. Out: rows. SESSION_ENGINE names this module.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore as RowStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone

BEGAN, ADDRESS, BROWSER = "began", "address", "browser"
"""What a log-in leaves in its session for the columns of its row."""


class Session(AbstractBaseSession):
    """One log-in. `seen_at`: when its person last did something; `browser` and `address`: with what, from where."""

    person = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    browser = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=45, blank=True)

    @classmethod
    def get_session_store_class(cls) -> "type[SessionStore]":
        """What reads and writes the rows."""
        return SessionStore


class SessionStore(RowStore):
    """Django's store of rows; `row` is the one that was read."""

    row: Session | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """The rows."""
        return Session

    def load(self) -> dict[str, Any]:
        """What is in the session; nothing where there is none, or none any more."""
        self.row = Session.objects.filter(session_key=self.session_key or "", expire_date__gt=timezone.now()).first()
        if self.row is None:
            self._session_key = None
            return {}
        return self.decode(self.row.session_data)

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """The row of a session as it stands. It ends SESSION_HOURS after the log-in, however often it is written."""
        now = timezone.now()
        began = datetime.fromisoformat(data[BEGAN]) if BEGAN in data else now
        return Session(
            session_key=self.session_key or "",
            session_data=self.encode(data),
            expire_date=began + timedelta(hours=settings.SESSION_HOURS),
            person_id=data.get(SESSION_KEY),
            began_at=began,
            seen_at=now,
            browser=data.get(BROWSER, ""),
            address=data.get(ADDRESS, ""),
        )
