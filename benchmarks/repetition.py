"""What files cost that say the same thing again and again, or a thing too many: seconds and memory against the number.

In: numbers. Out: a table in Markdown, a row for each kind of file. Run by hand, as `python -m benchmarks.repetition`.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from reconcile.domain.vocabulary import mpan_check_digit

from .measure import BenchmarkError
from .product import Product

FLAGS = "mpan_core,dcc_service_flag,dcc_service_flag_efd,supplier_mpid\n"
GAS = "mprn,network_name,dcc_service_flag\n"
DEVICES = "DeviceID,DeviceType,DeviceStatus,StatusDate,ImportMPxN\n"
HEADER = "ZHV|F1|D0350001|Z|DCCO|P||20261108020000||||OPER|\n81H|6|\n"
DUIS = "http://www.dccinterface.co.uk/ServiceUserGateway"
DEVICE = "<DeviceID>00-DB-12-34-56-78-90-A0</DeviceID><DeviceType>ESME</DeviceType><DeviceStatus>Pending</DeviceStatus>"


def _mpan(number: int) -> str:
    stem = f"12{number:010}"
    return f"{stem}{mpan_check_digit(stem)}"


def _wrong(number: int) -> str:
    return f"{_mpan(number)[:-1]}{(int(_mpan(number)[-1]) + 1) % 10}"


def _device(number: int) -> str:
    return number.to_bytes(8).hex("-")


def _flags(line: Callable[[int], str], first: str = "") -> Callable[[int], str]:
    return lambda number: FLAGS + first + "".join(map(line, range(number)))


def _devices(line: Callable[[int], str]) -> Callable[[int], str]:
    return lambda number: DEVICES + "".join(map(line, range(number)))


def _updates(number: int) -> str:
    lines = (f"82H|{at}|DC01|{_mpan(1)}|{'ANI'[at % 3]}|202401{1 + at % 28:02}|TERN|\n" for at in range(number))
    return f"{HEADER}{''.join(lines)}ZPT|F1|{number + 1}||1|20261108020000|\n"


def _duis(inside: str) -> str:
    time = "<Header><ResponseDateTime>2026-11-15T06:15:00.00Z</ResponseDateTime></Header>"
    return f'<Response xmlns="{DUIS}">{time}<DSPInventory>{inside}</DSPInventory></Response>'


ATTRIBUTE = "a{}=''"
GOOD = f"{_mpan(0)},A,,\n"
FILES: dict[str, tuple[str, Callable[[int], str]]] = {
    "equal lines of one Meter Point": ("registration", _flags(lambda at: f"{_mpan(1)},A,2024-01-31,TERN\n")),
    "contradicting lines of one": ("registration", _flags(lambda at: f"{_mpan(1)},{'ANI'[at % 3]},2024-01-31,TERN\n")),
    "updates of one (D0350)": ("d0350", _updates),
    "suppliers, a line each": ("registration", _flags(lambda at: f"{_mpan(at)},A,2024-01-31,S{at}\n")),
    "networks, a line each": (
        "registration",
        lambda number: GAS + "".join(f"{at + 1},NET{at},A\n" for at in range(number)),
    ),
    "wrong check digits": ("registration", _flags(lambda at: f"{_wrong(at)},A,,\n", GOOD)),
    "lines with values too many": ("registration", _flags(lambda at: f"{_mpan(at)},A,,,1,1\n", GOOD)),
    "values too many in one line": ("registration", lambda number: f"{FLAGS}{GOOD}{'1,' * number}1\n"),
    "marks not closed": ("registration", _flags(lambda at: f'"{_mpan(at)}\n', GOOD)),
    "headings repeated": ("registration", _flags(lambda at: FLAGS, GOOD)),
    "equal lines of one device": ("smi", _devices(lambda at: f"{_device(1)},ESME,Pending,2024-01-31,{_mpan(1)}\n")),
    "points of one device": ("smi", _devices(lambda at: f"{_device(1)},ESME,Pending,2024-01-31,{_mpan(at)}\n")),
    "devices at one point": ("smi", _devices(lambda at: f"{_device(at + 1)},ESME,Pending,2024-01-31,{_mpan(1)}\n")),
    "characters of one value": ("registration", lambda number: f'{FLAGS}{GOOD}{_mpan(1)},A,,"{"x" * number}"\n'),
    "levels of JSON": ("smi", lambda number: "[" * number + "]" * number),
    "names of JSON": (
        "registration",
        lambda number: "".join(f'{{"mpan":"{_mpan(at)}","dcc_service_flag":"A","n{at}":1}}\n' for at in range(number)),
    ),
    "attributes of XML": (
        "duis",
        lambda number: _duis(f"<Device {' '.join(map(ATTRIBUTE.format, range(number)))}>{DEVICE}</Device>"),
    ),
    "children of XML": ("duis", lambda number: _duis(f"<Device>{DEVICE}{'<c/>' * number}</Device>")),
}
"""What there is so many of -> the prefix of the file's name, and its text."""


def main(numbers: list[int]) -> None:
    """Load each kind of file with each number, each into the same product."""
    print(f"| so many | {' | '.join(f'{number:,}' for number in numbers)} |\n|---|{'---|' * len(numbers)}")
    with tempfile.TemporaryDirectory() as folder:
        product = Product.fresh(Path(folder) / "var", None)
        for what, (prefix, text) in FILES.items():
            cells = [_cell(product, Path(folder), prefix, text(number)) for number in numbers]
            print(f"| {what} | {' | '.join(cells)} |", flush=True)


def _cell(product: Product, folder: Path, prefix: str, text: str) -> str:
    file = folder / f"{prefix}_2026-11-15"
    file.write_text(text)
    try:
        took = product.manage("load", file, "--json", "--yes")
    except BenchmarkError as error:
        return f"refused: {str(error).rpartition('CommandError: ')[2].strip()[:60]}"
    return f"{took.seconds:.1f} s, {took.peak_mb:.0f} MB"


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [1_000, 10_000, 100_000])
