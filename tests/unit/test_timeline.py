"""The timeline of a Meter Point: what was so from when to when."""

from datetime import date

from reconcile.domain.timeline import (
    Change,
    Lane,
    Shown,
    Span,
    Told,
    finding_spans,
    flag_spans,
    meter_spans,
    work_spans,
)

MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)


def test_a_flag_lasts_until_the_next_and_begins_when_it_says():
    told = [Told(JUNE, "N", MAY), Told(JUNE, "N", MAY), Told(JULY, "A", date(2026, 6, 20)), Told(JULY, "A", None)]

    assert flag_spans(told[:3]) == [
        Span(Lane.FLAG, "", "N", MAY, date(2026, 6, 20)), Span(Lane.FLAG, "", "A", date(2026, 6, 20)),
    ]  # fmt: skip


def test_a_flag_without_a_day_begins_with_the_file_that_tells_of_it():
    told = [Told(JUNE, "", None), Told(JULY, "A", JULY)]

    assert flag_spans(told, earlier=[("I", MAY)]) == [
        Span(Lane.FLAG, "", "I", MAY, JUNE), Span(Lane.FLAG, "", "", JUNE, JULY), Span(Lane.FLAG, "", "A", JULY),
    ]  # fmt: skip


def test_a_meter_is_what_inventories_showed_and_since_when_it_says_itself():
    shown = [Shown(MAY, "x", "Pending"), Shown(JULY, "x", "Commissioned")]

    assert meter_spans(shown, {"x": ("Commissioned", JUNE)}) == [
        Span(Lane.METER, "x", "Pending", MAY, JUNE), Span(Lane.METER, "x", "Commissioned", JUNE),
    ]  # fmt: skip


def test_a_meter_that_has_gone_ended_when_it_was_last_shown():
    shown = [Shown(MAY, "x", "Commissioned"), Shown(JUNE, "x", "Commissioned")]

    assert meter_spans(shown, {}) == [Span(Lane.METER, "x", "Commissioned", MAY, JUNE)]


def test_of_two_files_of_a_day_that_counts_which_tells_of_a_change():
    shown = [Shown(MAY, "x", "Pending"), Shown(JUNE, "x", "Commissioned"), Shown(JUNE, "x", "Pending")]

    assert [one.value for one in meter_spans(shown, {"x": ("Commissioned", JUNE)})] == ["Pending", "Commissioned"]


def test_a_finding_lasts_until_a_run_resolves_it_and_may_come_back():
    changes = [Change("A_REMOVED", MAY, "new"), Change("A_REMOVED", JUNE, "resolved")]
    again = Change("A_REMOVED", JULY, "regressed")

    assert finding_spans([*changes, again]) == [
        Span(Lane.FINDING, "A_REMOVED", "new", MAY, JUNE), Span(Lane.FINDING, "A_REMOVED", "regressed", JULY),
    ]  # fmt: skip


def test_work_goes_from_one_word_to_the_next_for_each_rule_until_a_run_closes_it():
    changes = [
        Change("A_REMOVED", date(2025, 3, 1), "To do, ann"),
        Change("N_INSTALLED", date(2025, 3, 2), "Explained"),
        Change("A_REMOVED", date(2025, 3, 3), "To do, ann"),
        Change("A_REMOVED", date(2025, 3, 4), "Raised, ann"),
        Change("A_REMOVED", date(2025, 3, 9), ""),
    ]

    spans = [(one.of, one.value, one.since, one.until) for one in work_spans(changes)]

    assert spans == [
        ("A_REMOVED", "To do, ann", date(2025, 3, 1), date(2025, 3, 4)),
        ("A_REMOVED", "Raised, ann", date(2025, 3, 4), date(2025, 3, 9)),
        ("N_INSTALLED", "Explained", date(2025, 3, 2), None),
    ]
