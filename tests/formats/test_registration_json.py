"""Registration extracts as JSON are read as the table that their records make."""

import json
from datetime import date

import pytest

from .test_intake import bad

FIRST = {"mpan": "2499999999991", "dcc_service_flag": "A", "dcc_service_flag_efd": "2024-01-01", "supplier": "TERN"}
SECOND = {"mpan": 1000000000012, "dcc_service_flag": None, "supplier": "WREN", "address": {"line1": "1,\nHigh St"}}
FOUND = [(2499999999991, "A", date(2024, 1, 1), "TERN"), (1000000000012, None, None, "WREN")]
SHAPES = [
    json.dumps([FIRST, SECOND]),
    json.dumps(FIRST) + "\n" + json.dumps(SECOND),
    json.dumps({"data": {"meterPoints": [FIRST, SECOND]}}, indent=2),
    json.dumps([FIRST, SECOND]).replace("dcc_service_flag", "dccServiceFlag"),
]


@pytest.mark.parametrize("content", SHAPES)
def test_every_shape_gives_the_same_flags(load, content):
    loaded = load(content, "registration-2026-11-14.json")

    assert [(row["mpxn"], row["flag"], row["flag_from"], row["supplier"]) for row in loaded.rows][:1] == FOUND[:1]
    assert [(row["mpxn"], row["flag"], row["supplier"]) for row in loaded.rows][1:] == [(1000000000012, None, "WREN")]
    assert (loaded.reading.kind, loaded.reading.coverage) == ("registration_json", "full")
    assert loaded.reading.as_of == date(2026, 11, 14)


def test_a_bad_record_is_a_reject(load):
    twice = json.dumps(FIRST)[:-1] + ', "dcc_service_flag": "N"}'
    loaded = load("\n".join([json.dumps(SECOND), json.dumps(FIRST | {"mpan": 12345678901}), twice]))

    assert "has 11 digits" in loaded.reasons[3]
    assert "stands twice" in loaded.reasons[4]


def test_json_without_a_record_fails_whole(load):
    assert "no record with a DCC Service Flag" in bad(load, '[{"a": ["dcc_service_flag"]}]')
