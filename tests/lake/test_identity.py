"""Two databases are pointed at one new bucket at the same moment: at most one of them gets it, whatever comes first."""

import threading
from itertools import combinations

import pytest
from django.conf import settings

from reconcile.lake import identity, objects

QUESTIONS = 5
"""What one asks of the store until it has the lake: its word, who else, whether it is done, the file, its word gone."""


class Turns:
    """Lets two threads ask a store in one order, one question after the other."""

    def __init__(self, order: list[str]) -> None:
        self.order, self.changed, self.at = order, threading.Condition(), ""

    def wait(self) -> None:
        me = threading.current_thread().name
        with self.changed:
            self._pass_on(me)
            self.changed.wait_for(lambda: not self.at and self.order[:1] in ([me], []))
            self.at = me

    def end(self) -> None:
        me = threading.current_thread().name
        with self.changed:
            self._pass_on(me)
            self.order = [name for name in self.order if name != me]
            self.changed.notify_all()

    def _pass_on(self, me: str) -> None:
        if self.at == me:
            self.at, self.order = "", self.order[1:]
            self.changed.notify_all()


@pytest.fixture
def bucket(tmp_path, monkeypatch):
    """Lets two take a place, which is asked as a bucket is, in an order; gives which of them then has it."""
    monkeypatch.setattr(settings, "LAKE_DIR", tmp_path / "copies")
    monkeypatch.setattr(identity, "is_here", lambda: False)

    def taken(order: list[str], name: str) -> dict[str, bool]:
        turns, found = Turns(list(order)), {}

        class InTurn(objects.Place):
            """A place of which one question is asked at a time."""

        for question in ("put", "list", "opened", "delete"):
            ask = getattr(objects.Place, question)
            setattr(InTurn, question, lambda *asked, ask=ask: (turns.wait(), ask(*asked))[1])
        monkeypatch.setattr(identity, "the_place", lambda: InTurn(str(tmp_path / name)))

        def take() -> None:
            me = threading.current_thread().name
            try:
                identity.give(me)
                found[me] = identity.of_lake() == me
            except identity.Claimed:
                found[me] = False
            finally:
                turns.end()

        threads = [threading.Thread(target=take, name=one) for one in ("one", "other")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        return found

    return taken


def orders() -> list[list[str]]:
    """Every order in which two ask their questions."""
    both = range(2 * QUESTIONS)
    return [["one" if n in ones else "other" for n in both] for ones in combinations(both, QUESTIONS)]


def test_a_bucket_never_becomes_that_of_two_databases(bucket):
    found = [bucket(order, str(number)) for number, order in enumerate(orders())]

    assert all(set(one) == {"one", "other"} for one in found)
    assert {sum(one.values()) for one in found} == {0, 1}, "both are refused, or one is"
    assert found[0] == {"one": True, "other": False}, "who comes first has it"


def test_of_two_that_were_refused_the_next_that_comes_alone_has_it_and_no_word_is_left(bucket, tmp_path):
    both_speak_first = ["one", "other"] * QUESTIONS

    assert bucket(both_speak_first, "lake") == {"one": False, "other": False}
    assert bucket(["other"] * QUESTIONS, "lake") == {"one": False, "other": True}

    assert [one.name for one in objects.place(str(tmp_path / "lake")).list()] == [identity.FILE]
