"""Forms of the queue of alerts: what of it is asked for, and what is to be done with lines.

In: GET and POST data. Out: AlertsAsked, LineChange. Called by the views of alerts and by the API.
"""

from django import forms
from django.http import QueryDict

from reconcile.domain.alert_work import OUTCOMES, LineAct
from reconcile.domain.triage import CLASS_NAMES, GENERATIONS
from reconcile.domain.vocabulary import parse_mpxn
from reconcile.ledger.alerting import LineChange
from reconcile.ledger.queries import ALERT_KINDS, AlertsAsked

STATES = {"open": "Open or taken", "closed": "Closed", "all": "All"}
MEANING = "meaning-"
"""How the fields of meanings begin; the code follows."""


class AlertFilterForm(forms.Form):
    """What of the queue is asked for."""

    state = forms.ChoiceField(label="State", choices=[("", STATES["open"]), *STATES.items()], required=False)
    triaged = forms.ChoiceField(label="Class", choices=[("", "Any"), *CLASS_NAMES.items()], required=False)
    kind = forms.ChoiceField(label="Storms", choices=[("", "Any line"), *ALERT_KINDS.items()], required=False)
    generation = forms.ChoiceField(label="SMETS", choices=[("", "Any"), *GENERATIONS.items()], required=False)
    network = forms.CharField(label="Network Party", required=False, max_length=40)
    mpxn = forms.CharField(label="Meter Point", required=False, max_length=20)
    mine = forms.ChoiceField(label="Whose", choices=[("", "Anybody's"), ("yes", "Mine")], required=False)

    def clean_mpxn(self) -> int | None:
        """The number, if one is given."""
        text = self.cleaned_data["mpxn"]
        try:
            return parse_mpxn(text) if text else None
        except ValueError as problem:
            raise forms.ValidationError(str(problem)) from problem


def asked_of(form: AlertFilterForm) -> AlertsAsked:
    """What a form asks for; of one that cannot be read, what of it can."""
    form.full_clean()
    given = form.cleaned_data
    return AlertsAsked(
        state=given.get("state") or "open",
        triaged=given.get("triaged", ""),
        kind=given.get("kind", ""),
        network=given.get("network", ""),
        mpxn=given.get("mpxn"),
        mine=given.get("mine") == "yes",
        generation=given.get("generation", ""),
    )


class LineForm(forms.Form):
    """All acts. `act` says which of them is meant, and only its fields count."""

    act = forms.ChoiceField(choices=[(act.value, act.value) for act in LineAct])
    to = forms.CharField(label="Colleague", required=False, max_length=150)
    outcome = forms.ChoiceField(label="Outcome", choices=[("", ""), *((one, one) for one in OUTCOMES)], required=False)
    words = forms.CharField(label="Note", required=False, max_length=2_000)

    def change(self) -> LineChange:
        """What is to be done; the form is valid."""
        given = self.cleaned_data
        act = LineAct(given["act"])
        return LineChange(
            act,
            to=given["to"] if act == LineAct.HAND_OVER else "",
            outcome=given["outcome"] if act == LineAct.CLOSE else "",
            words=given["words"],
        )


def meanings_of(posted: QueryDict) -> dict[str, str]:
    """Code -> words, of what a page sent."""
    return {name.removeprefix(MEANING): str(posted[name]) for name in posted if name.startswith(MEANING)}
