"""Forms about headings: what each means, a columns file, a name.

In: a held file and POST data. Out: a ColumnMap. Called by the views of headings.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.forms import BoundField
from django.http import QueryDict
from django.utils import timezone

from reconcile.domain.days import today
from reconcile.feeds import TABLES, WORDS, BadColumns, ColumnMap, of_toml, told_headings
from reconcile.ledger.queries import Asked

from .handed_in import PlainForm

MEANINGS = {
    "mpxn": "Meter Point (MPAN or MPRN)",
    "flag": "DCC Service Flag",
    "flag_from": "Flag's effective from date",
    "supplier": "Supplier (MPID)",
    "ldz": "LDZ (gas)",
    "network": "Network Party (gas)",
    "trading_status": "Trading status",
    "rmp_state": "RMP state",
    "energisation_status": "Energisation status",
    "DeviceID": "Device identifier",
    "DeviceType": "Device type",
    "DeviceStatus": "Device status",
    "StatusDate": "Date of the status",
    "DateCommissioned": "Date of commissioning",
    "ImportMPxN": "Import MPAN, or MPRN",
    "SecondaryImportMPAN": "Secondary import MPAN",
    "ExportMPAN": "Export MPAN",
    "SMETSCHTSVersion": "SMETS or CHTS version",
    "DeviceManufacturer": "Manufacturer",
    "DeviceModel": "Model",
    "DeviceFirmwareVersion": "Firmware version",
    "CSPRegion": "CSP region",
    "postcode": "Postcode",
    "PostCode": "Postcode",
}
KIND_NAMES = {"registration": "Registration extract", "smi": "Inventory (SMI) device export"}
LEFT_OUT, NO_FLAG = "", "none"
MOST_OFFERED = 300
"""Columns that are offered for a meaning, beside those that are guessed."""
LONGEST_OPTION = 60
MOST_READ = 3 * 1024 * 1024
"""Bytes of a columns file that are looked at: more than it may have."""


@dataclass(frozen=True)
class Word:
    """A word without a meaning of its own that a person is asked about. `lines`: of the first ones, that hold it."""

    meaning: str
    word: str
    lines: int
    chosen: str

    @property
    def label(self) -> str:
        """What is asked."""
        return f"“{self.word}” as {MEANINGS[self.meaning].lower()}"

    @property
    def choices(self) -> list[tuple[str, str]]:
        """What it can mean."""
        known = [(word or NO_FLAG, word or "no flag") for word in WORDS[self.meaning]]
        return [(LEFT_OUT, "not explained: its lines are left out"), *known]


def words_of(said: ColumnMap, unknown: Mapping[str, Iterable[tuple[str, int]]]) -> list[Word]:
    """The words to ask about: those that somebody explained, and those that nobody did."""
    explained = [
        Word(meaning, word, 0, known or NO_FLAG)
        for meaning, words in said.words.items()
        for word, known in words.items()
    ]
    return explained + [
        Word(meaning, word, lines, LEFT_OUT) for meaning, words in unknown.items() for word, lines in words
    ]


def posted_words(data: QueryDict) -> dict[str, dict[str, str]]:
    """What was said of words: each is named three times, by what it is for, what it is, and what it means."""
    found: dict[str, dict[str, str]] = {}
    for meaning, word, chosen in zip(*map(data.getlist, ("word-for", "word-is", "word-means")), strict=False):
        if chosen != LEFT_OUT:
            found.setdefault(meaning, {})[word] = "" if chosen == NO_FLAG else chosen
    return found


class HeadingsForm(PlainForm):
    """What the headings of a held file mean: a column for each meaning, a name to keep that under, the file's day."""

    name = forms.CharField(label="Keep these headings as", max_length=80)
    as_of = forms.DateField(
        label="The file shows the state of",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, asked: Asked, said: ColumnMap, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"name": said.name, "as_of": asked.as_of, **_initial(asked, said)})
        self.asked, self.kind = asked, said.kind
        choices, feed = _choices(asked, said), TABLES[said.kind]
        for meaning in feed.aliases:
            self.fields[f"column-{meaning}"] = forms.ChoiceField(
                label=MEANINGS.get(meaning, meaning),
                choices=choices,
                required=False,
                help_text=_why(asked, said, meaning, is_needed=meaning in feed.needed),
            )

    @property
    def columns(self) -> Iterator[BoundField]:
        """The fields of meanings."""
        return (self[name] for name in self.fields if name.startswith("column-"))

    def clean_as_of(self) -> date | None:
        """No day to come."""
        as_of: date | None = self.cleaned_data["as_of"]
        if as_of and as_of > today(timezone.now()):
            raise forms.ValidationError("A file cannot show a day to come.")
        return as_of

    def said(self, words: Mapping[str, Mapping[str, str]]) -> ColumnMap:
        """What was chosen."""
        headings = [one["heading"] for one in self.asked.headings]
        columns = {}
        for meaning in TABLES[self.kind].aliases:
            place = self.cleaned_data.get(f"column-{meaning}", "")
            columns[meaning] = headings[int(place)] if place else ""
        return ColumnMap(self.kind, columns, words, told_headings(headings), self.cleaned_data.get("name", ""))


def _initial(asked: Asked, said: ColumnMap) -> dict[str, str]:
    places = {one["heading"]: str(one["place"]) for one in reversed(asked.headings)}
    return {f"column-{meaning}": places.get(heading, "") for meaning, heading in said.columns.items() if heading}


def _choices(asked: Asked, said: ColumnMap) -> list[tuple[str, str]]:
    """The columns that can be named, each with a value; an empty heading, or one that stands twice, cannot."""
    names = [one["heading"] for one in asked.headings]
    guessed = {heading for heading in said.columns.values() if heading}
    offered = [one for one in asked.headings if one["heading"] and names.count(one["heading"]) == 1]
    offered = [one for at, one in enumerate(offered) if at < MOST_OFFERED or one["heading"] in guessed]
    return [("", "no column"), *((str(one["place"]), _option(one)) for one in offered)]


def _option(one: Mapping[str, Any]) -> str:
    value = f" ({one['values'][0]})" if one["values"] else ""
    option = f"{one['heading']}{value}"
    return option if len(option) <= LONGEST_OPTION else option[:LONGEST_OPTION] + "..."


def _why(asked: Asked, said: ColumnMap, meaning: str, *, is_needed: bool) -> str:
    if meaning in asked.why:
        return f"A guess, by {asked.why[meaning]}."
    if said.columns.get(meaning):
        return "A heading that we know."
    return "Needed." if is_needed else ""


class ColumnsFileForm(PlainForm):
    """A columns file."""

    file = forms.FileField(label="A columns file (TOML)", max_length=255)

    def clean_file(self) -> ColumnMap:
        """What it says."""
        try:
            return of_toml(self.cleaned_data["file"].read(MOST_READ))
        except BadColumns as problem:
            raise forms.ValidationError(str(problem)) from problem


class NameForm(PlainForm):
    """Another name."""

    name = forms.CharField(label="Another name", max_length=80)
