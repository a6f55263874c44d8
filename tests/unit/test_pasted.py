"""What people paste: numbers and devices however they are written, and nothing with digits left out."""

import pytest

from reconcile.domain.pasted import read_pasted
from reconcile.domain.vocabulary import mpan_check_digit

MPAN, OTHER = 1100013222946, 1000000000012
DEVICE = 0x00DB1234567890A0


def numbers(text: str) -> list[int | None]:
    return [one.mpxn for one in read_pasted(text).items]


@pytest.mark.parametrize(
    "text",
    [
        f"{MPAN} {OTHER}", f"{MPAN},{OTHER}", f"{MPAN};{OTHER}", f"{MPAN}\n{OTHER}\r\n", f"{MPAN}\t{OTHER}",
        f"{MPAN}|{OTHER}|", f"{MPAN}/{OTHER}", f"MPAN {MPAN}, and then {OTHER}.", f"'{MPAN}' \"{OTHER}\"",
        f"MPAN:{MPAN} MPAN={OTHER}", f"[{MPAN}, {OTHER}]", f'="{MPAN}","=""{OTHER}"""', f"MPAN{MPAN} S{OTHER}",
        "11 0001 3222 946\n10 0000 0000 012", "11-0001-3222-946, 10-0000-0000-012", "11 00013222946\n10 00000 00001 2",
        "1,100,013,222,946;1,000,000,000,012", f"{MPAN}.0 {OTHER}.00", f"00801505{MPAN} 03801505{OTHER}",
        "00 801 505 11 0001 3222 946\n10 0000 0000 012", f"\ufeff{MPAN}\u200b\n\u00a0{OTHER}",
        f"{MPAN}_{OTHER}", f"{MPAN}-{OTHER}", f"{MPAN}&{OTHER}", f"{MPAN}+{OTHER}", f"{MPAN}\u2013{OTHER}",
        f"{MPAN}\\{OTHER}", f"{MPAN}:live {OTHER}-dead", f"MPAN_{MPAN} mpan#{OTHER}",
        "11\u00a00001\u00a03222\u00a0946 \u2013 10 0000 0000 012",
    ],
)  # fmt: skip
def test_any_separators_and_words(text: str):
    assert numbers(text) == [MPAN, OTHER]


@pytest.mark.parametrize(
    "text",
    [
        "00-DB-12-34-56-78-90-A0", "00:db:12:34:56:78:90:a0", "00DB1234567890A0", "0x00db1234567890a0",
        "00 DB 12 34 56 78 90 A0", "00DB-1234-5678-90A0", "meter 00-DB-12-34-56-78-90-A0, please",
    ],
)  # fmt: skip
def test_device_identifiers(text: str):
    assert [one.device for one in read_pasted(text).items] == [DEVICE]


def test_a_number_before_a_grouped_mpan_is_one_by_itself():
    assert numbers("7 11 0001 3222 946 10 0000 0000 012 8") == [7, MPAN, OTHER, 8]


def test_an_mprn_beside_an_mpan_keeps_its_place():
    assert numbers(f"7400000108 {MPAN} 0001234567810 1234567810") == [7400000108, MPAN, None, 1234567810]


@pytest.mark.parametrize(
    "text, why",
    [
        ("1100013222947", "wrong check digit: the last digit of this MPAN should be 6"),
        ("11 0001 3222 947", "wrong check digit"),
        ("12345678901", "11 digits"),
        ("123456789012", "12 digits"),
        ("12345678901234", "14 digits"),
        ("0100013222946", "begins with 0"),
        ("1.10001E+12", "rounded: "),
        ("00000", "no Meter Point has this number"),
        ("SW1A1AA", "neither"),
        ("12x", "neither"),
        ("\u0661\u0662\u0663", "neither"),
        ("00-00-00-00-00-00-00-00", "only holds the place"),
        ("FF:FF:FF:FF:FF:FF:FF:FF", "only holds the place"),
        ("00-DB-12-34-56-78-90", "neither"),
    ],
)
def test_what_is_no_number_says_why(text: str, why: str):
    (found,) = read_pasted(f"so: {text}").items

    assert why in found.problem
    assert found.mpxn is found.device is None
    assert found.text == text


def test_words_alone_are_passed_over():
    assert read_pasted("hello, is anybody there?").items == ()
    assert read_pasted("").items == ()


def test_a_mistyped_mprn_is_doubted_and_asked_for_all_the_same():
    (found,) = read_pasted("7400000109").items

    assert found.mpxn == 7400000109
    assert "MPRN" in found.doubt


def test_a_table_is_read_by_its_headings():
    found = read_pasted(f'Name,MPAN Core,Since,Postcode\nA,{MPAN},2026-11-15,SW1A 1AA\n"B, too",{OTHER},,\n')

    assert found.columns == ("MPAN Core",)
    assert [one.mpxn for one in found.items] == [MPAN, OTHER]


def test_a_table_of_devices_and_one_with_both_fuels():
    assert read_pasted("device_id;type\n00-DB-12-34-56-78-90-A0;ESME\n").items[0].device == DEVICE
    assert numbers(f"mpan\tmprn\n{MPAN}\t7400000108\n{OTHER}\t\n") == [MPAN, 7400000108, OTHER]


def test_five_thousand_grouped_mpans_stand_in_their_order():
    mpans = [int(f"{stem}{mpan_check_digit(stem)}") for stem in (f"10{n:010}" for n in range(5_000))]
    text = " ".join(f"{m // 10**11} {m // 10**7 % 10**4:04} {m // 1000 % 10**4:04} {m % 1000:03}" for m in mpans)

    assert numbers(text) == mpans
