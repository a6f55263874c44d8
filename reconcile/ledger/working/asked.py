"""What somebody asks to be done, and with which rows.

In: what a form, a program or a job says. Out: Change, Selection. Raises WorkError.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from reconcile.domain.work import ACTS, RAISE_TO, Act, Verdict

MOST_CHOSEN = 1000
"""Rows that can be named one by one; more are chosen by a filter."""
LONGEST = {"words": 4000, "reference": 60, "reason": 100}
"""Characters."""


class WorkError(Exception):
    """It cannot be done like this, and nothing was; the text says why, in one sentence."""


@dataclass(frozen=True)
class Change:
    """What is to be done. `assignee`: a user name, empty for nobody. `due`: the day to look at it again.

    `to`: with whom it is raised, a key of RAISE_TO, or ACTS. `until_changed`: explained until flag or meters change.
    `undoes`: the number of the entry to take back.
    """

    act: Act
    words: str = ""
    assignee: str = ""
    due: date | None = None
    to: str = ACTS
    reference: str = ""
    reason: str = ""
    until_changed: bool = False
    verdict: Verdict | None = None
    undoes: int | None = None

    def checked(self) -> "Change":
        """Itself. Raises WorkError for what nobody can do."""
        for name, most in LONGEST.items():
            if len(getattr(self, name)) > most:
                raise WorkError(f"{name.capitalize()}: at most {most:,} characters.")
        needed = {
            Act.NOTE: (self.words.strip(), "Write the note."),
            Act.EXPLAIN: (self.reason, "Choose a reason."),
            Act.RAISE: (self.to in {ACTS, *RAISE_TO}, f"It can be raised with {', '.join(RAISE_TO)} or {ACTS}."),
            Act.ANSWER: (self.verdict, "Say whether it is agreed, disputed or done."),
            Act.UNDO: (self.undoes, "Say what is to be undone."),
        }
        given, problem = needed.get(self.act, (True, ""))
        if not given:
            raise WorkError(problem)
        if self.act == Act.EXPLAIN and not (self.due or self.until_changed):
            raise WorkError("Say until when it is explained: a date, or until flag or meters change.")
        return self

    def as_json(self) -> dict[str, Any]:
        """As a job keeps it."""
        return {**asdict(self), "due": self.due.isoformat() if self.due else None}

    @classmethod
    def kept(cls, facts: Mapping[str, Any]) -> "Change":
        """From what `as_json` gave."""
        due, verdict = facts["due"], facts["verdict"]
        given = {
            "act": Act(facts["act"]),
            "due": date.fromisoformat(due) if due else None,
            "verdict": Verdict(verdict) if verdict else None,
        }
        return cls(**{**facts, **given})


@dataclass(frozen=True)
class Selection:
    """Rows by their ids; or, with a `run`, all that a filter (a query string) finds then, which have to be `count`."""

    ids: tuple[int, ...] = ()
    query: str = ""
    run: int | None = None
    count: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether it is all that a filter finds."""
        return self.run is not None

    def checked(self) -> "Selection":
        """Itself. Raises WorkError for what chooses nothing, or too much to be named."""
        if self.is_whole and self.count is None:
            raise WorkError("Say how many rows the filter found.")
        if not self.is_whole and not self.ids:
            raise WorkError("Choose rows first.")
        if len(self.ids) > MOST_CHOSEN:
            raise WorkError(f"At most {MOST_CHOSEN:,} rows can be chosen one by one; choose all that match instead.")
        return self
