"""Ways in and out, and one's own account: where one is logged in, and one's password."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth import views as auth
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from reconcile.ledger import operations, queries
from reconcile.ledger.actors import actor_for
from reconcile.web.access import MemberRequest, button, logged_in
from reconcile.web.middleware.log_ins import address_of
from reconcile.web.middleware.sessions import remember
from reconcile.web.parameters import takes
from reconcile.web.passwords import ChangePassword


class LogIn(auth.LoginView):
    """The log-in page."""

    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Begin a session."""
        answer = super().form_valid(form)
        remember(self.request)
        return answer


class LogOut(auth.LogoutView):
    """The button that ends a session."""

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """End it, on record."""
        if request.user.is_authenticated:
            operations.logged_out(actor=actor_for(request.user, address_of(request)), now=timezone.now())
        return super().post(request, *args, **kwargs)


@require_http_methods(["GET", "POST"])
@logged_in
@takes()
def account(request: MemberRequest) -> HttpResponse:
    """Where one is logged in; and another password, which ends the other sessions."""
    form = ChangePassword(request, request.POST or None)
    if form.is_valid():
        form.save()
        # A new key of this session, whose old one somebody may know.
        update_session_auth_hash(request, form.user)
        ended = operations.password_changed(actor=request.actor, keep=request.session.session_key, now=timezone.now())
        messages.success(request, f"Your password is changed. {_counted(ended)}")
        return redirect("account")
    found = queries.sessions(actor=request.actor, now=timezone.now())
    context = {"form": form, "sessions": found, "key": request.session.session_key}
    limits = {"idle": settings.IDLE_MINUTES, "hours": settings.SESSION_HOURS}
    return render(request, "reconcile/account.html", {**context, **limits}, status=400 if form.is_bound else 200)


@button
@logged_in
def end_others(request: MemberRequest) -> HttpResponse:
    """End one's other sessions."""
    ended = operations.end_others(actor=request.actor, keep=request.session.session_key, now=timezone.now())
    messages.success(request, _counted(ended))
    return redirect("account")


def _counted(ended: int) -> str:
    if not ended:
        return "You were logged in nowhere else."
    return f"{ended} other session{' has' if ended == 1 else 's have'} ended."
