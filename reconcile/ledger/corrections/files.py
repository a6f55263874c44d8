"""The bytes of what was sent, out of the record of it alone: the same record is the same bytes, whenever it is read.

In: a Correction or one of its files. Out: chunks of bytes, the manifest as text. Called by making and ledger.queries.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import UTC
from itertools import chain, islice
from typing import Any, TypeVar

from reconcile.domain.corrections import D0350
from reconcile.domain.vocabulary import fuel_of, mpxn_text, network_named
from reconcile.models import Correction, CorrectionFile, CorrectionLine

from ..safe_csv import safe

Item = TypeVar("Item")
AT_ONCE = 2_000
DCC, DCC_ROLE, MPAS_ROLE, OPERATIONAL = "DCCO", "Z", "P", "OPER"
ABOVE = {D0350: 2}
"""Lines of a file above its first correction; of a gas file it is one."""
INSTRUCTIONS = 1_000_000
COLUMNS = ("mpxn", "fuel", "network", "supplier", "flag", "new_flag", "effective_from", "rules", "file", "line")
NOTE = "Each file is whole if its SHA-256 is that here. A correction counts once registration shows it."


def first_line(kind: str) -> int:
    """The number of the line of a file's first correction."""
    return ABOVE.get(kind, 1) + 1


def file_chunks(file: CorrectionFile) -> Iterator[bytes]:
    """The file, in pieces."""
    lines = _lines(file)
    texts = _d0350(file, lines) if file.kind == D0350 else _dxi(file, lines)
    return ("".join(f"{text}\n" for text in some).encode() for some in _batched(texts))


def _lines(file: CorrectionFile) -> Iterator[CorrectionLine]:
    return file.lines.select_related("supplier").order_by("line").iterator(AT_ONCE)


def _d0350(file: CorrectionFile, lines: Iterable[CorrectionLine]) -> Iterator[str]:
    """DTC 15.4: one 81H, an 82H for each. An answer (D0351) names the instruction alone, so its number is unique."""
    made = f"{file.correction.made_at.astimezone(UTC):%Y%m%d%H%M%S}"
    to = network_named(file.network.code).mpid or "MPAS"
    yield f"ZHV|{file.identifier}|D0350001|{DCC_ROLE}|{DCC}|{MPAS_ROLE}|{to}|{made}||||{OPERATIONAL}|"
    yield f"81H|{file.number}|"
    for one in lines:
        instruction = file.number * INSTRUCTIONS + one.line
        supplier = one.supplier.code if one.supplier else ""
        yield f"82H|{instruction}|DC01|{mpxn_text(one.mpxn)}|{one.flag}|{one.flag_from:%Y%m%d}|{supplier}|"
    yield f"ZPT|{file.identifier}|{file.rows + 1}||1|{made}|"


def _dxi(file: CorrectionFile, lines: Iterable[CorrectionLine]) -> Iterator[str]:
    """RDIS 3.29(a): an E45 for each, between A00 and Z99."""
    made = file.correction.made_at.astimezone(UTC)
    yield f'"A00",{file.correction.organisation},"DXI",{made:%Y%m%d},"{made:%H%M%S}",{file.number}'
    for one in lines:
        yield f'"E45",{one.mpxn},"{one.flag}",{one.flag_from:%Y%m%d}'
    yield f'"Z99",{file.rows}'


def csv_chunks(correction: Correction) -> Iterator[bytes]:
    """Every line of every file as one plain table."""
    rows = CorrectionLine.objects.filter(file__correction=correction).select_related("supplier", "file__network")
    told = rows.order_by("file__network__code", "file__number", "line").iterator(AT_ONCE)
    for some in _batched(chain([COLUMNS], map(_cells, told))):
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(some)
        yield text.getvalue().encode()


def _batched(items: Iterable[Item]) -> Iterator[list[Item]]:
    rest = iter(items)
    while some := list(islice(rest, AT_ONCE)):
        yield some


def _cells(one: CorrectionLine) -> tuple[Any, ...]:
    network, supplier = safe(one.file.network.code), safe(one.supplier.code) if one.supplier else ""
    changed = (one.flag_before, one.flag, one.flag_from.isoformat(), one.rules)
    return (mpxn_text(one.mpxn), fuel_of(one.mpxn).value, network, supplier, *changed, one.file.name, one.line)


def manifest(correction: Correction) -> str:
    """What proves a sending whole, and says who approved what, by which run and policy."""
    run = correction.run
    facts = {
        "correction": correction.pk,
        "corrections": correction.count,
        "approved_by": correction.name,
        "approved_at": correction.made_at.astimezone(UTC).isoformat(),
        "approved_count": correction.count,
        "query": correction.query,
        "filter": correction.filters,
        "limit": correction.most,
        "run": {"id": run.pk, "as_of": run.as_of.isoformat()},
        "policy": correction.policy,
        "left_out": correction.left_out,
        "files": [_of_file(one) for one in files_of(correction)],
        "note": NOTE,
    }
    return json.dumps(facts, indent=2) + "\n"


def files_of(correction: Correction) -> list[CorrectionFile]:
    """The files of a sending, in the order of their names."""
    return list(correction.files.select_related("network", "correction").order_by("kind", "network__code", "number"))


def _of_file(one: CorrectionFile) -> dict[str, Any]:
    return {
        "name": one.name,
        "kind": one.kind,
        "network": one.network.code,
        "number": one.number,
        "identifier": one.identifier,
        "rows": one.rows,
        "bytes": one.bytes,
        "sha256": one.sha256,
    }
