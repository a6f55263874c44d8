"""Registration extracts: columns by alias, each fault one reject with its reason, odd files refused."""

from datetime import date
from resource import RUSAGE_SELF, getrusage

import pytest

from reconcile import feeds

from .conftest import LATEST, load_file
from .test_intake import bad

ECOES = "mpan_core,dcc_service_flag,dcc_service_flag_efd,supplier_mpid,postcode,smets_version\n"
ROW = "2499999999991,A,20240131,SUPP,AB1 2CD,SMETS2\n"


def test_an_ecoes_like_extract_becomes_canonical_rows(load):
    loaded = load(ECOES + ROW, "ecoes_2024-02-01.csv")

    assert loaded.rows == [
        {
            "mpxn": 2499999999991,
            "flag": "A",
            "flag_from": date(2024, 1, 31),
            "network": "24",
            "supplier": "SUPP",
            "point_status": None,
            "postcode_area": "AB",
            "postcode": "AB1 2CD",
        }
    ]
    reading = loaded.reading
    assert (reading.kind, reading.table, reading.coverage) == ("registration", "flags", "full")
    assert (reading.as_of, reading.trailer, reading.records) == (date(2024, 2, 1), None, 1)


def test_a_whole_postcode_is_kept_of_those_of_whom_it_is_asked(load):
    mpan, mprn = 2499999999991, 3938424403
    lines = [f"{number},{flag}, ab12cd" for number in (mpan, mprn) for flag in ("A", "N", "I", "S", "W", "")]

    kept = {(row["mpxn"], row["flag"]) for row in load("mpxn,dcc_service_flag,postcode\n" + "\n".join(lines)).rows
            if row["postcode"] == "AB1 2CD"}  # fmt: skip

    assert kept == {(mpan, "A"), *((number, flag) for number in (mpan, mprn) for flag in ("N", "I", None))}


def test_a_gas_like_extract_gets_its_network_from_the_ldz_before_a_name(load):
    heading = "MPRN,LDZ_ID,Network Name,DCC Service Flag,DCC Service Flag Effective From Date\n"

    loaded = load(heading + "1000000008,EA,SGN,N,2024-01-31\n")

    assert loaded.rows[0]["network"] == "CADENT"
    assert loaded.reading.columns.found["network"] == "LDZ_ID"


@pytest.mark.parametrize("delimiter", [",", "\t", "|", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("start", ["", "\ufeff", "\n\n"])
def test_each_delimiter_line_end_and_start_works(load, delimiter, end, start):
    loaded = load(start + (ECOES + ROW + "1,T,,,,\n").replace(",", delimiter).replace("\n", end))

    assert [row["mpxn"] for row in loaded.rows] == [2499999999991]
    assert list(loaded.reasons) == [3 + 2 * (start == "\n\n")]


@pytest.mark.parametrize("heading", ["mpxn", "MPAN", "Mpan_Core", "mpan core", "MPRN", "meter point reference"])
def test_the_meter_point_goes_by_many_names(load, heading):
    number = 2499999999991 if "mpan" in heading.lower() else 3938424403
    assert load(f"{heading},dcc_service_flag\n{number},A\n").rows[0]["mpxn"] == number


@pytest.mark.parametrize("heading, number", [("mpan_core", "3938424403"), ("MPRN", "2499999999991")])
def test_a_number_of_the_other_fuel_than_its_heading_says_is_a_reject(load, heading, number):
    loaded = load(f"{heading},dcc_service_flag\n{number},A\n")

    assert not loaded.rows
    assert f'stands under "{heading}"' in loaded.rejects[0].reason
    assert loaded.rejects[0].points == (int(number),)


def test_an_unreadable_optional_value_is_dropped_and_counted_and_its_line_kept(load):
    lines = ["A,20240231,TERN", "A,2024-01-31,T\0RN", "N,9999-12-31,TERN", "N,0001-01-01,TERN", "I,2101-01-01,TERN"]

    loaded = load(
        "mprn,dcc_service_flag,dcc_service_flag_efd,supplier\n" + "".join(f"1000000008,{one}\n" for one in lines),
        dropped=True,
    )

    assert len(loaded.rows) == 5
    assert sum(row["flag_from"] is None for row in loaded.rows) == 4
    assert loaded.kept_without == {
        "flag_from": {"not a date": 1, "a stand-in for no date": 2, "later than the file's day": 1},
        "supplier": {"cannot be read": 1},
    }


@pytest.mark.parametrize(
    "values, status",
    [
        ("D,Terminated,", "disconnected"),
        ("T,Terminated,E", "terminated"),
        ("T,Operational,D", "de-energised"),
        ("T,Operational,E", None),
        ("D,,", "disconnected"),
        (",,", None),
    ],
)
def test_what_registration_says_of_the_point_itself_is_kept(load, values, status):
    loaded = load(
        f"mpan_core,trading_status,rmp_state,energisation_status,dcc_service_flag\n2499999999991,{values},A\n"
    )

    assert loaded.rows[0]["point_status"] == status


@pytest.mark.parametrize("above", ["", "ECOES portfolio, run on 14 Nov 2026\n\n", "sep=,\n", "Title\nSecond, line\n"])
@pytest.mark.parametrize("below", ["", "Total,1,,\n", "\nEnd of report\n", "TOTAL ROWS: 1\n", "1 rows\n"])
def test_what_stands_above_the_headings_and_below_the_records_is_passed_over(load, above, below):
    loaded = load(above + "address,mpan,dcc_service_flag,dcc_service_flag_efd\nx,2499999999991,A,\n" + below)

    assert [row["mpxn"] for row in loaded.rows] == [2499999999991]
    assert not loaded.rejects


def test_optional_columns_that_were_not_found_are_warned_of_with_the_headings_passed_over(load):
    loaded = load("mpan,dcc_service_flag,Flag Since,Vendor\n2499999999991,A,2024-01-01,TERN\n")

    date_missing, supplier_missing = loaded.reading.warnings
    assert "No column for flag_from was found" in date_missing and "Flag Since, Vendor" in date_missing
    assert "No column for supplier was found" in supplier_missing
    assert loaded.reading.columns == feeds.Columns(
        {"mpxn": "mpan", "flag": "dcc_service_flag"},
        ["flag_from", "supplier", "network", "point_status", "postcode_area"],
        ["Flag Since", "Vendor"],
    )


def test_a_column_without_a_heading_is_named_as_such(load):
    loaded = load("mpan,,dcc_service_flag\n2499999999991,x,A\n")

    assert all(words.endswith("Passed over: a column without a heading.") for words in loaded.reading.warnings)
    assert loaded.reading.warnings


@pytest.mark.parametrize(
    "heading",
    [
        "MeterPoint,currentSupplier,distributor,dccServiceFlag,dccServiceFlagDate,gasTransporter",
        "mpan,supplier_mpid,distributor_mpid,dcc_service_flag,dcc_effective_from,css_supplier_mpid",
        "MPRN,Supplier Short Code,x,DccServiceFlag,DccServiceFlagEfd,NwoShortCode",
        "mprn,supplier_id,x,dcc_service_flag,dcc_service_flag_effective_from_date,network_short_code",
    ],
)
def test_the_industrys_own_headings_are_known(load, heading):
    loaded = load(f"{heading}\n{'1000000008' if 'mpan' not in heading else '2499999999991'},TERN,,A,20240101,CADENT\n")

    (row,) = loaded.rows
    assert (row["supplier"], row["flag"], row["flag_from"]) == ("TERN", "A", date(2024, 1, 1))


@pytest.mark.parametrize("blank", ["", '""', '" "', "NULL", "null", '"NULL"', " "])
def test_a_blank_in_any_dress_is_no_flag(load, blank):
    loaded = load(f"mpan,dcc_service_flag,dcc_service_flag_efd,supplier\n2499999999991,{blank},{blank},{blank}\n")
    assert (loaded.rows[0]["flag"], loaded.rows[0]["flag_from"], loaded.rows[0]["supplier"]) == (None, None, None)


FAULTS = [
    ("1312345678111,A,", "MPAN 1312345678111 has a wrong check digit (expected 8)."),
    (
        "1.2E+12,A,",
        "'1.2E+12' is a number in scientific notation: a spreadsheet has rounded it. Export the column as text.",
    ),
    ("0123456789012,A,", "MPAN 0123456789012 begins with 0: no network has such numbers."),
    ("12345678901,A,", "'12345678901' has 11 digits: an MPAN has 13, an MPRN 1 to 10."),
    ("249999999999A,A,", "'249999999999A' is no meter point number: it must have digits only."),
    ("0,A,", "'0' is no meter point number: it is zero."),
    (",A,", "The line has no meter point number."),
    ("1000000008,t,", "'t' is not a DCC Service Flag (A, N, I, S, W or empty)."),
    (
        "1000000008,true,",
        "'true' is a yes/no value, not a DCC Service Flag: ask for the flag itself (A, N, I or empty).",
    ),
    ("1000000008", "The line has 1 field, 3 are needed."),
    ("1000000008,A", "The line has 2 fields, 3 are needed."),
    ("1000000008,A,20240131,x,y", "The line has 5 fields, 3 are needed."),
]


@pytest.mark.parametrize("line, reason", FAULTS)
def test_each_fault_is_a_reject_with_its_reason(load, line, reason):
    good = "2499999999991,A,20240131"

    loaded = load("\n".join(["mpxn,dcc_service_flag,dcc_service_flag_efd", good, "", line, good, ""]))

    assert loaded.rejects == [feeds.Reject(4, line, reason)]
    assert len(loaded.rows) == 2


def test_every_fault_at_once_keeps_its_line_number(load):
    lines = [line for line, _ in FAULTS]

    loaded = load("\n".join(["mpxn,dcc_service_flag,dcc_service_flag_efd", *lines, ""]))

    assert [(reject.raw, reject.reason) for reject in loaded.rejects] == FAULTS
    assert list(loaded.reasons) == list(range(2, 2 + len(FAULTS)))


@pytest.mark.parametrize("flag", "ANISW")
def test_legacy_flags_load_as_they_are(load, flag):
    assert load(f"mprn,dcc_service_flag\n1000000008,{flag.lower()}\n").rows[0]["flag"] == flag


def test_leading_zeros_of_an_mprn_go(load):
    assert load("mprn,dcc_service_flag\n0003938424,A\n").rows[0]["mpxn"] == 3938424


def test_a_point_twice_is_two_rows(load):
    loaded = load("mprn,dcc_service_flag\n1000000008,A\n1000000008,N\n")
    assert [row["flag"] for row in loaded.rows] == ["A", "N"]


@pytest.mark.parametrize(
    "heading, words",
    [
        ("mpan,flag", "no column for flag. Found: mpan, flag."),
        ("number,dcc_service_flag", "no column for mpxn"),
        ("mpan,mprn,dcc_service_flag", "The columns 'mpan' and 'mprn' mean the same (mpxn)"),
        ("mpan,dcc_service_flag,DCC Service Flag", "mean the same (flag)"),
        ("mpan,dcc_service_flag,supplier,supplier", "mean the same (supplier)"),
    ],
)
def test_headings_that_cannot_be_understood_fail_whole(load, heading, words):
    assert words in bad(load, f"{heading}\n1,A,\n")


@pytest.mark.parametrize(
    "name, day",
    [
        ("ecoes_20240229.csv", date(2024, 2, 29)),
        ("2024-02-29 extract.csv.gz", date(2024, 2, 29)),
        ("v20240231_20240301120000.csv", date(2024, 3, 1)),
        ("19991231.csv", None),
        ("1202402291.csv", None),
        ("extract.csv", None),
    ],
)
def test_the_date_is_looked_for_in_the_name(load, name, day):
    assert load(ECOES + ROW, name).reading.as_of == day


def test_names_and_headings_cannot_reach_the_sql(con, tmp_path):
    source = tmp_path / "it's a 'file'); DROP TABLE x; --.csv"
    source.write_text("mpan,dcc_service_flag,\"a'); DROP TABLE x; --\"\n2499999999991,'; --,x'\n2499999999991,A,x'\n")

    intake = feeds.take_in(source, tmp_path)
    rows = feeds.begin(con, intake, None, tmp_path).rows(lambda share: None, LATEST)

    assert con.execute(f"SELECT count(*) FROM ({rows.query})").fetchall() == [(1,)]
    assert [reject.line for reject in rows.rejects()] == [2]


def test_rows_can_be_copied_sorted(con, tmp_path):
    source, target = tmp_path / "a.csv", tmp_path / "out.parquet"
    source.write_text(ECOES + ROW + ROW.replace("2499999999991", "1000000000012"))
    rows = feeds.begin(con, feeds.take_in(source, tmp_path), "registration", tmp_path).rows(lambda share: None, LATEST)

    con.execute(f"COPY (SELECT * FROM ({rows.query}) ORDER BY mpxn) TO '{target}' (FORMAT parquet)")

    found = con.execute(f"SELECT mpxn FROM '{target}'").fetchall()
    assert found == [(1000000000012,), (2499999999991,)]
    assert dict(con.execute(f"SELECT column_name, column_type FROM (DESCRIBE FROM '{target}')").fetchall()) == {
        "mpxn": "BIGINT",
        "flag": "VARCHAR",
        "flag_from": "DATE",
        "network": "VARCHAR",
        "supplier": "VARCHAR",
        "point_status": "VARCHAR",
        "postcode_area": "VARCHAR",
        "postcode": "VARCHAR",
    }


def test_rejects_in_a_large_file_keep_their_numbers(con, tmp_path):
    source = tmp_path / "large.csv"
    lines = ["2499999999991,A,AB1 2CD"] * 600_000
    for at in range(1000, len(lines), 50_000):
        lines[at], lines[at + 1], lines[at + 2] = "1,A", f"{at},Q,", ""
    source.write_text("mpan,dcc_service_flag,postcode\n" + "\n".join(lines))
    intake = feeds.take_in(source, tmp_path)
    rows = feeds.begin(con, intake, None, tmp_path).rows(lambda share: None, LATEST)

    rejects = list(rows.rejects())

    assert [reject.line for reject in rejects] == [at + n for at in range(1000, 600_000, 50_000) for n in (2, 3)]
    assert all(reject.raw == lines[reject.line - 2] for reject in rejects)


@pytest.mark.parametrize("values", [("Y", "N"), ("true", "false"), ("1", "0", "")])
def test_a_column_of_yes_and_no_is_refused_as_a_whole(load, values):
    lines = "".join(f"2499999999991,{value}\n" for value in values)
    assert "holds yes/no values" in bad(load, f"mpan,dcc_service_flag\n{lines}")


@pytest.mark.parametrize("more", [",1" * 900, "," * 900 + "1"])
def test_values_too_many_cost_no_memory_of_their_own(con, tmp_path, more):
    """The reader would note such a line once for each value too many: these 1.2 MB took gigabytes."""
    row = ROW.strip()
    source = tmp_path / "extract.csv"
    source.write_text(ECOES + ROW + f"{row}{more}\n" * 700)
    before = getrusage(RUSAGE_SELF).ru_maxrss

    loaded = load_file(con, source, tmp_path)

    assert len(loaded.rows) == 1
    assert list(loaded.reasons) == list(range(3, 703))
    assert getrusage(RUSAGE_SELF).ru_maxrss - before < 200 * 1024
