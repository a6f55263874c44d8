"""What an address of the API may carry: read, and described for the schema from the same statement.

In: a request. Out: values. One that cannot be read, or that nobody knows, is a 400 with its name.
"""

from collections.abc import Collection
from datetime import date
from typing import Any

from django import forms
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.settings import api_settings

from reconcile.ledger.filters import MONTH, DiscrepancyFilter, given, short

LARGEST = 2**63 - 1
ID = OpenApiParameter("id", OpenApiTypes.INT64, OpenApiParameter.PATH)
FORMAT = api_settings.URL_FORMAT_OVERRIDE or ""
"""Django REST framework's own: which renderer answers. There is one."""


class PagesSerializer(serializers.Serializer[Any]):
    """Which page of a list, and how long it is."""

    per_page = serializers.IntegerField(
        required=False, default=100, min_value=1, max_value=1000, help_text="Rows of a page."
    )


class PagesOfRunSerializer(PagesSerializer):
    """Pages of a list as one run left it."""

    after = serializers.IntegerField(
        required=False, min_value=0, max_value=LARGEST, help_text="The id with which the page before ended."
    )
    run = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=LARGEST,
        help_text="The run whose list this is. Once another run is published, a page of it answers 409.",
    )


@extend_schema_field({"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\.[0-9]{1,19}$"})
class PlaceField(serializers.Field[tuple[date, int], str, str, Any]):
    """A place in a list by date and id: `2026-11-15.17`."""

    default_error_messages = {"invalid": "A date and an id, as in 2026-11-15.17; `next` has it."}

    def to_internal_value(self, data: str) -> tuple[date, int]:
        """The date and the id."""
        day, _, number = data.partition(".")
        try:
            place = date.fromisoformat(day), int(number)
        except ValueError:
            self.fail("invalid")
        if not 0 <= place[1] <= LARGEST:
            self.fail("invalid")
        return place


class PagesByDateSerializer(PagesSerializer):
    """Pages in the order of dates, the newest first."""

    after = PlaceField(required=False, help_text="The data date and id with which the page before ended.")


def read(request: Request, known: type[serializers.Serializer[Any]], also: Collection[str] = ()) -> dict[str, Any]:
    """The parameters that say which page; `also`: names that somebody else reads. ValidationError with the names."""
    asked = given(request.query_params)
    pages = known(data={name: value for name, value in asked.items() if name not in also})
    unknown = asked.keys() - pages.fields.keys() - set(also) - {FORMAT}
    refuse(unknown)
    pages.is_valid(raise_exception=True)
    return dict(pages.validated_data)


def refuse(names: Collection[str]) -> None:
    """ValidationError for parameters that nobody knows, if there are any."""
    if names:
        raise ValidationError({short(name): ["There is no such parameter."] for name in names})


def without_parameters(request: Request) -> None:
    """For addresses that take none."""
    refuse(given(request.query_params).keys() - {FORMAT})


PATTERNS = {"mpxn": "^[0-9]{1,13}$", "commissioned": f"^{MONTH.pattern}$"}
"""What the texts of filters look like, where not anything goes."""


def described(name: str, field: forms.Field) -> OpenApiParameter:
    choices = [value for value, _ in getattr(field, "choices", []) if value]
    one: dict[str, Any] = {"type": "string", "enum": choices} if choices else {"type": "string", "minLength": 1}
    if isinstance(field, forms.MultipleChoiceField):
        one = {"type": "array", "items": one}
    elif name in PATTERNS:
        one["pattern"] = PATTERNS[name]
    return OpenApiParameter(name, one, description=str(field.label))


FILTERS = [described(name, field) for name, field in DiscrepancyFilter.base_fields.items()]
"""The filters of discrepancies. A Network Party or supplier can be any that the person may see."""
