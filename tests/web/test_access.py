"""Who may open what: every address of the URLconf and the router, as everyone of the cast and as nobody."""

from collections.abc import Callable

import pytest
from django.test import Client

from reconcile.models import Job

from .addresses import BY_NAME, Address
from .cast import PEOPLE

EVERYONE = {*PEOPLE}
MEMBERS = EVERYONE - {"stranger"}
OURS = {"supplier", "viewer"}
OPERATORS = {"operator", "loader", "watcher"}
"""Viewers of the market operator's see everything and change nothing."""
OPENED: dict[str, set[str]] = {
    # Each address, and who gets it: 200, or the 302 of a search. For all others it is not there: 404.
    "overview": EVERYONE,
    "account": EVERYONE,
    "discrepancies": MEMBERS,
    "work": MEMBERS,
    "work-views": MEMBERS,
    "work-cohorts": MEMBERS,
    "work-cohort": OURS,
    "work-cohort-csv": {"supplier"},
    "work-view": OURS,
    "work-row": OURS | {"network"} | OPERATORS,
    "work-facet": MEMBERS,
    "work-raised": MEMBERS,
    "work-raising": {"network"},
    "work-record": {"operator"},
    "work-record-csv": {"operator"},
    "work-entry": {"operator"},
    "work-file": {"supplier", "rival", "network", "operator", "loader"},
    "work-inbox": MEMBERS,
    "corrections": MEMBERS,
    "correction-new": {"operator"},
    "correction": OPERATORS,
    "correction-table": {"operator", "loader"},
    "correction-manifest": {"operator", "loader"},
    "correction-file": OPERATORS,
    "correction-download": {"operator", "loader"},
    "alerts": {"network"} | OPERATORS,
    "alert-line": {"network"} | OPERATORS,
    "alerts-csv": {"network", "operator", "loader"},
    "alert-meanings": {"network"} | OPERATORS,
    "causes": MEMBERS,
    "causes-csv": {"supplier", "rival", "network", "operator", "loader"},
    "look-up": MEMBERS,
    "coverage": MEMBERS,
    "coverage-csv": {"supplier", "rival", "network", "operator", "loader"},
    "point-search": MEMBERS,
    "point": OURS | {"network"} | OPERATORS,
    "point-history": OURS | {"network"} | OPERATORS,
    "point-replay": OURS | {"network"} | OPERATORS,
    "networks": MEMBERS,
    "network": MEMBERS,
    "suppliers": MEMBERS,
    "supplier": OURS | {"network"} | OPERATORS,
    "extracts": MEMBERS,
    "upload": {"operator", "loader"},
    "extract": MEMBERS,
    "extract-rejects": {"operator", "loader"},
    "withdraw": {"operator"},
    "loads": {"operator", "loader"},
    "runs": MEMBERS,
    "compare": MEMBERS,
    "compare-csv": {"supplier", "rival", "network", "operator", "loader"},
    "run": MEMBERS,
    "jobs": MEMBERS,
    "job": {"supplier"} | OPERATORS,
    "job-download": {"supplier", "operator", "loader"},
    "job-manifest": {"supplier", "operator", "loader"},
    "job-rejects": set(),
    "job-headings": set(),
    "headings": OPERATORS,
    "kept-headings": OPERATORS,
    "headings-export": OPERATORS,
    "storage": OPERATORS,
    "record": {"operator"},
    "metrics": OPERATORS,
    "policy": EVERYONE,
    "policy-csv": EVERYONE,
    "policy-differences": EVERYONE,
    "policy-differences-csv": EVERYONE,
    "what-if": MEMBERS,
    "replay": MEMBERS,
    "replayed": set(),
    "replayed-csv": set(),
    "what-if-points": MEMBERS,
    "rules": EVERYONE,
    "api-schema": EVERYONE,
    "api-docs": EVERYONE,
    "api-root": EVERYONE,
    "api-discrepancy-list": EVERYONE,
    "api-discrepancy-detail": OURS | {"network"} | OPERATORS,
    "api-work-list": MEMBERS,
    "api-work-view-list": MEMBERS,
    "api-work-view-detail": OURS,
    "api-work-view-habits": MEMBERS,
    "api-work-view-desks": MEMBERS,
    "api-work-cohort-list": MEMBERS,
    "api-work-cohort-detail": OURS,
    "api-work-cohort-members": OURS,
    "api-work-facets": MEMBERS,
    "api-work-detail": OURS | {"network"} | OPERATORS,
    "api-work-raised-list": MEMBERS,
    "api-work-raised-detail": {"network"},
    "api-work-inbox-list": MEMBERS,
    "api-work-reasons-list": MEMBERS,
    "api-work-record-list": {"operator"},
    "api-alert-list": {"network"} | OPERATORS,
    "api-cause-list": EVERYONE,
    "api-look-up-list": EVERYONE,
    "api-policy-list": EVERYONE,
    "api-policy-detail": EVERYONE,
    "api-replay-list": MEMBERS,
    "api-correction-list": EVERYONE,
    "api-correction-detail": OPERATORS,
    "api-correction-lines": OPERATORS,
    "api-replay-detail": OURS | {"network"} | OPERATORS,
    "api-coverage-list": EVERYONE,
    "api-run-list": EVERYONE,
    "api-run-detail": MEMBERS,
    "api-job-list": EVERYONE,
    "api-job-detail": {"supplier"} | OPERATORS,
    "api-extract-list": EVERYONE,
    "api-extract-detail": MEMBERS,
}
OPENING = [part if part == "operator" else pytest.param(part, marks=pytest.mark.one_database) for part in PEOPLE]
"""PostgreSQL answers for whoever may open the most; who may what is decided before it is asked."""
GIVEN = {"work-view": 302}
"""Addresses that lead to another, at which one sees it."""
BUTTONS: dict[str, set[str]] = {
    # What is done by POST, and who may. For all others there is no such thing.
    "end_others": EVERYONE,
    "export": {"supplier", "rival", "network", "operator", "loader"},
    "what-if-csv": {"supplier", "rival", "network", "operator", "loader"},
    "look-up-csv": {"supplier", "rival", "network", "operator", "loader"},
    "work-change": {"supplier", "rival", "network", "operator", "loader"},
    "alert-change": {"supplier", "rival", "network", "operator", "loader"},
    "alert-set-meanings": {"operator"},
    "work-columns": MEMBERS,
    "work-keys": MEMBERS,
    "work-desk": MEMBERS,
    "work-cohort-freeze": {"supplier", "rival", "network", "operator", "loader"},
    "work-cohort-rename": {"supplier"},
    "work-cohort-remove": {"supplier"},
    "work-view-save": MEMBERS,
    "work-view-start": MEMBERS,
    "work-view-change": {"supplier"},
    "work-view-remove": {"supplier"},
    "work-answer": {"supplier", "rival", "network", "operator", "loader"},
    "work-reasons": {"operator"},
    "work-read": MEMBERS,
    "work-file-load": {"supplier", "rival", "network", "operator", "loader"},
    "work-file-refused": {"supplier", "rival", "network", "operator", "loader"},
    "correction-make": {"operator"},
    "reconcile": {"operator", "loader"},
    "replays": {"operator", "loader"},
    "take-sample": {"operator", "loader"},
    "job-approve": {"operator"},
    "take_back": {"operator"},
    "job-refuse": {"operator"},
    "job-cancel": {"supplier", "operator"},
    "job-again": {"supplier", "operator", "loader"},
    "headings-import": {"operator", "loader"},
    "headings-rename": {"operator", "loader"},
    "headings-remove": {"operator", "loader"},
    "tidy": {"operator"},
    "bring_back": {"operator"},
    "verify": {"operator"},
}
BY_PROGRAMS = {"api-work-changes", "api-work-raised-answers", "api-work-inbox-read", "api-work-file-list"} | {
    "api-alert-changes",
    "api-correction-plan",
    "api-correction-download",
    "api-run-compare",
    "api-policy-differences",
    "api-what-if-list",
    "api-what-if-points",
    "api-extract-withdraw",
    "api-extract-take-back",
    "api-job-cancel",
    "api-job-approve",
    "api-job-refuse",
    "api-replayed-list",
    "api-replayed-detail",
}
"""What is done by JSON or as CSV, or asks for more than its address has; tests/web/test_work.py, test_work_api.py,
test_replay.py and test_api_of_data.py have who may."""
WITHOUT_LOG_IN = {
    "health": 503,
    "health-web": 200,
    "health-alive": 200,
    "health-ready": 200,
    "login": 200,
    "logout": 405,
}


def test_every_address_is_in_the_tables():
    assert BY_NAME.keys() == OPENED.keys() | BUTTONS.keys() | WITHOUT_LOG_IN.keys() | BY_PROGRAMS


@pytest.mark.parametrize("part", OPENING)
def test_who_opens_what(browse: Callable[[str], Client], filled: Callable[[str], str], part: str):
    client = browse(part)

    opened = {name: client.get(filled(name)).status_code for name in OPENED}

    assert opened == {name: GIVEN.get(name, 200) if part in people else 404 for name, people in OPENED.items()}


@pytest.mark.parametrize("part", OPENING)
def test_who_presses_which_button(browse: Callable[[str], Client], filled: Callable[[str], str], part: str):
    client = browse(part)

    pressed = {name: client.post(filled(name)).status_code for name in BUTTONS}

    assert pressed == {name: 302 if part in people else 404 for name, people in BUTTONS.items()}


@pytest.mark.one_database
def test_a_button_does_nothing_by_get(browse: Callable[[str], Client], filled: Callable[[str], str]):
    jobs, client = Job.objects.count(), browse("operator")

    assert {name: client.get(filled(name)).status_code for name in BUTTONS} == dict.fromkeys(BUTTONS, 405)
    assert Job.objects.count() == jobs


@pytest.mark.one_database
def test_without_a_log_in_there_is_the_log_in_alone(filled: Callable[[str], str]):
    for address in BY_NAME.values():
        answer = Client().get(filled(address.name))
        told = (answer.status_code, answer.get("Location", "")[:13], answer.get("WWW-Authenticate", "")[:6])
        assert told == to_nobody(address), address.name


def to_nobody(address: Address) -> tuple[int, str, str]:
    """Status, where to, and what a program is asked for, of the answer to somebody who is not logged in."""
    if address.name in WITHOUT_LOG_IN:
        return WITHOUT_LOG_IN[address.name], "", ""
    if address.name.startswith("api-") and address.name != "api-docs":
        return 401, "", "Basic "
    if address.name in BUTTONS:
        return 405, "", ""
    return 302, "/login/?next=", ""
