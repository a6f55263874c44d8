"""Which rows a person may see: a scope, which every query takes and narrows its rows with. Empty, it sees none.

In: the networks and suppliers that a person works for. Out: narrowed querysets. Made by ledger.actors.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from reconcile.models import Party

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Scope:
    """Everything, or the rows of the networks and suppliers (ids of Party) that a person works for."""

    everything: bool = False
    networks: frozenset[int] = frozenset()
    suppliers: frozenset[int] = frozenset()

    def __or__(self, other: "Scope") -> "Scope":
        """What either sees."""
        return Scope(
            self.everything or other.everything, self.networks | other.networks, self.suppliers | other.suppliers
        )

    def covers(self, other: "Scope") -> bool:
        """Whether every row that `other` can see is seen here too."""
        within = other.networks <= self.networks and other.suppliers <= self.suppliers
        return self.everything or (within and not other.everything)

    def narrow(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """Only the rows of these parties. The model has `network` and `supplier`."""
        if self.everything:
            return rows
        if not (self.networks or self.suppliers):
            return rows.none()
        return rows.filter(self.condition())

    def condition(self, prefix: str = "") -> Q:
        """The same as a condition, on the parties whose fields begin with `prefix`."""
        if self.everything:
            return Q(pk__isnull=False)
        return Q(**{f"{prefix}network__in": self.networks}) | Q(**{f"{prefix}supplier__in": self.suppliers})

    def admits(self, *, network: str | None, supplier: str | None) -> bool:
        """Whether a Meter Point of these parties (codes) may be shown."""
        return self.admitting()(network, supplier)

    def admitting(self) -> Callable[[str | None, str | None], bool]:
        """The same question of many Meter Points (network, supplier): the parties are read once."""
        if self.everything:
            return lambda network, supplier: True
        own = set(Party.objects.filter(pk__in=self.networks | self.suppliers).values_list("kind", "code"))
        kinds = Party.Kind
        return lambda network, supplier: (kinds.NETWORK, network) in own or (kinds.SUPPLIER, supplier) in own

    def codes(self) -> tuple[list[str], list[str]]:
        """The codes of its networks and of its suppliers, where it is not everything."""
        own = Party.objects.filter(pk__in=self.networks | self.suppliers).order_by("code").values_list("kind", "code")
        kinds = (Party.Kind.NETWORK, Party.Kind.SUPPLIER)
        networks, suppliers = ([code for kind, code in own if kind == wanted] for wanted in kinds)
        return networks, suppliers

    def as_json(self) -> dict[str, Any]:
        """As it is kept beside what was made within it."""
        return {
            "everything": self.everything,
            "networks": sorted(self.networks),
            "suppliers": sorted(self.suppliers),
        }

    @classmethod
    def kept(cls, facts: dict[str, Any]) -> "Scope":
        """A scope from what `as_json` gave."""
        return cls(facts["everything"], frozenset(facts["networks"]), frozenset(facts["suppliers"]))


EVERYTHING = Scope(everything=True)
"""For the market operator, and for commands and workers on the machine itself."""
