"""Who may see what. A scope is asked of a user once and handed to every query; with no membership it is empty.

In: a user. Out: a Scope, which narrows querysets. Called by views, API and commands.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from django.db.models import Model, Q, QuerySet

from reconcile.models import Membership, Party

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Scope:
    """Everything, or the rows of the networks and suppliers (ids of Party) that a person works for."""

    everything: bool = False
    networks: frozenset[int] = frozenset()
    suppliers: frozenset[int] = frozenset()

    def narrow(self, rows: "QuerySet[Row]") -> "QuerySet[Row]":
        """Only the rows of these parties. The model has `network` and `supplier`."""
        if self.everything:
            return rows
        if not (self.networks or self.suppliers):
            return rows.none()
        return rows.filter(Q(network__in=self.networks) | Q(supplier__in=self.suppliers))

    def admits(self, *, network: str | None, supplier: str | None) -> bool:
        """Whether a Meter Point of these parties (codes) may be shown."""
        if self.everything:
            return True
        own = set(Party.objects.filter(pk__in=self.networks | self.suppliers).values_list("kind", "code"))
        return (Party.Kind.NETWORK, network) in own or (Party.Kind.SUPPLIER, supplier) in own


EVERYTHING = Scope(everything=True)
"""For commands and workers on the machine itself."""


def scope_for(user: "User | AnonymousUser") -> Scope:
    """The scope of a person: the market operator's people and superusers see everything."""
    if not user.is_authenticated or not user.is_active:
        return Scope()
    if user.is_superuser:
        return EVERYTHING
    parties = list(Membership.objects.filter(user=user).values_list("party_id", "party__kind"))
    if any(kind == Party.Kind.OPERATOR for _, kind in parties):
        return EVERYTHING
    return Scope(
        networks=frozenset(pk for pk, kind in parties if kind == Party.Kind.NETWORK),
        suppliers=frozenset(pk for pk, kind in parties if kind == Party.Kind.SUPPLIER),
    )
