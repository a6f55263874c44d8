"""Who asks for pages: an analyst of the market operator, who sees everything.

In: nothing. Out: the user. Called by the benchmark of pages and by what makes it a queue.
"""

from django.contrib.auth.models import User

from reconcile.models import Membership, Party, Role


def benchmark_person() -> User:
    """Them, made where they are not there yet."""
    user, made = User.objects.get_or_create(username="benchmark")
    if made:
        user.set_unusable_password()
        user.save()
    operator, _ = Party.objects.get_or_create(kind=Party.Kind.OPERATOR, code="OPERATOR", defaults={"name": "Operator"})
    Membership.objects.update_or_create(user=user, party=operator, defaults={"role": Role.ANALYST})
    return user
