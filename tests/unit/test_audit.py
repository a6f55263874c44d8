"""What is said of an audit of the packages: a flaw is bad; nobody to ask is not, and is said."""

import json

import pytest

from tests.audit import report

FINE = {"name": "fine", "version": "1", "vulns": []}
FLAWED = {"name": "bad", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1"]}]}
UNKNOWN = {"name": "own", "skip_reason": "Dependency not found on PyPI"}


@pytest.mark.parametrize(
    ("packages", "words", "bad"),
    [
        ([FINE, FLAWED], ["bad 2: PYSEC-1, mended in 2.1"], True),
        ([FINE], ["1 packages audited: no flaw is known of any."], False),
        (
            [FINE, UNKNOWN],
            ["1 packages audited: no flaw is known of any.", "NOT audited, because they are not known there: own."],
            False,
        ),
        ([UNKNOWN], ["The packages were NOT audited: the service that was reached knows none of them."], False),
    ],
)
def test_what_is_known_is_said(packages: list, words: list[str], bad: bool):
    assert report(json.dumps({"dependencies": packages})) == (words, bad)


@pytest.mark.parametrize("answer", ["", "ERROR: connection refused", "[]", '"x"'])
def test_nobody_to_ask_is_said_and_is_not_bad(answer: str):
    (words,), bad = report(answer)

    assert words.startswith("The packages were NOT audited") and not bad
