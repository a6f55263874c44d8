"""Corrections by the API: the number first, then its approval, then files, lines and answers, each within one's own."""

import hashlib
import json
from collections.abc import Callable

import pytest
from django.test import Client

from reconcile.ledger import operations
from reconcile.ledger.actors import MACHINE
from reconcile.models import AuditEntry, Correction, Job

from .cast import Cast

Browse = Callable[[str], Client]
ADDRESS = "/api/corrections/"


def post(client: Client, address: str, **body: object):
    return client.post(address, json.dumps(body), content_type="application/json")


def taken(client: Client, name: str, number: int) -> bytes:
    answer = client.get(f"{ADDRESS}{number}/download/?file={name}")
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_counted_approved_and_taken(browse: Browse):
    client = browse("operator")

    plan = post(client, f"{ADDRESS}plan/", query="in_flight=no", most=2).json()
    assert plan["corrections"] == sum(one["corrections"] for one in plan["networks"]) > 2
    assert plan["files"] == sum(one["files"] for one in plan["networks"]) > 1
    assert not Job.objects.exists() and not Correction.objects.exists()

    refused = post(client, ADDRESS, query="in_flight=no", most=2, count=plan["corrections"] + 1)
    assert (refused.status_code, Job.objects.count()) == (409, 0)
    assert refused.json()["detail"].startswith(f"There are {plan['corrections']} corrections now, not the")

    asked = {"query": "?in_flight=no", "most": 2, "count": plan["corrections"], "request": "one"}
    job, again = (post(client, ADDRESS, **asked) for _ in range(2))
    assert (job.status_code, job.json()["id"]) == (202, again.json()["id"])
    operations.perform(actor=MACHINE, job_id=job.json()["id"])
    number = client.get(f"/api/jobs/{job.json()['id']}/").json()["correction"]

    told = client.get(f"{ADDRESS}{number}/").json()
    assert (told["correction"]["name"], told["correction"]["count"]) == ("operator", plan["corrections"])
    assert sum(one["answers"]["waiting"] for one in told["files"]) == plan["corrections"]
    lines = client.get(f"{ADDRESS}{number}/lines/?per_page=2").json()
    rest = client.get(lines["next"]).json()
    assert lines["count"] == plan["corrections"] and lines["results"][1]["id"] < rest["results"][0]["id"]
    of_file = client.get(f"{ADDRESS}{number}/lines/?file={told['files'][0]['id']}").json()
    assert {one["file"] for one in of_file["results"]} == {told["files"][0]["name"]}
    for one in told["files"]:
        assert hashlib.sha256(taken(client, one["name"], number)).hexdigest() == one["sha256"]
    table = taken(client, "corrections.csv", number)
    assert hashlib.sha256(table).hexdigest() == told["correction"]["csv_sha256"]
    assert json.loads(taken(client, "manifest.json", number))["corrections"] == plan["corrections"]
    assert client.get(f"{ADDRESS}{number}/download/?file=other.csv").status_code == 404
    on_record = AuditEntry.objects.filter(what=AuditEntry.What.DOWNLOADED).values_list("about", flat=True)
    names = [one["name"] for one in told["files"]]
    assert sorted(on_record) == sorted([*names, f"corrections.csv of sending {number}"])
    assert AuditEntry.objects.filter(what=AuditEntry.What.ASKED, rows=plan["corrections"]).count() == 1


def test_only_who_may_correct_can_ask_and_nobody_gets_what_others_sent(
    browse: Browse, filled: Callable[[str], str], cast: Cast
):
    for part in ("supplier", "viewer", "rival", "network", "loader", "watcher", "stranger"):
        client = browse(part)
        assert post(client, f"{ADDRESS}plan/").status_code == 404
        assert post(client, ADDRESS, count=1).status_code == 404

    address = f"{filled('api-correction-download')}?file=corrections.csv"
    opened = {part: browse(part).get(address).status_code for part in ("operator", "loader", "watcher", "supplier")}
    assert opened == {"operator": 200, "loader": 200, "watcher": 404, "supplier": 404}


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"query": "fuel=steam"}, 409, "The filter is not understood."),
        ({"ids": ["x"]}, 400, "0: A valid integer is required."),
        ({"most": 0}, 400, "Ensure this value is greater than or equal to 1."),
        ({"ids": [999999999]}, 404, ""),
    ],
)
def test_what_cannot_be_read_is_said(browse: Browse, body: dict, status: int, words: str):
    client = browse("operator")

    answer = post(client, f"{ADDRESS}plan/", **body)

    assert (answer.status_code, words in answer.content.decode()) == (status, True)
    without = post(client, ADDRESS, **body)
    assert (without.status_code, without.json()["count"]) == (400, ["This field is required."])
