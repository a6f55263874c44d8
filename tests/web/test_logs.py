"""The log tells what happened, and nothing of whose Meter Point it was."""

import json
import logging
import re
from collections.abc import Callable

import pytest
from django.test import Client

from dccflags.logs import AsJson, AsText, file_name

pytestmark = pytest.mark.one_database


@pytest.fixture
def written():
    """What each way of writing makes of the log."""
    lines: dict[str, list[str]] = {"text": [], "json": []}

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines["text"].append(AsText("%(asctime)s %(levelname)s %(message)s").format(record))
            lines["json"].append(AsJson().format(record))

    handler = Kept()
    logging.getLogger().addHandler(handler)
    yield lines
    logging.getLogger().removeHandler(handler)


def test_a_request_is_a_line_with_its_id_and_without_its_meter_point(browse: Callable[[str], Client], cast, written):
    answer = browse("supplier").get("/points/2384115344251/")

    facts = next(line for line in map(json.loads, written["json"]) if line["logger"] == "dccflags.access")
    assert facts["message"].startswith(f"GET /points/<mpxn:mpxn>/ {answer.status_code} in ")
    assert facts["message"].endswith(f" by {cast.supplier.pk}")
    assert {json.loads(line)["request"] for line in written["json"]} == {answer["X-Request-ID"]}
    assert all(answer["X-Request-ID"] in line for line in written["text"])
    assert "2384115344251" not in str(written)


def test_an_error_is_written_without_numbers_of_meter_points(written):
    try:
        raise ValueError("MPAN 2384115344251 is wrong")
    except ValueError:
        logging.getLogger("some.where").exception("Reading 1234567")

    facts = json.loads(written["json"][-1])
    assert facts["message"] == "Reading #"
    assert "ValueError: MPAN # is wrong" in facts["error"]
    assert "ValueError: MPAN # is wrong" in written["text"][-1]
    assert "2384115344251" not in str(written)


def test_short_numbers_of_meter_points_are_in_no_error_and_no_address(browse: Callable[[str], Client], cast, written):
    browse("supplier").get("/points/7391/nowhere/")
    try:
        try:
            raise KeyError("7391")
        except KeyError as cause:
            raise ValueError("'ab 7391 cd' under \"MPRN\" is no number, MPRN 7391, in '/srv/in/a 7391.csv'") from cause
    except ValueError:
        logging.getLogger("celery.app.trace").error("Task x raised unexpected: %s", ValueError("MPRN 7391"))
        logging.getLogger("reconcile.some.where").exception("Job %s failed", 17)

    facts = json.loads(written["json"][-1])
    assert facts["message"] == "Job 17 failed"
    assert "KeyError: #" in facts["error"] and "in test_short_numbers_of" in facts["error"]
    assert "ValueError: # under # is no number, MPRN #, in '/srv/in/a #.csv'" in facts["error"]
    assert any("Task x raised unexpected: MPRN #" in line for line in written["text"])
    assert any("Not Found: /points/#/nowhere/" in line for line in written["text"])
    assert "7391" not in re.sub(r'(?m)^ {4}.*$|File ".*', "", "\n".join(written["text"]))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("registration_2026-11-14.csv", "registration_2026-11-14.csv"),
        ("MPRN 7391 2026-11-14.csv", "MPRN # 2026-11-14.csv"),
        ("2384115344251.csv", "#.csv"),
        ("12026-11-14.csv", "#-#-#.csv"),
    ],
)
def test_a_file_is_named_without_its_numbers(name: str, shown: str):
    assert file_name(name) == shown
