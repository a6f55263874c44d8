"""What a network's people do with lines of the queue: on record, once, and never with another network's."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User

from reconcile.ledger import operations
from reconcile.ledger.actors import Actor, actor_for
from reconcile.ledger.alerting import LineChange
from reconcile.ledger.operations import NotAllowed, WorkError
from reconcile.models import AlertLine, AlertMeaning, AlertVersion, AuditEntry, Membership, Party

from .lines import make_line

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PEOPLE = {"nel": ("10", "manager"), "ned": ("10", "analyst"), "vic": ("10", "viewer"), "rob": ("12", "analyst")}


@pytest.fixture
def lines() -> list[int]:
    networks = {code: Party.objects.create(kind="network", code=code, name=f"Network {code}") for code in ("10", "12")}
    for name, (code, role) in PEOPLE.items():
        Membership.objects.create(user=User.objects.create_user(name), party=networks[code], role=role)
    return [make_line(networks["10"], number).pk for number in (1, 2)] + [make_line(networks["12"], 3).pk]


def who(name: str) -> Actor:
    return actor_for(User.objects.get(username=name))


def do(name: str, act: str, *ids: int, request: str = "", **more) -> AuditEntry:
    asked = LineChange(act=act, **more)
    return operations.work_on_alerts(actor=who(name), asked=asked, ids=ids, request=request, now=NOW)


def stands(number: int) -> tuple:
    line = AlertLine.objects.get(pk=number)
    return line.state, line.assignee.username if line.assignee else "", line.outcome


def test_a_line_is_taken_handed_over_and_closed_and_every_step_is_kept(lines):
    do("ned", "take", 1, 2)
    do("ned", "hand_over", 1, to="nel", words="My shift ends.")
    entry = do("nel", "close", 1, outcome="Crew sent")

    assert (stands(1), stands(2)) == (("closed", "nel", "Crew sent"), ("taken", "ned", ""))
    assert (entry.what, entry.about, entry.rows, entry.party) == (
        "alerts closed",
        "Crew sent",
        1,
        who("nel").desk.party,
    )
    past = AlertVersion.objects.filter(line=1).order_by("pk")
    assert [(one.state, one.entry.name, one.entry.words) for one in past] == [
        ("taken", "ned", ""), ("taken", "ned", "My shift ends."), ("closed", "nel", ""),
    ]  # fmt: skip
    assert past[2].previous_id == past[1].pk
    do("nel", "reopen", 1)
    assert stands(1) == ("open", "nel", "")


@pytest.mark.parametrize(
    "name, act, ids, more",
    [
        ("ned", "take", (3,), {}),
        ("ned", "take", (1, 3), {}),
        ("ned", "take", (99,), {}),
        ("rob", "note", (1,), {"words": "x"}),
        ("vic", "take", (1,), {}),
    ],
)
def test_what_is_not_theirs_is_not_there(lines, name, act, ids, more):
    with pytest.raises(NotAllowed):
        do(name, act, *ids, **more)
    assert not AlertVersion.objects.exists()


@pytest.mark.parametrize(
    "act, ids, more, words",
    [
        ("take", (), {}, "Choose lines first"),
        ("close", (1,), {"outcome": "Whatever"}, "with what outcome"),
        ("note", (1,), {"words": "  "}, "what is to be noted"),
        ("hand_over", (1,), {"to": "rob"}, "Nobody called rob works for Network 10"),
        ("reopen", (1,), {}, "1 of these lines cannot be: opened again"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_changed(lines, act, ids, more, words):
    with pytest.raises(WorkError, match=words):
        do("ned", act, *ids, **more)
    assert not AlertVersion.objects.exists()


def test_the_same_request_twice_is_done_once(lines):
    entries = [do("ned", "take", 1, request="key").pk for _ in range(2)]
    assert entries[0] == entries[1]
    assert AlertVersion.objects.count() == 1


def test_managers_say_what_codes_mean(lines):
    operations.set_meanings(actor=who("nel"), meanings={"n24": "HAN device log", "N8": " "}, now=NOW)

    assert list(AlertMeaning.objects.values_list("party__code", "code", "words")) == [("10", "N24", "HAN device log")]
    with pytest.raises(NotAllowed):
        operations.set_meanings(actor=who("ned"), meanings={}, now=NOW)
