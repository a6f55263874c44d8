"""Every cell of the triage of alerts, and of the work on its lines, against statements written another way."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from reconcile.domain.alert_work import AFTER, LineAct, LineState
from reconcile.domain.answering import Heard, Wan, can_it_answer
from reconcile.domain.mp077 import MP077
from reconcile.domain.triage import CLASS_NAMES, CLASS_WORDS, Cell, Class, GhostSeen, cell, cells, why_not_open
from reconcile.domain.vocabulary import statuses_in

STATEMENT = (
    # any of these statuses, the class; the first line that fits
    ("Commissioned", "act"),
    ("InstalledNotCommissioned", "not_commissioned"),
    ("Suspended Recovery Recovered", "impaired"),
    ("Decommissioned Withdrawn Pending Whitelisted", "ghost"),
)


def stated(statuses: set[str], known: bool, elsewhere: bool) -> str:
    if elsewhere:
        return "moved"
    found = next((kind for some, kind in STATEMENT if statuses & set(some.split())), None)
    return found or ("ghost" if known else "unknown_point")


@pytest.fixture(scope="module")
def table() -> list[Cell]:
    return list(cells())


def test_each_cell_is_as_stated(table: list[Cell]):
    assert len(table) == len({one.shown for one in table}) == 6 * 512 * 8
    wrong = [
        one
        for one in table
        if one.kind != stated({str(s) for s in statuses_in(one.shown.mask)}, one.shown.known, one.shown.elsewhere)
    ]
    assert wrong == []


@pytest.mark.parametrize("heard, wan", [("lately", "now"), ("long_ago", "from_date"), ("never", "not_confirmed")])
def test_silence_and_coverage_change_answers_as_they_do_in_a_look_up_and_no_class(table, heard: str, wan: str):
    told = {"heard": Heard(heard), "wan": Wan(wan)}
    for before in table[:: 7 if heard == "lately" else 11]:
        found = cell(before.shown._replace(**told))
        shown = before.shown
        facts = {"known": shown.known, "unread": shown.unread}
        assert found.kind == before.kind
        assert found.answering == can_it_answer(shown.flag, statuses_in(shown.mask), **facts, **told)


def test_every_registered_ghost_breaks_a_rule_of_the_table_or_has_a_flag_that_alerts_contradict(table: list[Cell]):
    ghosts = [one.shown for one in table if one.kind == "ghost" and one.shown.known and not one.shown.unread]

    unexplained = {
        str(one.flag or "none")
        for one in ghosts
        for ever in (False, True)
        if MP077.judge(one.flag, statuses_in(one.mask), ever).rule is None
    }
    assert len(ghosts) == 6 * 16 and unexplained == {"N", "none"}


RUN = date(2026, 11, 22)
SEEN = GhostSeen(spoke_on=RUN, run_on=RUN, has_read=True, registered=True, flag_from=None, unread=True)


@pytest.mark.parametrize(
    "seen, why",
    [
        (SEEN, "NOT_READ"),
        (replace(SEEN, unread=False), "NEXT_RUN"),
        (replace(SEEN, flag_from=RUN), "SINCE_MENDED"),
        (replace(SEEN, flag_from=RUN - timedelta(days=1)), "NOT_READ"),
        (replace(SEEN, registered=False), "NOT_REGISTERED"),
        (replace(SEEN, has_read=False), "NEXT_RUN"),
        (replace(SEEN, spoke_on=RUN + timedelta(days=1), registered=False), "NEXT_RUN"),
        (replace(SEEN, spoke_on=RUN - timedelta(days=28)), "NOT_READ"),
        (replace(SEEN, spoke_on=RUN - timedelta(days=29), has_read=False), "TOO_OLD"),
        (replace(SEEN, run_on=None), "NEXT_RUN"),
        (replace(SEEN, spoke_on=None, run_on=None), "DCC_SAYS"),
    ],
)
def test_why_nothing_stands_open_at_a_ghost(seen: GhostSeen, why: str):
    assert why_not_open(seen).name == why


def test_the_class_and_the_answer_agree(table: list[Cell]):
    answers = {
        "act": {"yes"}, "not_commissioned": {"unlikely"}, "impaired": {"unlikely"}, "ghost": {"no", "unknown"},
        "unknown_point": {"unknown"},
    }  # fmt: skip
    for kind, allowed in answers.items():
        assert {str(one.answering.answer) for one in table if one.kind == kind} == allowed, kind


def test_each_class_has_a_name_and_words():
    assert CLASS_NAMES.keys() == CLASS_WORDS.keys() == set(Class)


@pytest.mark.parametrize(
    "act, after",
    [
        ("take", ["taken", "taken", None]),
        ("hand_over", ["taken", "taken", None]),
        ("close", ["closed", "closed", None]),
        ("note", ["open", "taken", "closed"]),
        ("reopen", [None, None, "open"]),
    ],
)
def test_each_act_leaves_a_line_as_stated(act: str, after: list[str | None]):
    assert [AFTER[LineAct(act)][state] for state in LineState] == after


def test_every_act_is_stated():
    assert AFTER.keys() == set(LineAct)
