"""The admin: who works for which party, in which role. What runs and loads write is shown and never edited here."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest

from reconcile.models import Extract, Job, Membership, Party, Run

if TYPE_CHECKING:
    Inline = admin.TabularInline[Membership, User]
    People = UserAdmin[User]
    Parties = admin.ModelAdmin[Party]
    Rows = admin.ModelAdmin[Any]
else:
    Inline, People, Parties, Rows = admin.TabularInline, UserAdmin, admin.ModelAdmin, admin.ModelAdmin


class MembershipInline(Inline):
    """The parties that a person works for, and as what."""

    model = Membership
    autocomplete_fields = ("party",)
    extra = 0


class MemberAdmin(People):
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


class PartyAdmin(Parties):
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


admin.site.unregister(User)
admin.site.register(User, MemberAdmin)
admin.site.register(Party, PartyAdmin)
admin.site.register((Extract, Run, Job), ReadOnly)
