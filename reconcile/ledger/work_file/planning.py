"""What a file of assignments would change: each of its lines held to how its row stands at a desk.

In: a desk, the lines of a file. Out: Plan. Nothing is written. Called by ledger.work_file, for a look first, and again
within the transaction that does it.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from reconcile.domain.assignments import NOBODY, Fault
from reconcile.domain.rules import RULES_OF_ACTOR, discrepancy_id
from reconcile.domain.work import ACTS, CLOSED, EXPLAINED, RAISE_TO, RAISED, STATE_WORDS, TO_DO, WorkState
from reconcile.feeds.files.headings import simplified
from reconcile.models import Discrepancy, Party, WorkItem

from ..actors import Desk
from ..work_filter import colleagues
from ..working.asked import LONGEST
from .reading import BadLine, Line, Read, Refused

AT_ONCE = 10_000
"""Rows that are asked for in one query."""
STATES = {simplified(word): state for state in WorkState for word in (state.value, STATE_WORDS[state])}
ACTOR_OF = {rule: who for who, rules in RULES_OF_ACTOR.items() for rule in rules}
BY_RULE = {"", ACTS, "whoever acts"}


@dataclass(frozen=True)
class With:
    """Whom a row is raised with (a key of RAISE_TO, and the party that it is there), under which reference."""

    who: str
    target: int | None
    reference: str
    words: str


@dataclass(frozen=True)
class Wish:
    """What is to become of one row; what is None stays. `assignee`: 0 for nobody."""

    row: int
    assignee: int | None = None
    state: WorkState | None = None
    raised: With | None = None
    reason: str = ""
    note: str | None = None

    @property
    def done(self) -> list[str]:
        """What is done with it, in the words of the page."""
        state = {TO_DO: "to do again", RAISED: "raised", EXPLAINED: "explained"}
        return [
            *(["assigned" if self.assignee else "given back"] if self.assignee is not None else []),
            *([state[self.state]] if self.state else []),
            *(["noted"] if self.note is not None else []),
        ]


@dataclass
class Plan:
    """Every line of a file: to be done, standing so already, or refused."""

    wishes: list[Wish] = field(default_factory=list)
    unchanged: int = 0
    refused: list[Refused] = field(default_factory=list)

    @property
    def lines(self) -> int:
        """All lines of the file but its headings and blank ones."""
        return len(self.wishes) + self.unchanged + len(self.refused)

    @property
    def done(self) -> dict[str, int]:
        """How many rows get what done, by its name."""
        return dict(sorted(Counter(one for wish in self.wishes for one in wish.done).items()))

    def as_json(self) -> dict[str, Any]:
        """Counts, and the numbers of the lines that are refused, by reason."""
        return {
            "lines": self.lines,
            "changes": len(self.wishes),
            "unchanged": self.unchanged,
            "done": self.done,
            "refused": {str(fault): numbers for fault, numbers in self.faults},
        }

    @property
    def faults(self) -> list[tuple[Fault, list[int]]]:
        """The lines that are refused, by reason, the most frequent first."""
        found: dict[Fault, list[int]] = {}
        for one in self.refused:
            found.setdefault(one.fault, []).append(one.number)
        return sorted(found.items(), key=lambda pair: -len(pair[1]))


@dataclass(frozen=True)
class Standing:
    """A row as it stands at the desk."""

    row: Discrepancy
    item: WorkItem | None

    @property
    def state(self) -> WorkState:
        """Its work state."""
        if self.row.resolved_on:
            return CLOSED
        return WorkState(self.item.state) if self.item else TO_DO


@dataclass(frozen=True)
class Office:
    """What is the same for every line: people by name, reasons, and the party of the market operator."""

    desk: Desk
    people: dict[str, int]
    reasons: list[str]
    operator: int | None
    names: dict[int, set[str]]

    def target(self, row: Discrepancy, who: str) -> int | None:
        """The party that a row is raised with."""
        return {"supplier": row.supplier_id, "network": row.network_id, "registration": row.network_id}.get(
            who, self.operator
        )


def plan(desk: Desk, found: Read, reasons: list[str]) -> Plan:
    """What a file would change now."""
    made = Plan(refused=list(found.refused))
    office = _office(desk, reasons)
    for lines in _some(found.lines):
        for line, standing in _standing(desk, lines):
            try:
                wish = _wish(office, line, standing)
            except BadLine as problem:
                made.refused.append(Refused(line.number, problem.fault, f"{line.mpxn},{line.rule}"))
                continue
            if wish.done:
                made.wishes.append(wish)
            else:
                made.unchanged += 1
    made.refused.sort(key=lambda one: one.number)
    return made


def _office(desk: Desk, reasons: list[str]) -> Office:
    parties = list(Party.objects.order_by("pk"))
    names = {one.pk: {text.casefold() for text in (one.name, one.code, one.label, one.mpid) if text} for one in parties}
    operator = next((one.pk for one in parties if one.kind == Party.Kind.OPERATOR), None)
    people = {name.casefold(): number for number, name in colleagues(desk)}
    return Office(desk, people, sorted(reasons, key=len, reverse=True), operator, names)


def _some(lines: list[Line]) -> Iterator[list[Line]]:
    return (lines[first : first + AT_ONCE] for first in range(0, len(lines), AT_ONCE))


def _standing(desk: Desk, lines: list[Line]) -> Iterator[tuple[Line, Standing | None]]:
    ids = {discrepancy_id(line.mpxn, line.rule): line for line in lines}
    rows = desk.sight.narrow(Discrepancy.objects.filter(pk__in=ids)).only("resolved_on", "network", "supplier", "rule")
    mine = WorkItem.objects.filter(party=desk.party, discrepancy__in=ids)
    items = {item.discrepancy_id: item for item in mine.select_related("assignee", "raised__target", "noted")}
    found = {row.pk: row for row in rows}
    for number, line in ids.items():
        yield line, Standing(found[number], items.get(number)) if number in found else None


def _wish(office: Office, line: Line, standing: Standing | None) -> Wish:
    """What a line asks for beyond how its row stands. Raises BadLine."""
    if standing is None:
        raise BadLine(Fault.NOT_YOURS)
    _check_length(line)
    wish = Wish(standing.row.pk, assignee=_assignee(office, line, standing), note=_note(line, standing))
    state = _state(line, standing)
    if state == RAISED:
        raised = _raised(office, line, standing)
        return replace(wish, state=RAISED, raised=raised) if raised else wish
    if state is None and standing.state != RAISED and {"reference", "raised_to"} & line.said.keys():
        raise BadLine(Fault.REFERENCE_ALONE)
    if state in {None, standing.state}:
        return wish
    if state == EXPLAINED:
        return replace(wish, state=EXPLAINED, reason=_reason(office, line))
    return replace(wish, state=state)


def _check_length(line: Line) -> None:
    if len(line.said.get("reference", "")) > LONGEST["reference"]:
        raise BadLine(Fault.LONG_REFERENCE)
    if len(line.said.get("note", "")) > LONGEST["words"]:
        raise BadLine(Fault.LONG_NOTE)


def _assignee(office: Office, line: Line, standing: Standing) -> int | None:
    name = line.said.get("assignee", "")
    now = standing.item.assignee if standing.item else None
    if not name or (now and name.casefold() == now.get_username().casefold()):
        return None
    number = office.people.get(name.casefold(), 0 if name.casefold() == NOBODY else None)
    if number is None:
        raise BadLine(Fault.NO_COLLEAGUE)
    return None if not number and now is None else number


def _note(line: Line, standing: Standing) -> str | None:
    note = line.said.get("note", "")
    now = standing.item.note if standing.item else ""
    return None if not note or _on_one_line(note) == _on_one_line(now) else note


def _on_one_line(text: str) -> str:
    return text.replace("\r", "").replace("\n", " ").strip()


def _state(line: Line, standing: Standing) -> WorkState | None:
    """The state that a line asks for; what is raised may be asked for anew, with another party or reference."""
    word = line.said.get("work_state", "")
    if not word:
        return RAISED if standing.state == RAISED else None
    state = STATES.get(simplified(word))
    if state is None:
        raise BadLine(Fault.UNKNOWN_STATE)
    if standing.state == CLOSED:
        if state != CLOSED:
            raise BadLine(Fault.RESOLVED)
        return None
    if state == CLOSED:
        raise BadLine(Fault.RUN_CLOSES)
    return state


def _raised(office: Office, line: Line, standing: Standing) -> With | None:
    """Whom it is to be raised with; None where it is so already."""
    said, reference = line.said.get("raised_to", "").casefold(), line.said.get("reference", "")
    now = standing.item.raised if standing.state == RAISED and standing.item else None
    if now is None:
        who = _who(office, said, standing.row)
    else:
        same = said in {"", str(now.target or RAISE_TO[now.who]).casefold()}
        if same and reference in {"", now.reference}:
            return None
        who = now.who if same else _who(office, said, standing.row)
        reference = reference or now.reference
    target = office.target(standing.row, who)
    if target == office.desk.party:
        raise BadLine(Fault.OWN)
    return With(who, target, reference, line.said.get("note", now.words if now else ""))


def _who(office: Office, said: str, row: Discrepancy) -> str:
    """The key of RAISE_TO that a text means for a row; whoever acts comes first."""
    acts = ACTOR_OF[row.rule]
    if said in BY_RULE:
        return acts
    for who in dict.fromkeys((acts, *RAISE_TO)):
        target = office.target(row, who)
        if said in {who, RAISE_TO[who].casefold()} or (target and said in office.names[target]):
            return who
    raise BadLine(Fault.NO_PARTY)


def _reason(office: Office, line: Line) -> str:
    note = line.said.get("note", "")
    for reason in office.reasons:
        if note.casefold().startswith(reason.casefold()) and not note[len(reason) : len(reason) + 1].isalnum():
            return reason
    raise BadLine(Fault.NO_REASON)
