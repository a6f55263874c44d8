"""The admin: who works for which party, in which role. What runs and loads write is shown and never edited here.

What is changed here stands on record, besides in Django's own log.
"""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from reconcile.ledger import operations
from reconcile.ledger.actors import actor_for
from reconcile.models import AuditEntry, Extract, Job, Membership, Party, Run
from reconcile.web.middleware.log_ins import address_of

if TYPE_CHECKING:
    Inline = admin.TabularInline[Membership, User]
    People = UserAdmin[User]
    Parties = admin.ModelAdmin[Party]
    Rows = admin.ModelAdmin[Any]
else:
    Inline, People, Parties, Rows = admin.TabularInline, UserAdmin, admin.ModelAdmin, admin.ModelAdmin


class Recorded(Rows):
    """Puts on record what is changed."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> LogEntry:
        """Something was added."""
        entry: LogEntry = super().log_addition(request, obj, message)
        _record(request, obj, str(entry.get_change_message()))
        return entry

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> LogEntry:
        """Something was changed; a person whose password is, is logged in nowhere any more."""
        entry: LogEntry = super().log_change(request, obj, message)
        _record(request, obj, str(entry.get_change_message()))
        if isinstance(obj, User) and "password" in str(message):
            operations.end_all_of(actor=actor_for(request.user, address_of(request)), person=obj)
        return entry

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """Things are removed."""
        for obj in queryset:
            _record(request, obj, "Removed.")
        return super().log_deletions(request, queryset)


def _record(request: HttpRequest, obj: Any, words: str) -> None:
    actor, now = actor_for(request.user, address_of(request)), timezone.now()
    about = f"{obj._meta.verbose_name} {obj}: {words}"
    operations.note(actor=actor, what=AuditEntry.What.ADMINISTERED, now=now, about=about)


class MembershipInline(Inline):
    """The parties that a person works for, and as what."""

    model = Membership
    autocomplete_fields = ("party",)
    extra = 0


class MemberAdmin(Recorded, People):
    """A person, with memberships."""

    inlines = (MembershipInline,)
    list_display = ("username", "works_for", "is_active", "is_superuser", "last_login")
    list_filter = ("memberships__role", "memberships__party__kind", "is_active", "is_superuser")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """People with their memberships, in two questions whatever their number."""
        return super().get_queryset(request).prefetch_related("memberships__party")

    @admin.display(description="Works for")
    def works_for(self, person: User) -> str:
        """Each party with the role there."""
        memberships = person.memberships.all()
        return ", ".join(f"{one.party} ({one.get_role_display().lower()})" for one in memberships) or "nobody"


class PartyAdmin(Recorded, Parties):
    """Parties; extracts make them as they name them."""

    list_display = ("code", "name", "kind", "fuel", "mpid")
    list_filter = ("kind", "fuel")
    search_fields = ("code", "name")


class ReadOnly(Rows):
    """Rows to look at: operations alone write them."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


# Rights come from memberships: Django's groups would give none.
admin.site.unregister((User, Group))
admin.site.register(User, MemberAdmin)
admin.site.register(Party, PartyAdmin)
admin.site.register((Extract, Run, Job), ReadOnly)
