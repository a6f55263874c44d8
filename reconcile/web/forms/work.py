"""Forms of work: what is to be done with which rows.

In: POST data. Out: Change, Selection. Called by the views of work. Each act has fields of its own, so that one form
holds them all beside the rows, and works without a script.
"""

from typing import Any

from django import forms
from django.http import QueryDict

from reconcile.domain.work import ACTS, RAISE_TO, Act, Verdict
from reconcile.ledger.cohorts import Frozen
from reconcile.ledger.working import Change, Selection, WorkError

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
FIELDS = {
    Act.ASSIGN: {"assignee": "assignee", "due": "assign_due"},
    Act.RAISE: {"to": "to", "reference": "reference", "due": "raise_due", "words": "raise_words"},
    Act.EXPLAIN: {
        "reason": "reason", "due": "explain_due", "until_changed": "until_changed", "words": "explain_words",
    },
    Act.NOTE: {"words": "note_words"},
    Act.TAKE_UP: {},
    Act.ANSWER: {"verdict": "verdict", "words": "answer_words"},
    Act.UNDO: {"undoes": "undoes"},
}  # fmt: skip
"""Act -> field of Change -> name in the form."""


def _words(label: str) -> forms.CharField:
    return forms.CharField(label=label, required=False, widget=forms.Textarea(attrs={"rows": 2, "maxlength": 4000}))


def _day(label: str) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=DAY)


class WorkForm(forms.Form):
    """All acts. `act` says which of them is meant, and only its fields count."""

    act = forms.ChoiceField(choices=[(act.value, act.value) for act in Act])
    request = forms.CharField(required=False, max_length=64)
    assignee = forms.CharField(label="Colleague", required=False, max_length=150)
    assign_due = _day("Due")
    to = forms.ChoiceField(
        label="With", choices=[(ACTS, "Whoever acts"), *RAISE_TO.items()], required=False, initial=ACTS
    )
    reference = forms.CharField(label="Reference", required=False, max_length=60)
    raise_due = _day("Chase on")
    raise_words = _words("What they are told")
    reason = forms.CharField(label="Reason", required=False, max_length=100)
    explain_due = _day("Until")
    until_changed = forms.BooleanField(label="Until flag or meters change", required=False)
    explain_words = _words("Note")
    note_words = _words("Note")
    verdict = forms.ChoiceField(choices=[(one.value, one.value) for one in Verdict], required=False)
    answer_words = _words("What they are told")
    undoes = forms.IntegerField(required=False, min_value=1)

    def __init__(self, data: QueryDict | None = None, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial, label_suffix="")

    def change(self) -> Change:
        """What is to be done. Raises WorkError, with the first thing that is wrong."""
        if not self.is_valid():
            name, problems = next(iter(self.errors.items()))
            raise WorkError(f"{self.fields[name].label or name}: {problems[0]}")
        act = Act(self.cleaned_data["act"])
        given = {field: self.cleaned_data[name] for field, name in FIELDS[act].items()}
        if act == Act.ANSWER:
            given["verdict"] = Verdict(given["verdict"]) if given["verdict"] else None
        if act == Act.RAISE:
            given["to"] = given["to"] or ACTS
        return Change(act, **given)

    @property
    def key(self) -> str:
        """What the browser called the request."""
        return str(self.data.get("request", ""))


def selection(asked: QueryDict) -> Selection:
    """The rows that a form means. Raises WorkError."""
    if asked.get("whole"):
        return Selection(
            query=asked.get("query", ""), run=number_of(asked.get("run")), count=number_of(asked.get("count"))
        )
    return Selection(tuple(dict.fromkeys(ids_of(asked))))


def frozen(asked: QueryDict) -> Frozen:
    """The rows that are to be frozen: the first of the list, where it is said how many. Raises WorkError."""
    if not asked.get("first"):
        return Frozen(selection(asked))
    listed = asked.copy()
    listed["whole"] = "yes"
    return Frozen(selection(listed), number_of(asked.get("first")), asked.get("sort", ""))


def ids_of(asked: QueryDict) -> list[int]:
    """The rows that are ticked. Raises WorkError."""
    return [number_of(one) for one in asked.getlist("id")]


def number_of(text: str | None) -> int:
    """A number that the page sent. Raises WorkError."""
    if text and text.isascii() and text.isdigit() and len(text) < 19:
        return int(text)
    raise WorkError("The page sent something that is no number. Nothing was changed: load it again.")
