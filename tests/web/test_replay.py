"""A Meter Point through its history, on its page and by the API."""

import csv
import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client

from reconcile.ledger import operations
from reconcile.ledger.actors import MACHINE
from reconcile.models import AuditEntry, Job, ReplayedDay
from reconcile.web.words import per_1000

from .market import CASES, DAYS, LONG_AGO, POINTS

Browse = Callable[[str], Client]
STOOD = ("right", "wrong", "open", "unread")


def number_of(rule: str, supplier: str = "OURS", network: str = "12") -> int:
    return next(mpxn for mpxn, at, by, case in POINTS if (case.rule, at, by) == (rule, network, supplier))


def test_a_flag_that_never_followed_is_late_since_its_meter_went(browse: Browse):
    mpxn = next(
        mpxn for mpxn, at, by, case in POINTS if case == CASES[1] and (at, by) == ("12", "OURS")
    )  # its meter went in the last week, two days before the file

    told = browse("supplier").get(f"/api/replay/{mpxn}/").json()
    page = browse("supplier").get(f"/points/{mpxn}/").content.decode()

    assert told["policy"] == "mp077"
    assert [(one["changed"], one["expected"], one["days_late"], one["exact"]) for one in told["followed"]] == [
        (f"{LONG_AGO}", "A", 0, True), ("2021-11-23", "N", 2, True),
    ]  # fmt: skip
    assert told["days"] == {"right": 175, "wrong": 2, "open": 0, "not known": 0}
    assert sum(one["days"] for one in told["periods"]) == (DAYS[-1] - LONG_AGO).days
    assert "wrong on <strong>2</strong>" in page
    assert "not yet" in page


@pytest.mark.parametrize(("policy", "stood"), [("mp077", "wrong"), ("before", "right")])
def test_any_policy_has_its_own_history(browse: Browse, policy: str, stood: str):
    mpxn = number_of("A_REMOVED")
    client = browse("supplier")

    told = client.get(f"/api/replay/{mpxn}/?policy={policy}").json()
    page = client.get(f"/points/{mpxn}/replay/?policy={policy}").content.decode()

    assert {one["stood"] for one in told["periods"]} == {stood}
    assert f"<td>{stood}</td>" in page


def test_what_is_not_yours_has_no_history(browse: Browse):
    mpxn = number_of("A_REMOVED")

    assert browse("rival").get(f"/points/{mpxn}/replay/").status_code == 404
    assert browse("rival").get(f"/api/replay/{mpxn}/").status_code == 404
    assert browse("supplier").get(f"/points/{mpxn}/replay/?policy=x").status_code == 404
    assert browse("supplier").get(f"/api/replay/{mpxn}/?policy=x").status_code == 400


def test_a_party_goes_through_the_runs_in_page_and_api(browse: Browse):
    told = browse("operator").get("/api/replay/?policy=before&network=12").json()
    page = browse("operator").get("/policy/replay/?policy=before&network=12").content.decode()

    assert [one["as_of"] for one in told["runs"]] == [f"{day}" for day in reversed(DAYS)]
    for one in told["runs"]:
        assert one["right"] + one["wrong"] + one["open"] == len(
            [
                case
                for _, at, _, case in POINTS
                if at == "12" and case.weeks[DAYS.index(date.fromisoformat(one["as_of"]))]
            ]
        )
        assert f'<td class="number">{one["right"]}</td><td class="number">{one["wrong"]}</td>' in page
    assert browse("operator").get("/api/replay/?policy=x").status_code == 400
    assert browse("stranger").get("/api/replay/").status_code == 404


@pytest.mark.parametrize("address", ["/", "/networks/12/", "/suppliers/OURS/", "/policy/replay/"])
def test_how_late_flags_follow_stands_where_it_concerns(browse: Browse, address: str):
    page = browse("supplier").get(address).content.decode()

    assert "of the flags whose meters changed in the last 35 days" in page or "No meter has changed for so long" in page


def test_every_day_is_replayed_by_the_api_for_those_who_may_reconcile(browse: Browse, own_lake):
    asked = {"first": f"{DAYS[-2]}", "last": f"{DAYS[-2]}", "policy": "before"}
    operator = browse("operator")

    def ask(client: Client, **more: str) -> int:
        return client.post("/api/replays/", asked | more, content_type="application/json").status_code

    assert (ask(browse("supplier")), ask(operator, policy="x"), ask(operator, last="2020-01-01")) == (404, 400, 409)
    assert not Job.objects.filter(kind="replay").exists()
    assert ask(operator) == 202
    job = Job.objects.get(kind="replay")
    address = f"/api/replays/{job.pk}/"
    assert operator.get(address).status_code == 404, "it is not done"
    assert AuditEntry.objects.get().job == job.pk
    operations.perform(actor=MACHINE, job_id=job.pk)

    found = operator.get(address).json()

    assert [one["as_of"] for one in found["days"]] == [f"{DAYS[-2]}"]
    assert found["days"][0]["wrong"] == found["total"]["wrong_days"] > 0
    assert sum(one["wrong_days"] for one in found["suppliers"]) == found["total"]["wrong_days"]
    assert browse("supplier").get(address).status_code == 404
    assert f'href="/policy/replays/{job.pk}/"' in operator.get(f"/jobs/{job.pk}/").content.decode()


def test_every_day_is_replayed_from_a_page_and_shown_on_one(browse: Browse, own_lake):
    operator = browse("operator")
    asked = {"first": f"{DAYS[-1] - timedelta(days=1)}", "last": f"{DAYS[-1]}", "policy": "before"}

    assert browse("supplier").post("/policy/replays/", asked).status_code == 404
    assert "Judge every day anew" not in browse("supplier").get("/policy/replay/").content.decode()
    assert "Judge every day anew" in operator.get("/policy/replay/").content.decode()
    for wrong in ({"first": ""}, {"first": "2021-13-01"}, {"policy": "x"}, {"last": "2020-01-01"}):
        assert operator.post("/policy/replays/", asked | wrong, follow=True).context["messages"]
    assert not Job.objects.filter(kind="replay").exists()
    operator.post("/policy/replays/", asked)
    job = Job.objects.get(kind="replay")
    address = f"/policy/replays/{job.pk}/"
    assert operator.get(address).status_code == 404, "it is not done"
    operations.perform(actor=MACHINE, job_id=job.pk)

    page, told = operator.get(address), operator.get(f"/api/replays/{job.pk}/").json()

    text = page.content.decode()
    assert f"{told['total']['wrong_days']:,} wrong-days" in text
    total = told["total"]
    assert re.findall(r'amount">([^<]*)<', text)[2:4] == [str(total["flag_changes"]), str(total["followed"])]
    assert total["flag_changes"] > 0
    for one in told["days"]:
        row = text.split(f'id="day-{one["as_of"]}"')[1].split("</tr>")[0]
        rate = per_1000(1000 * one["wrong"] / sum(one[name] for name in STOOD))
        assert re.findall(r'number">([^<]*)<', row)[:5] == [
            *map(str, (one["right"], one["wrong"], rate, one["open"], one["unread"]))
        ]
        assert f'href="#day-{one["as_of"]}"' in text
    assert [(tally.wrong, tally.late.waits) for _, tally, _ in page.context["parties"]["supplier"]] == sorted(
        ((one["wrong_days"], one["waiting"]) for one in told["suppliers"]), key=lambda row: -row[0]
    )
    assert browse("supplier").get(address).status_code == browse("supplier").get(f"{address}csv/").status_code == 404

    rows = list(csv.DictReader(b"".join(operator.get(f"{address}csv/").streaming_content).decode().splitlines()))
    entry = AuditEntry.objects.latest("pk")

    assert sum(int(row["wrong"] or 0) for row in rows) == told["total"]["wrong_days"]
    assert (entry.what, entry.rows, entry.about) == (AuditEntry.What.DOWNLOADED, len(rows), job.title)
    ReplayedDay.objects.all().delete()
    assert "Ask for it again" in operator.get(address).content.decode()
    assert "Ask for it again" in operator.get(f"{address}csv/", follow=True).content.decode()
