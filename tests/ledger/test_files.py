"""Files of every name and content, loaded by the command: one never stops the next."""

import os
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from reconcile.models import Extract, Job, Party

pytestmark = pytest.mark.django_db(transaction=True)

HEADING = "mpan,dcc_service_flag,supplier\n"
GOOD = "1000000000012,A,TERN\n"


def written(folder: Path, name: bytes, text: str) -> Path:
    path = folder / os.fsdecode(name)
    path.write_text(text)
    return path


def load(*paths: Path, **options) -> None:
    call_command("load", *map(str, paths), **options)


def test_a_code_longer_than_any_party_has_costs_its_line_and_no_other_file(tmp_path):
    long = written(tmp_path, b"one_2025-03-03.csv", f"{HEADING}{GOOD}1000000000012,A,{'S' * 41}\n")
    next_ = written(tmp_path, b"two_2025-03-04.csv", HEADING + GOOD.replace("TERN", "wren"))

    load(long, next_)

    assert list(Extract.objects.order_by("pk").values_list("rows", "rejects")) == [(1, 1), (1, 0)]
    assert set(Party.objects.filter(kind=Party.Kind.SUPPLIER).values_list("code", flat=True)) == {"TERN", "WREN"}


def test_a_name_that_is_not_utf8_is_shown_safely_and_stops_nothing(tmp_path):
    odd = written(tmp_path, b"caf\xe9_2025-03-03.csv", HEADING + GOOD)
    bad = written(tmp_path, b"th\xe9_2025-03-03.csv", "neither\n")
    next_ = written(tmp_path, b"next_2025-03-04.csv", HEADING + GOOD)

    with pytest.raises(CommandError, match="1 of 3 files were not loaded"):
        load(odd, bad, next_)

    assert list(Extract.objects.order_by("pk").values_list("name", flat=True)) == [
        "caf\ufffd_2025-03-03.csv",
        "next_2025-03-04.csv",
    ]
    assert Job.objects.filter(title__contains="th\ufffd", state="failed").count() == 1
    assert odd.is_file()


@pytest.mark.parametrize(
    "headings, line, what",
    [
        ("mprn,dcc_service_flag,supplier\n", "123456{0},A,S{0}\n", "4 suppliers"),
        ("mprn,network_name,dcc_service_flag\n", "123456{0},NET{0},A\n", "4 networks"),
    ],
)
def test_a_file_that_names_more_parties_than_there_can_be_makes_none(tmp_path, settings, headings, line, what):
    settings.MAX_PARTIES = 3
    text = headings + "".join(line.format(number) for number in range(4))
    path = written(tmp_path, b"many_2025-03-03.csv", text)

    with pytest.raises(CommandError):
        load(path)

    assert what in Job.objects.get().message
    assert not Party.objects.exists() and not Extract.objects.exists()
