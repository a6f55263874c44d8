"""Headings that nobody has told us of: what is guessed of them, what a person says, and what becomes of the file."""

import dataclasses

import pytest

from reconcile import feeds
from reconcile.feeds.learned.evidence import SIGNS

from .conftest import load_file

MPANS = ("1012345678903", "1012345678912", "1012345678921", "1012345678930")
MPRNS = ("1000000008", "1234567810", "7400000108", "8765432106")
IDS = tuple(f"00-DB-12-34-56-78-90-0{at}" for at in range(4))
DAYS = ("2024-01-05", "2024-02-06", "2024-03-07", "2024-04-08")
FLAGS = ("A", "N", "", "I")
STATUSES = ("Commissioned", "Commissioned", "Decommissioned", "Suspended")
VALUES = {
    "mpan": MPANS, "mprn": MPRNS, "id": IDS, "day": DAYS, "flag": FLAGS, "status": STATUSES, "type": ("ESME",) * 4,
    "mpid": ("TERN", "WREN", "KITE", "TERN"), "ldz": ("NO", "WM", "SW", "NO"), "name": ("Bob", "Jo", "Al", "Di"),
    "yes": ("Y", "N", "Y", "N"), "postcode": ("CB1 2CD", "AB1 2CD", "LA1 1AA", "SW1A 1AA"), "none": ("",) * 4,
    "words": ("Live", "Live", "Gone", "Live"),
}  # fmt: skip


def table(columns: dict[str, str], delimiter: str = ",", lines: int = 4) -> str:
    """A file with these headings, each above values of a sort."""
    rows = [[VALUES[sort][at] for sort in columns.values()] for at in range(lines)]
    return "".join(delimiter.join(row) + "\n" for row in [list(columns), *rows])


@pytest.fixture
def guess(con, tmp_path):
    """The likeliest proposal, with the columns that it has a heading for."""

    def _guess(text: str, kind: str | None = None) -> tuple[feeds.Proposal, dict[str, str]]:
        (tmp_path / "file").write_text(text)
        found = feeds.propose(con, feeds.take_in(tmp_path / "file", tmp_path), kind, tmp_path)[0]
        return found, {meaning: heading for meaning, heading in found.said.columns.items() if heading}

    return _guess


@pytest.fixture
def load_as(con, tmp_path, monkeypatch):
    """As `load`, by what a person said."""

    def _load(text: str, said: feeds.ColumnMap):
        (tmp_path / "file").write_text(text)
        begin = feeds.begin
        monkeypatch.setattr(feeds, "begin", lambda *given: begin(*given, feeds.checked(said)))
        return load_file(con, tmp_path / "file", tmp_path)

    return _load


REAL_LOOKING = [
    (
        {"Supply Ref": "mpan", "DCC Ind": "flag", "Service Start": "day", "Retailer": "mpid", "Town": "name"},
        {"mpxn": "Supply Ref", "flag": "DCC Ind", "flag_from": "Service Start", "supplier": "Retailer"},
    ),
    (
        {"MPRN No": "mprn", "Zone": "ldz", "Smart Flag": "flag", "Flag EFD Dt": "day", "Shipper": "mpid"},
        {"mpxn": "MPRN No", "ldz": "Zone", "flag": "Smart Flag", "flag_from": "Flag EFD Dt"},
    ),
    (
        {"mpanCore": "mpan", "enrolmentFlag": "flag", "lastReadDate": "day", "postCode": "postcode"},
        {"mpxn": "mpanCore", "flag": "enrolmentFlag", "postcode": "postCode"},
    ),
    (
        {"Col A": "mpan", "Col B": "flag", "Col C": "day", "Col D": "mpid"},
        {"mpxn": "Col A", "flag": "Col B"},
    ),
    (
        {"Device GUID": "id", "Category": "type", "Lifecycle": "status", "Since": "day", "Meter Ref": "mpan"},
        {"DeviceID": "Device GUID", "DeviceType": "Category", "DeviceStatus": "Lifecycle", "StatusDate": "Since",
         "ImportMPxN": "Meter Ref"},
    ),
    (
        {"Asset EUI": "id", "Kind": "type", "State": "status", "State Changed": "day", "Imp": "mpan",
         "Export MPAN Core": "none", "Date of Commissioning": "day", "Fitted": "day", "Make": "name", "FW": "name"},
        {"DeviceID": "Asset EUI", "DeviceType": "Kind", "DeviceStatus": "State", "StatusDate": "State Changed",
         "ImportMPxN": "Imp", "ExportMPAN": "Export MPAN Core", "DateCommissioned": "Date of Commissioning",
         "DeviceManufacturer": "Make", "DeviceFirmwareVersion": "FW"},
    ),
]  # fmt: skip


@pytest.mark.parametrize("columns, expected", REAL_LOOKING)
def test_headings_and_values_together_tell_the_meaning(guess, columns, expected):
    proposal, guessed = guess(table(columns))

    assert guessed == expected
    assert proposal.is_worth_asking
    assert proposal.why.keys() <= expected.keys()


def test_every_meaning_of_a_table_has_its_signs():
    assert {meaning for feed in feeds.TABLES.values() for meaning in feed.aliases} <= SIGNS.keys()


def test_what_answers_yes_or_no_is_no_flag(guess):
    proposal, guessed = guess(table({"Meter": "mpan", "Smart": "yes"}), kind="registration")
    assert (guessed, proposal.missing, proposal.is_worth_asking) == ({"mpxn": "Meter"}, ["flag"], False)


def test_an_inventory_without_any_meter_point_is_not_worth_asking(guess):
    columns = {"DeviceID": "id", "DeviceType": "type", "DeviceStatus": "status", "Location": "name"}
    assert guess(table(columns))[0].missing == ["ImportMPxN"]
    assert not guess(table(columns))[0].is_worth_asking


def test_a_status_in_other_words_is_guessed_by_its_heading_alone(guess):
    proposal, guessed = guess(table({"GUID": "id", "Type": "type", "SMI State": "words", "MPAN": "mpan"}))
    assert guessed["DeviceStatus"] == "SMI State"
    assert "not all of its words are known" in proposal.why["DeviceStatus"]


def test_of_equal_headings_none_is_guessed(guess):
    text = table({"Ref": "mpan", "Svc": "flag"}).replace("Ref,Svc", "Ref,Ref")
    assert guess(text, kind="registration")[1] == {}


def test_titles_above_are_no_headings_and_a_file_without_headings_is_not_guessed(con, tmp_path, guess):
    text = table({"Ref": "mpan", "Svc Flag": "flag"}, delimiter="|")
    assert guess("Weekly report\n\n" + text)[1] == {"mpxn": "Ref", "flag": "Svc Flag"}

    (tmp_path / "bare").write_text(text.partition("\n")[2])
    assert feeds.propose(con, feeds.take_in(tmp_path / "bare", tmp_path), None, tmp_path) == []


def test_a_thousand_columns_are_looked_at(guess):
    columns = {f"Column {at}": "name" for at in range(998)} | {"Ref": "mpan", "Svc": "flag"}
    proposal, guessed = guess(table(columns))
    assert (len(proposal.columns), guessed) == (1000, {"mpxn": "Ref", "flag": "Svc"})


def test_headings_without_end_are_no_hindrance(con, tmp_path, guess):
    columns = {"x" * 5000: "name"} | {f"Column {at}": "none" for at in range(900)} | {"Ref": "mpan", "Svc": "flag"}

    proposal, guessed = guess(table(columns))

    assert guessed == {"mpxn": "Ref", "flag": "Svc"}
    assert feeds.checked(feeds.of_toml(feeds.as_toml(proposal.said))) == proposal.said
    assert feeds.begin(con, feeds.take_in(tmp_path / "file", tmp_path), None, tmp_path, proposal.said).records == 4


@pytest.mark.parametrize(
    "columns, expected",
    [
        ({"mpan": "mpan", "dcc_service_flag": "flag", "Flag Live Dt": "day", "Supplier Now": "mpid"},
         {"flag_from": "Flag Live Dt", "supplier": "Supplier Now"}),
        ({"mpan": "mpan", "dcc_service_flag": "flag", "DCC Flag Live From": "day", "Printed": "day"},
         {"flag_from": "DCC Flag Live From"}),
        ({"mpan": "mpan", "dcc_service_flag": "flag", "Read date": "day", "Supplier Name": "name"}, {}),
        ({"DeviceID": "id", "DeviceType": "type", "DeviceStatus": "status", "mpan": "mpan", "Status Since": "day"},
         {"StatusDate": "Status Since"}),
    ],
)  # fmt: skip
def test_an_unknown_heading_that_looks_like_what_is_missing_is_named(con, tmp_path, columns, expected):
    (tmp_path / "file").write_text(table(columns))
    intake = feeds.take_in(tmp_path / "file", tmp_path)
    assert feeds.missed(con, intake, feeds.begin(con, intake, None, tmp_path)) == expected


INVENTORY = feeds.ColumnMap(
    "smi",
    {"DeviceID": "GUID", "DeviceType": "Kind", "DeviceStatus": "State", "StatusDate": "", "ImportMPxN": "Ref"},
    {"DeviceStatus": {"live": "Commissioned", "Gone": "Decommissioned"}},
    ("GUID", "Kind", "State", "Since", "Ref"),
    'The "weekly" one',
)
SHAPE = {"GUID": "id", "Kind": "type", "State": "words", "Since": "day", "Ref": "mpan"}


def test_what_a_person_said_reads_the_file_and_its_words(load_as):
    loaded = load_as(table(SHAPE), INVENTORY)

    statuses = {str(row["mpxn"]): row["status"] for row in loaded.rows}
    assert statuses == dict(zip(MPANS, ["Commissioned", "Commissioned", "Decommissioned", "Commissioned"], strict=True))
    assert {row["status_from"] for row in loaded.rows} == {None}
    assert loaded.reading.columns.ignored == ["Since"]


def test_a_meaning_that_nobody_spoke_of_is_looked_for_as_always(load_as):
    said = feeds.ColumnMap("registration", {"flag": "Svc"})
    loaded = load_as(table({"mpan": "mpan", "Svc": "flag", "dcc_service_flag_efd": "day"}), said)
    assert [row["flag"] for row in loaded.rows] == ["A", "N", None, "I"]
    assert None not in {row["flag_from"] for row in loaded.rows}


def test_a_heading_that_the_file_lacks_is_named(load_as):
    with pytest.raises(
        feeds.BadFile, match=r"no column 'Ref' \(ImportMPxN\), which The .weekly. one names. Found: GUID"
    ):
        load_as(table({"GUID": "id", "Kind": "type", "State": "words"}), INVENTORY)


def test_json_records_with_unknown_names_are_a_table(con, tmp_path):
    records = ",".join(f'{{"ref": "{one}", "smart": {{"svc": "A"}}, "tags": [1]}}' for one in MPANS)
    (tmp_path / "file").write_text(f'{{"data": [{records}]}}')
    intake = feeds.take_in(tmp_path / "file", tmp_path)

    with pytest.raises(feeds.NotRecognised):
        feeds.begin(con, intake, None, tmp_path)
    proposal = feeds.propose(con, intake, None, tmp_path)[0]
    reading = feeds.begin(con, intake, None, tmp_path, proposal.said)

    assert {meaning: one for meaning, one in proposal.said.columns.items() if one} == {
        "mpxn": "ref",
        "flag": "smart.svc",
    }
    assert (reading.kind, reading.records) == ("registration", 4)


def test_a_columns_file_says_the_same_when_it_is_read_again():
    odd = dataclasses.replace(INVENTORY, headings=("a \"b\" \\ 'c'", "<b>\t</b>", "Zählpunkt № 1", "\x7f", ""))
    assert feeds.of_toml(feeds.as_toml(odd)) == odd


@pytest.mark.parametrize(
    "text, why",
    [
        ("kind = ", "no TOML that can be read"),
        (b"\xff\xfe", "TOML in UTF-8"),
        ("x" * 3_000_000, "at most 2 MB"),
        ('kind = "smi"', r"has a table \[columns\]"),
        ('kind = "smi"\n[columns]\nDeviceID = 3', "all of them texts"),
        ('kind = 5\n[columns]\nDeviceID = "x"', "name and kind are texts"),
        ('headings = "x"\nkind = "smi"\n[columns]\nDeviceID = "x"', "headings is a list"),
        ('kind = "smi"\nrows = 3\n[columns]\nDeviceID = "x"', "not 'rows'"),
        ('kind = "d0350"\n[columns]\nmpxn = "x"', "of the kinds smi and registration, not of 'd0350'"),
        ('kind = "smi"\n[columns]\nflag = "x"', "'flag' is no meaning of smi. They are DeviceID"),
        ('kind = "smi"\n[columns]\nDeviceID = "x"\nDeviceType = " x "', "'x' is named twice"),
        ('kind = "registration"\n[columns]\nmpxn = "x"\nflag = ""', "needs a column for flag"),
        ('kind = "smi"\n[columns]\nImportMPxN=""\nSecondaryImportMPAN=""\nExportMPAN=""', "column for ImportMPxN or"),
        ('kind = "smi"\n[columns]\nDeviceID="x"\n[values.DeviceStatus]\nLive = "Alive"', "'Alive' is none of"),
        ('kind = "smi"\n[columns]\nDeviceID="x"\n[values.DeviceStatus]\ncommissioned = "Pending"', "of its own"),
        ('kind = "registration"\n[columns]\nflag="x"\n[values.flag]\nY = "A"', "of its own"),
        ('kind = "smi"\n[columns]\nDeviceID="x"\n[values.StatusDate]\nx = "y"', "not for 'StatusDate'"),
        ('kind = "smi"\nname = "a\\u0007b"\n[columns]\nDeviceID="x"', "all of them visible"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_in_a_sentence(text, why):
    with pytest.raises(feeds.BadColumns, match=why):
        feeds.checked(feeds.of_toml(text))


@pytest.fixture
def fits(tmp_path):
    def _fits(columns: dict[str, str], *kept: feeds.ColumnMap) -> list[str]:
        (tmp_path / "file").write_text(table(columns))
        return [one.name for one in feeds.fitting(feeds.take_in(tmp_path / "file", tmp_path), kept, tmp_path)]

    return _fits


def test_what_was_kept_is_known_by_the_headings_that_it_names(fits):
    reordered = dict(reversed(SHAPE.items()))
    assert fits(reordered, INVENTORY) == [INVENTORY.name]
    assert fits(reordered | {"Fitter": "name"}, INVENTORY) == [INVENTORY.name]
    assert fits({name: sort for name, sort in SHAPE.items() if name != "Since"}, INVENTORY) == [INVENTORY.name]


def test_a_heading_that_we_know_and_nobody_saw_makes_it_another_shape(fits):
    assert fits(SHAPE | {"Status Date": "day"}, INVENTORY) == []
    assert fits({name: sort for name, sort in SHAPE.items() if name != "State"}, INVENTORY) == []


def test_of_two_that_fit_alike_and_differ_none_is_chosen(fits):
    copy = dataclasses.replace(INVENTORY, name="copy")
    other = dataclasses.replace(copy, name="other", columns=dict(INVENTORY.columns) | {"ExportMPAN": ""})
    more = dataclasses.replace(copy, name="more", columns=dict(INVENTORY.columns) | {"StatusDate": "Since"})

    assert len(fits(SHAPE, INVENTORY, other)) == 2
    assert len(fits(SHAPE, INVENTORY, copy)) == 1
    assert fits(SHAPE, more, INVENTORY) == ["more"]
