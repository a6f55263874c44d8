"""The admin: who works for which party. What runs and loads write is shown and never edited here."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.http import HttpRequest

from reconcile.models import Extract, Job, Membership, Party, Run


class MembershipInline(admin.TabularInline):
    """The parties that a person works for."""

    model = Membership
    autocomplete_fields = ("party",)
    extra = 0


class MemberAdmin(UserAdmin):
    """A person, with memberships."""

    inlines = (MembershipInline,)


class PartyAdmin(admin.ModelAdmin):
    """Parties; extracts make them as they name them."""

    list_display = ("code", "name", "kind", "fuel", "mpid")
    list_filter = ("kind", "fuel")
    search_fields = ("code", "name")


class ReadOnly(admin.ModelAdmin):
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
