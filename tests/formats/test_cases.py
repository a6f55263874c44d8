"""Small files as the industry writes them: each is read, or what is not read of it is said."""

import re
from datetime import date
from pathlib import Path

import pytest

from reconcile import feeds

from .conftest import load_file

ROOT = Path(__file__).parents[2]
CASES = Path(__file__).parent / "cases"
THE_FOUR = [1012345678903, 1012345678912, 1012345678921, 1012345678930]


@pytest.fixture
def case(con, tmp_path):
    def _case(name: str):
        return load_file(con, CASES / name, tmp_path, name)

    return _case


def by_point(loaded, *columns):
    return {row["mpxn"]: tuple(row[column] for column in columns) for row in loaded.rows}


def test_a_disconnected_point_says_so(case):
    found = by_point(case("disconnected_mpan_2026-11-14.csv"), "flag", "point_status")
    assert found == {1012345678903: ("A", "disconnected"), 1012345678912: ("A", None)}


def test_a_line_that_names_the_delimiter_is_passed_over(case):
    loaded = case("excel_sep_line_2026-11-14.csv")
    assert (len(loaded.rows), loaded.rejects, loaded.warnings) == (4, [], [])


def test_the_ldz_tells_the_network(case):
    found = by_point(case("gas_network_names_2026-11-14.csv"), "network")
    assert found == {1234567810: ("CADENT",), 7400000108: ("SGN",), 8765432106: ("CADENT",), 3334445505: ("SGN",)}


def test_numbers_are_read_as_people_write_them_and_what_is_rounded_is_refused(case):
    loaded = case("mpan_spellings_2026-11-14.csv")

    assert len(loaded.rows) == 12
    assert list(loaded.reasons) == [6, 15]
    assert "scientific notation" in loaded.reasons[6]
    assert loaded.rejects[1].points == (1012345678903,)


def test_none_is_none_in_every_spelling(case):
    loaded = case("null_spellings_2026-11-14.csv")

    assert set(by_point(loaded, "flag", "flag_from").values()) == {(None, None)}
    assert (len(loaded.rows), loaded.rejects, loaded.kept_without) == (14, [], {})


def test_addresses_in_windows_1252_cost_no_line_and_are_noted(case):
    loaded = case("reg_cp1252_address_2026-11-14.csv")

    assert [row["mpxn"] for row in loaded.rows] == THE_FOUR
    assert "Windows-1252" in loaded.intake.warnings[0]


def test_other_systems_names_of_the_date_and_the_supplier_are_known(case):
    found = by_point(case("reg_flag_date_heading_unknown_2026-11-14.csv"), "flag_from", "supplier")
    assert found == dict.fromkeys(THE_FOUR, (date(2026, 11, 13), "TERN"))


def test_a_value_over_two_lines_is_one_value(case):
    loaded = case("rfc4180_multiline_2026-11-14.csv")

    assert [row["mpxn"] for row in loaded.rows] == THE_FOUR[:2]
    assert not loaded.rejects


@pytest.mark.parametrize(
    "name, status", [("smi_good", "Commissioned"), ("smi_status_date_heading_unknown", "Decommissioned")]
)
def test_an_inventory_has_its_points_and_the_dates_of_statuses(case, name, status):
    day = date(2024, 1, 1) if status == "Commissioned" else date(2026, 11, 13)

    found = by_point(case(f"{name}_2026-11-15.csv"), "status", "status_from")

    assert found == dict.fromkeys(THE_FOUR, (status, day))


def test_the_table_of_shapes_names_rules_and_tests_that_exist():
    table = (ROOT / "docs" / "formats.md").read_text().split("## Shapes")[1].split("\n## ")[0]
    lines = [line.strip("|").split(" | ") for line in table.splitlines() if line.startswith("| ")][1:]
    named = [[re.findall("`([a-z_/0-9]+)(?:[.]py|/)`", cell) for cell in line[-2:]] for line in lines]

    assert len(lines) > 40 and all(rules and tests for rules, tests in named)
    for rules, tests in named:
        assert all(any(ROOT.glob(f"reconcile/**/{rule}*")) for rule in rules)
        assert all(any(ROOT.glob(f"tests/**/{test}.py")) for test in tests)


def samples() -> list[tuple[str, str]]:
    """Every sample of a format in the documents, with the kinds that its heading names."""
    parts = (ROOT / "docs" / "formats.md").read_text().split("\n## ")
    return [
        (part.splitlines()[0], sample)
        for part in parts
        if part.startswith("`")
        for sample in re.findall("^```\n(.*?)^```$", part, re.DOTALL | re.MULTILINE)
    ]


@pytest.mark.parametrize("heading, sample", samples(), ids=lambda value: value.splitlines()[0][:24])
def test_every_sample_in_the_documents_loads(load, heading, sample):
    loaded = load(sample, "sample-2026-11-20")

    assert f"`{loaded.reading.kind}`" in heading
    assert loaded.rows and not loaded.rejects


def test_every_kind_has_a_sample_in_the_documents(load):
    headings = " ".join(heading for heading, _ in samples())

    assert {kind for kind in feeds.FEEDS if f"`{kind}`" not in headings} == set()
