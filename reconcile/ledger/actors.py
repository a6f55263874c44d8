"""Who acts, what they may do, and which rows each right covers. Made here alone, and handed to every operation.

In: a user, or nobody: the machine. Out: an Actor. Called by views, API, commands and workers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType

from django.contrib.auth.models import AnonymousUser, User

from reconcile.models import Membership, Party, Role

from .access import EVERYTHING, Scope


class Right(StrEnum):
    """One thing that a person may do."""

    SEE = "see"
    EXPORT = "export"
    SEE_ALL_JOBS = "see_all_jobs"
    SEE_STORAGE = "see_storage"
    SEE_RECORD = "see_record"
    READ_REJECTS = "read_rejects"
    LOAD = "load"
    SEE_COLUMNS = "see_columns"
    RECONCILE = "reconcile"
    DECIDE = "decide"
    THIN = "thin"
    RUN_JOBS = "run_jobs"
    WORK = "work"
    MANAGE_WORK = "manage_work"
    CORRECT = "correct"

    @property
    def words(self) -> str:
        """As in `may not ...`."""
        return RIGHT_WORDS[self]


RIGHT_WORDS = {
    Right.SEE: "see Meter Points",
    Right.EXPORT: "export rows",
    Right.SEE_ALL_JOBS: "see the jobs of others",
    Right.SEE_STORAGE: "see what is stored",
    Right.SEE_RECORD: "see the record of what people did",
    Right.READ_REJECTS: "read rejected lines",
    Right.LOAD: "load files",
    Right.SEE_COLUMNS: "see the headings of files",
    Right.RECONCILE: "start a run",
    Right.DECIDE: "decide about what is held or withdrawn",
    Right.THIN: "thin snapshots or bring them back",
    Right.RUN_JOBS: "run jobs",
    Right.WORK: "work on discrepancies",
    Right.MANAGE_WORK: "manage a party's work",
    Right.CORRECT: "send corrections",
}
NETWORK, SUPPLIER, OPERATOR = Party.Kind.NETWORK, Party.Kind.SUPPLIER, Party.Kind.OPERATOR
VIEWER, ANALYST, MANAGER = Role.VIEWER, Role.ANALYST, Role.MANAGER
LEAST_ROLE: dict[Right, dict[Party.Kind, Role]] = {
    Right.SEE: {NETWORK: VIEWER, SUPPLIER: VIEWER, OPERATOR: VIEWER},
    Right.EXPORT: {NETWORK: ANALYST, SUPPLIER: ANALYST, OPERATOR: ANALYST},
    Right.SEE_ALL_JOBS: {OPERATOR: VIEWER},
    Right.SEE_STORAGE: {OPERATOR: VIEWER},
    Right.SEE_RECORD: {OPERATOR: MANAGER},
    Right.READ_REJECTS: {OPERATOR: ANALYST},
    Right.LOAD: {OPERATOR: ANALYST},
    Right.SEE_COLUMNS: {OPERATOR: VIEWER},
    Right.RECONCILE: {OPERATOR: ANALYST},
    Right.DECIDE: {OPERATOR: MANAGER},
    Right.THIN: {OPERATOR: MANAGER},
    Right.RUN_JOBS: {},
    Right.WORK: {NETWORK: ANALYST, SUPPLIER: ANALYST, OPERATOR: ANALYST},
    Right.MANAGE_WORK: {NETWORK: MANAGER, SUPPLIER: MANAGER, OPERATOR: MANAGER},
    Right.CORRECT: {NETWORK: MANAGER, SUPPLIER: MANAGER, OPERATOR: MANAGER},
}
"""The least role at each kind of party that has a right there; a kind that is not named never has it."""
ROLES = [*Role]


class NotAllowed(Exception):
    """The actor has not the right, or what is asked for is not theirs: for them it does not exist."""


@dataclass(frozen=True)
class Desk:
    """Where somebody works on discrepancies: at one party, among its people, on the rows that it sees.

    Who works for several parties says at whose desk they are now; until then, it is the one of their highest role.
    """

    party: int
    name: str
    kind: str
    role: Role
    sight: Scope

    def may(self, right: Right) -> bool:
        """Whether the role at this party has the right."""
        return right in rights_of(Party.Kind(self.kind), self.role)


@dataclass(frozen=True)
class Actor:
    """Somebody who acts: `grants` says for each right that they have which rows it covers.

    `desk`: whose work they see and do, None for who works for no party; `desks`: all that they can be at. `address`: of
    the machine that they ask from, where that is known.
    """

    name: str
    person: User | None = None
    grants: Mapping[Right, Scope] = field(default_factory=dict)
    is_machine: bool = False
    address: str = ""
    desk: Desk | None = None
    desks: tuple[Desk, ...] = ()

    @property
    def rights(self) -> frozenset[Right]:
        """What they may do, for templates: `{% if "load" in request.actor.rights %}`."""
        return frozenset(self.grants)

    @property
    def scope(self) -> Scope:
        """What they may see."""
        return self.scope_of(Right.SEE)

    def may(self, right: Right) -> bool:
        """Whether they have the right."""
        return right in self.grants

    def scope_of(self, right: Right) -> Scope:
        """The rows that a right covers: a viewer of one party and analyst of another exports the other's alone."""
        return self.grants.get(right, Scope())

    def desk_with(self, right: Right) -> Desk:
        """Their desk, if their role there has a right. Raises NotAllowed."""
        if self.desk is None or not self.desk.may(right):
            raise NotAllowed(self._without(right))
        return self.desk

    def _without(self, right: Right) -> str:
        # The name stands for a log-in, which may be called like a kind of party.
        return (
            f"The log-in {self.name} may not {right.words}."
            if self.name
            else f"Nobody may {right.words} without a log-in."
        )

    def must(self, *rights: Right) -> None:
        """Raises NotAllowed unless they have every one of the rights."""
        for right in rights:
            if not self.may(right):
                raise NotAllowed(self._without(right))


ALL_RIGHTS: Mapping[Right, Scope] = MappingProxyType(dict.fromkeys(Right, EVERYTHING))
MACHINE = Actor(name="the machine", grants=ALL_RIGHTS, is_machine=True)
"""Commands, workers and their timer."""
NOBODY = Actor(name="")
"""Whoever is not logged in, or whose log-in is closed."""


def somebody_at(address: str) -> Actor:
    """Nobody yet, at an address."""
    return replace(NOBODY, address=address)


def actor_for(user: User | AnonymousUser, address: str = "", party: int | None = None) -> Actor:
    """A person with the rights of their memberships as they stand now. Superusers have every right.

    `party`: at whose desk they are, where they belong to it; else at the one that they chose last.
    """
    if not isinstance(user, User) or not user.is_active:
        return somebody_at(address)
    desks = _desks(user, party)
    at = Actor(user.get_username(), user, ALL_RIGHTS, address=address, desk=next(iter(desks), None), desks=desks)
    if user.is_superuser:
        return at
    grants: dict[Right, Scope] = {}
    for one in desks:
        for right in rights_of(Party.Kind(one.kind), one.role):
            grants[right] = grants.get(right, Scope()) | one.sight
    return replace(at, grants=grants)


def _desks(user: User, party: int | None) -> tuple[Desk, ...]:
    """All of a person's, the one that they are at first."""

    def place(one: Membership) -> tuple[bool, datetime, int]:
        return one.party_id == party, one.chosen_at or LONG_AGO, ROLES.index(Role(one.role))

    rows = Membership.objects.filter(user=user).select_related("party").order_by("party")
    return tuple(
        Desk(one.party_id, one.party.name, one.party.kind, Role(one.role), _sight(one.party_id, one.party.kind))
        for one in sorted(rows, key=place, reverse=True)
    )


LONG_AGO = datetime.min.replace(tzinfo=UTC)


def rights_of(kind: Party.Kind, role: Role) -> frozenset[Right]:
    """What a role at a kind of party may do."""
    level = ROLES.index(role)
    return frozenset(
        right for right, least in LEAST_ROLE.items() if kind in least and ROLES.index(least[kind]) <= level
    )


def _sight(party: int, kind: str) -> Scope:
    if kind == OPERATOR:
        return EVERYTHING
    return Scope(networks=frozenset({party})) if kind == NETWORK else Scope(suppliers=frozenset({party}))
