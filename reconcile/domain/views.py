"""Views of the queue: which columns there are to choose from, and the views that everybody has.

In: nothing. Out: tables of names. Called by ledger.views, which checks what people choose, and by the pages.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

GROUPS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "What a run found": {
            "rule": "Problem",
            "flag": "Flag",
            "wrong_since": "Wrong since",
            "severity": "Severity",
            "who_acts": "Who acts",
            "state": "Change",
            "network": "Network Party",
            "supplier": "Supplier",
            "fuel": "Fuel",
            "in_flight": "In flight",
            "undetermined": "Left open by the code",
            "point_status": "In registration",
            "contradicted": "Contradicted by an alert of",
            "correction": "Correction sent",
        },
        "Work": {
            "assignee": "Assignee",
            "work": "Work",
            "due": "Due",
            "raised_to": "Raised with",
            "raised_on": "Raised on",
            "reference": "Reference",
            "answer": "Answer",
            "reason": "Reason",
            "note": "Last note",
            "why": "Why it moved by itself",
        },
        "Device": {
            "statuses": "Meter statuses",
            "meters": "Meters",
            "manufacturer": "Manufacturer",
            "model": "Model",
            "firmware": "Firmware",
            "generation": "SMETS1 or SMETS2",
            "smets": "SMETS version",
            "csp_region": "CSP region",
            "commissioned": "Commissioned",
            "postcode_area": "Postcode area",
        },
        "Dates": {
            "flag_from": "Flag from",
            "latest_status_from": "Status from",
            "first_seen": "First seen",
            "last_seen": "Last seen",
            "age_days": "Days seen",
        },
    }
)
"""Every column that can be chosen, by what it is about: name -> title, in the order of the list."""
COLUMNS: Mapping[str, str] = MappingProxyType(
    {name: title for columns in GROUPS.values() for name, title in columns.items()}
)
USUAL_COLUMNS = ("rule", "flag", "wrong_since", "who_acts", "assignee", "work", "state")
"""Those of somebody who has chosen none."""


def in_order(names: set[str]) -> tuple[str, ...]:
    """Columns in the order in which the list has them: as usual, then the others."""
    return tuple(name for name in dict.fromkeys((*USUAL_COLUMNS, *COLUMNS)) if name in names)


@dataclass(frozen=True)
class ReadyMade:
    """A view that everybody has. `filters` are those of the queue, `sort` an order of it, empty for the usual one."""

    name: str
    filters: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""


READY_MADE: Mapping[str, ReadyMade] = MappingProxyType(
    {
        # What stands in the address -> the view
        "mine": ReadyMade("Mine", {"work": "to_do", "assigned": "me"}),
        "new-this-week": ReadyMade("New this week", {"new_within": "7"}),
        "oldest": ReadyMade("Oldest", {}, "wrong_since"),
        "unanswered": ReadyMade(
            "Raised, no answer for 10 days", {"work": "raised", "answer": "none", "raised_before": "today-10"}
        ),
        "explained-due": ReadyMade("Explained and due", {"came_back": "due"}),
        "explained-soon": ReadyMade("Explained, due within a week", {"work": "explained", "due": "today+7"}),
    }
)
"""What is explained until a day that has come is to do again by itself, and says so: that is what is explained and due.
"""
