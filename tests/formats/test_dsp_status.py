"""What the DSP itself holds: which headings and spellings say so, and what of it cannot be loaded."""

from datetime import date

import pytest

LINES = """MPxN,DCC Service Status,Effective from,Notified
1012345678903,N,2019-11-01,No
1000000000012,A - Active,01/02/2024,yes
9881721109,,,
1200000000011,I,2025-13-40,0
"""


def test_statuses_dates_and_answers(load):
    loaded = load(LINES, name="dsp_status_2026-11-15.csv")

    assert (loaded.reading.kind, loaded.reading.as_of, loaded.reading.coverage) == (
        "dsp_status",
        date(2026, 11, 15),
        "delta",
    )
    assert [(row["mpxn"], row["status"], row["status_from"], row["notified"]) for row in loaded.rows] == [
        (1012345678903, "N", date(2019, 11, 1), False),
        (1000000000012, "A", date(2024, 2, 1), True),
        (9881721109, None, None, None),
        (1200000000011, "I", None, False),
    ]
    assert loaded.reasons == {}


@pytest.mark.parametrize(
    "text",
    [
        "mpan;internal_status;status_date;rdp_notified\n1012345678903;N;01-Nov-2019;N\n",
        'Meter Point,"DSP Status",EFD,Notified (Y/N)\n\'1012345678903,Non-Active,20191101,FALSE\n',
        "\ufeffMPAN Core\tStatus\tEffective date\tNotification sent\n"
        "1012 3456 78903\tn\t2019-11-01T00:00:00Z\tnot sent\n",
        "Extract of DCC Service Status\nmpxn|service status|status effective from|notified to registration\n"
        "1012345678903|NONACTIVE|1 Nov 2019|no\n1 record\n",
    ],
    ids=["semicolons", "quoted", "tabs and a mark", "a title and a total"],
)
def test_files_as_the_industry_writes_them(load, text):
    loaded = load(text, name="held_2026-11-15.csv")

    assert loaded.reading.kind == "dsp_status"
    assert [(row["mpxn"], row["status"], row["status_from"], row["notified"]) for row in loaded.rows] == [
        (1012345678903, "N", date(2019, 11, 1), False)
    ]


def test_what_is_no_status_says_why(load):
    bad = [
        "1012345678900,N,2019-11-01,No",
        "1012345678903,Q,2019-11-01,No",
        "1012345678903,true,2019-11-01,No",
        "1012345678903,N,2019-11-01,perhaps",
        ",N,2019-11-01,No",
    ]
    reasons = load(LINES + "\n".join(bad) + "\n", name="dsp_2026-11-15.csv").reasons

    assert list(reasons) == [6, 7, 8, 9, 10]
    for reason, words in zip(
        reasons.values(), ("check digit", "'Q' is not a DCC", "yes/no value", "'perhaps'", "number"), strict=True
    ):
        assert words in reason


def test_a_registration_extract_with_a_status_is_none(load):
    text = "mpan,dcc_service_flag,energisation_status\n1012345678903,A,E\n"

    assert load(text, name="r_2026-11-15.csv").reading.kind == "registration"
