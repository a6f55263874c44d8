"""The responses of a document, which are inventories, errors, or answers to something else.

In: what a parser meets, in order. Out: the date of the inventories, and what there is to say. Called by the formats of
XML and JSON inventories.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

MOST_CODES, OTHER_CODES = 100, "others"
ERROR = "E"
"""What a DUIS response code begins with where the request failed, such as E080201; I0 and I99 are successes."""


@dataclass
class Responses:
    """The response that is being read (`told_at`, `code`), and what those before it were.

    `newest` is the time of the newest inventory: errors and other answers say nothing of the day that is shown.
    """

    told_at: datetime | None = None
    code: str = ""
    inventories: int = 0
    others: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    newest: datetime | None = None
    is_inventory: bool = False

    @property
    def is_error(self) -> bool:
        """Whether the response says that it failed."""
        return self.code.upper().startswith(ERROR)

    @property
    def refusal(self) -> str:
        """Why no device of this response can be loaded; empty where it can."""
        return (
            f"The response is an error ({self.code[:20]}), and tells nothing of its devices." if self.is_error else ""
        )

    @property
    def as_of(self) -> date | None:
        """The day that the inventories show."""
        return self.newest.date() if self.newest else None

    def end_inventory(self) -> None:
        """The response holds an inventory."""
        self.is_inventory = True
        if not self.is_error:
            self.inventories += 1
            self.newest = max(filter(None, (self.newest, self.told_at)), default=None)

    def end(self) -> None:
        """The response is over."""
        if self.is_error:
            code = self.code[:20]
            self.errors[code if code in self.errors or len(self.errors) < MOST_CODES else OTHER_CODES] += 1
        elif not self.is_inventory and (self.code or self.told_at):
            self.others += 1
        self.told_at, self.code, self.is_inventory = None, "", False

    def warnings(self) -> Iterator[str]:
        """What else than inventories there was, in words."""
        if self.errors:
            yield f"{self._counted_errors()}, which tell nothing of any device."
        if self.others:
            yield f"{self.others:,} responses answer something else than Read Inventory and are passed over."

    def why_no_device(self, what: str) -> str:
        """Why a document without devices cannot be loaded. `what` it should have held at least."""
        if self.errors and not self.inventories:
            return f"The file holds no inventory: {self._counted_errors()}. Ask for the inventory again."
        found = self.inventories or self.others
        missing = "inventory response with a device in it" if found else what
        return f"The file holds no {missing}. Load the answers to Read Inventory (SRV 8.2)."

    def _counted_errors(self) -> str:
        listed = ", ".join(f"{code} ({count:,})" for code, count in self.errors.most_common(5))
        return f"{self.errors.total():,} responses are errors, {listed}"
