"""Every address: the product's pages and API, the admin."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from reconcile.web.views.account import LogOut

urlpatterns = [
    # One page to log in at, whatever was asked for.
    path("admin/login/", RedirectView.as_view(pattern_name="login", query_string=True)),
    # One page for one's password, and one way out, which is on record.
    path("admin/logout/", LogOut.as_view()),
    path("admin/password_change/", RedirectView.as_view(pattern_name="account")),
    path("admin/", admin.site.urls),
    path("", include("reconcile.urls")),
]
handler404 = "reconcile.web.refusals.not_found"
handler500 = "reconcile.web.middleware.troubles.error_page"
