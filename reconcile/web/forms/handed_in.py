"""Forms for what people hand in: a file, a search, a combination to judge.

In: POST or GET data. Out: cleaned values. Called by the views.
"""

from datetime import date
from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.utils import timezone

from reconcile.domain.days import today
from reconcile.domain.vocabulary import FLAG_NAMES, Flag, Status
from reconcile.ledger import queries
from reconcile.models import AuditEntry

KINDS = (
    ("", "Find out from the file"),
    ("registration", "Registration extract (CSV)"),
    ("registration_json", "Registration extract (JSON)"),
    ("d0350", "D0350 flag notifications (DTC user file)"),
    ("d0204", "D0204 refresh of MPAS details (DTC user file)"),
    ("d0213", "D0213 changed Metering Point details (DTC user file)"),
    ("d0217", "D0217 confirmation of registration (DTC user file)"),
    ("d0089", "D0089 notification of changed details (DTC user file)"),
    ("d0351", "D0351 rejected flag updates (DTC user file)"),
    ("d0172", "D0172 confirmation of changes (DTC user file)"),
    ("d0312", "D0312 meter information (DTC user file)"),
    ("dxi", "DXI gas DCC Status File"),
    ("e46", "E46 gas responses"),
    ("smi", "Inventory (SMI) device export (CSV)"),
    ("duis", "DUIS Read Inventory responses (XML)"),
    ("inventory_json", "Inventory as JSON"),
    ("premises", "Inventory, one row a premises (CSV)"),
    ("alerts", "Alerts (CSV, or DUIS XML)"),
    ("dsp_status", "DCC Service Status as the DSP holds it (CSV)"),
    ("coverage", "WAN coverage (CSV, or DUIS 12.1 XML)"),
    ("reads", "Read responses (CSV)"),
    ("firmware_updates", "Planned firmware updates (CSV)"),
)
MOST_FILES = 50
"""So many are taken at once."""
COVERAGES = (("", "As usual for its format"), ("full", "Full: replaces"), ("delta", "Delta: updates"))


class _Files(forms.ClearableFileInput):
    """Takes several files. Tells the browser how large one may be, so that it need not send a larger one."""

    allow_multiple_selected = True

    def build_attrs(self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None) -> dict[str, Any]:
        """With the limit of the settings, and what is said where it is passed."""
        limit = {"data-most-bytes": settings.MAX_UPLOAD_BYTES, "data-too-large": _too_large()}
        return {**super().build_attrs(base_attrs, extra_attrs), **limit}


def _too_large() -> str:
    return f"The file is larger than {settings.MAX_UPLOAD_BYTES / 1000**3:,.1f} GB, more than is taken."


class _FilesField(forms.FileField):
    """One file or more. One that is empty is told of here if it is alone, and else by its own load."""

    widget = _Files

    def clean(self, data: Any, initial: Any = None) -> list[TemporaryUploadedFile]:
        """The files, none of them larger than MAX_UPLOAD_BYTES."""
        files = list(data or [])
        if len(files) < 2:
            files = [super().clean(files[0] if files else None, initial)]
        if len(files) > MOST_FILES:
            raise forms.ValidationError(f"These are {len(files)} files; {MOST_FILES} are taken at once.")
        if any((file.size or 0) > settings.MAX_UPLOAD_BYTES for file in files):
            raise forms.ValidationError(_too_large())
        return files


class PlainForm(forms.Form):
    """A form whose labels end in no colon, like those that templates write."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})


class UploadForm(PlainForm):
    """Files and, where they do not say so themselves, what they are."""

    file = _FilesField(
        label="Files",
        help_text=f"One, or up to {MOST_FILES} at once, chosen or dropped here: of any format below, gzipped or not.",
    )
    kind = forms.ChoiceField(label="Format", choices=KINDS, required=False)
    as_of = forms.DateField(
        label="Shows the state of",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Leave empty if the file's header or name has the date. What is said here is said of every file.",
    )
    coverage = forms.ChoiceField(label="Coverage", choices=COVERAGES, required=False)

    def clean_as_of(self) -> date | None:
        """No day to come."""
        as_of: date | None = self.cleaned_data["as_of"]
        if as_of and as_of > today(timezone.now()):
            raise forms.ValidationError("A file cannot show a day to come.")
        return as_of


class RecordForm(PlainForm):
    """Which entries of the record are shown."""

    what = forms.ChoiceField(choices=[("", "Anything"), *AuditEntry.What.choices], required=False)
    name = forms.CharField(label="Who", required=False, max_length=150)
    since = forms.DateField(label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="To", required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def in_words(self) -> str:
        """What was asked for; empty for all of it."""
        return "; ".join(f"{self[name].label}: {value}" for name, value in self.cleaned_data.items() if value)

    def without_work(self) -> "RecordForm":
        """The same, for whom there is no work in the record."""
        what = cast("forms.ChoiceField", self.fields["what"])
        what.choices = [("", "Anything"), *(one for one in AuditEntry.What.choices if one[0] not in queries.OF_WORK)]
        return self


class WorkRecordForm(RecordForm):
    """Which entries of a party's work are shown."""

    what = forms.ChoiceField(
        choices=[("", "Anything"), *((what.value, what.label) for what in queries.OF_WORK)], required=False
    )


class ReplayForm(forms.Form):
    """The days to judge anew, and by what; whether they can be is the operation's to say."""

    first = forms.DateField(label="From", widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label="To", widget=forms.DateInput(attrs={"type": "date"}))
    policy = forms.CharField(max_length=100)


class ApprovalForm(forms.Form):
    """A person's word on held work: of the attempt whose figures the page showed, and why."""

    attempt = forms.IntegerField(required=False)
    reason = forms.CharField(
        label="Why", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2, "maxlength": 500})
    )


class ReasonForm(PlainForm):
    """Why."""

    reason = forms.CharField(label="Why", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


FLAG_CHOICES = [(flag or "", f"{flag} - {name}" if flag else "No flag") for flag, name in FLAG_NAMES.items()]


class TryForm(forms.Form):
    """A combination to judge."""

    flag = forms.ChoiceField(label="DCC Service Flag", choices=FLAG_CHOICES, required=False)
    statuses = forms.MultipleChoiceField(
        label="Statuses of the smart meters",
        choices=[(status.value, status.value) for status in Status],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    ever = forms.BooleanField(label="An earlier extract showed an installed or commissioned meter here", required=False)

    def combination(self) -> tuple[Flag | None, frozenset[Status], bool]:
        """What `judge` asks for."""
        flag = self.cleaned_data["flag"]
        chosen = frozenset(Status(status) for status in self.cleaned_data["statuses"])
        return Flag(flag) if flag else None, chosen, self.cleaned_data["ever"]
