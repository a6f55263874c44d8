"""The API's description of itself is true: every real answer is one that it describes, whatever is asked."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
import requests
import schemathesis
from django.http import HttpResponse
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from reconcile.models import Discrepancy

from .cast import Cast

pytestmark = pytest.mark.one_database

EXAMPLES = 25
"""Of an address that takes much; one that takes a number alone has said what it says to numbers before."""
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
LISTS = ("/api/discrepancies/", "/api/runs/", "/api/extracts/")
ANSWERS = (
    # address, status
    *((address, 200) for address in LISTS),
    ("/api/discrepancies/?state=all&per_page=7", 200),
    ("/api/discrepancies/?in_flight=yes&network=10&network=12&supplier=OURS&fuel=electricity", 200),
    *((f"{address}?unheard=1", 400) for address in LISTS),
    *((f"{address}?per_page=0&after=x", 400) for address in LISTS),
    ("/api/discrepancies/?in_flight=true", 400),
    ("/api/discrepancies/?run=999999", 409),
    *((f"{address}999999/", 404) for address in LISTS),
)


FETCHED: list[dict[str, Any]] = []


def described(client: Client) -> Any:
    """The schema as a client fetches it, once: it says the same to everybody."""
    if not FETCHED:
        FETCHED.append(client.get("/api/schema/?format=json").json())
    return schemathesis.openapi.from_dict(copy.deepcopy(FETCHED[0]))


def as_seen(answer: HttpResponse, address: str) -> schemathesis.Response:
    """An answer as the checks read one."""
    return schemathesis.Response(
        status_code=answer.status_code,
        headers={name.lower(): [value] for name, value in answer.items()},
        content=answer.content,
        request=requests.Request("GET", f"http://testserver{address}").prepare(),
        elapsed=0.1,
        verify=False,
    )


@pytest.mark.parametrize(("address", "status"), ANSWERS)
def test_an_answer_is_as_described(browse: Callable[[str], Client], cast: Cast, address: str, status: int):
    client = browse("operator")
    path = address.partition("?")[0]
    operation = described(client)["/api/" + path.split("/")[2] + ("/{id}/" if path.count("/") == 4 else "/")]["GET"]

    answer = client.get(address)

    assert answer.status_code == status
    assert str(status) in operation.definition.raw["responses"]
    operation.validate_response(as_seen(answer, address))


def test_one_of_each_is_as_described(browse: Callable[[str], Client], cast: Cast):
    client = browse("operator")
    schema = described(client)
    without_supplier = Discrepancy.objects.filter(supplier=None, rule="N_COMMISSIONED").first()

    for kind, number in (
        ("discrepancies", without_supplier.pk),
        ("runs", cast.last_run.pk),
        ("extracts", cast.inventory.pk),
    ):
        answer = client.get(f"/api/{kind}/{number}/")
        assert answer.status_code == 200
        schema[f"/api/{kind}/{{id}}/"]["GET"].validate_response(as_seen(answer, f"/api/{kind}/{number}/"))


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_whatever_is_asked_is_answered_as_described(browse: Callable[[str], Client], cast: Cast, mode: GenerationMode):
    client = browse("operator")

    for result in described(client).include(method="GET").get_all_operations():
        takes = len(result.ok().definition.raw.get("parameters", ()))

        @settings(
            max_examples=min(EXAMPLES, 5 + 5 * takes),
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )
        @given(case=result.ok().as_strategy(generation_mode=mode))
        def ask(case: schemathesis.Case) -> None:
            answer = client.get(case.formatted_path, query_params=case.query or {})
            case.validate_response(as_seen(answer, case.formatted_path), checks=CHECKS)

        ask()


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("address", ["/api/work/changes/", "/api/work/views/", "/api/work/cohorts/"])
def test_whatever_is_to_be_changed_is_answered_as_described(
    browse: Callable[[str], Client], address: str, mode: GenerationMode
):
    client = browse("operator")
    operation = described(client)[address]["POST"]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        body = case.body if isinstance(case.body, dict | list | str | int | float | bool) else {}
        answer = client.post(case.formatted_path, body, content_type="application/json")
        case.validate_response(as_seen(answer, case.formatted_path), checks=CHECKS)

    ask()


def test_the_parameters_are_described_as_they_are(browse: Callable[[str], Client]):
    schema = browse("operator").get("/api/schema/?format=json").json()
    asked = {one["name"]: one for one in schema["paths"]["/api/discrepancies/"]["get"]["parameters"]}

    assert asked["in_flight"]["schema"]["enum"] == ["yes", "no"]
    assert asked["absent"]["schema"]["enum"] == ["yes", "no"]
    assert "none" in asked["flag"]["schema"]["enum"]
    for name in ("network", "supplier", "rule"):
        assert asked[name]["schema"]["type"] == "array", name
    assert "A_REMOVED" in asked["rule"]["schema"]["items"]["enum"]
    assert asked["per_page"]["schema"]["maximum"] == 1000
