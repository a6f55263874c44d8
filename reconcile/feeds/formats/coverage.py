"""WAN coverage by postcode: CSV with headings, or DUIS 12.1 responses (XML), flat as up to 5.1 and nested as from 5.3.

In: an Intake. Out: a Reading of coverage rows, a delta. Called through FEEDS. DP146: a date may be of any year.
"""

import csv
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb
from lxml import etree

from reconcile.domain.blanks import trimmed
from reconcile.domain.tables import Table

from ..contract import BadFile, Intake, Parsed, Reading
from ..files.headings import Names, Sheet, heading_line, headings_of, places_of
from ..files.intake import take_in
from ..files.xml_stream import elements
from ..plain.tables import TableFeed
from ..sql import first_reason, keyed, of
from ..values import dates, postcodes
from .alert_documents import is_document
from .extracted import moment, one_line

ALIASES = {
    "postcode": Names(
        ("postcode", "post_code", "outcode", "postal_outcode", "postcode_or_outcode", "outward_code"), ("postal_code",)
    ),
    "available": Names(
        ("coverage_availability", "wan_coverage_availability", "coverage_available", "wan_available", "wan_coverage"),
        ("available", "availability", "coverage"),
    ),
    "anticipated": Names(
        ("anticipated_coverage_date", "anticipated_date", "coverage_date", "expected_coverage_date"),
        ("anticipated", "date", "available_from", "from_date"),
    ),
    "region": Names(("csp_region", "region", "csp")),
    "technology": Names(("wan_technology", "technology")),
    "likelihood": Names(("connectivity_likelihood", "likelihood")),
    "auxiliary": Names(("auxiliary_equipment_required", "auxiliary_equipment", "auxiliary")),
}
NEEDED = ("postcode", "available")
YES_NO = {
    **dict.fromkeys(("TRUE", "YES", "Y", "1", "AVAILABLE", "COVERED"), "true"),
    **dict.fromkeys(("FALSE", "NO", "N", "0", "NOT AVAILABLE", "UNAVAILABLE", "NOT COVERED"), "false"),
}
AVAILABILITY, MATRIX, ANSWER, TIME, POSTCODE = (
    "CoverageAvailability",
    "DSPWANMatrix",
    "DSPWANMatrixResponse",
    "ResponseDateTime",
    "PostCode",
)
ELEMENTS = {
    "CSPRegion": "region",
    "CoverageAvailability": "available",
    "AnticipatedCoverageDate": "anticipated",
    "WANTechnology": "technology",
    "ConnectivityLikelihood": "likelihood",
    "AuxiliaryEquipmentRequired": "auxiliary",
}
LOOKED_THROUGH = 4 * 1024 * 1024


def _sql(sheet: Sheet, given: str, latest: date) -> Parsed:
    read = f"""
        SELECT *, {postcodes.whole("given_postcode")} AS postcode,
            CAST({keyed("given_available", YES_NO)} AS BOOLEAN) AS available,
            {dates.day("given_anticipated")} AS anticipated
        FROM ({given})
    """
    reason = first_reason(
        ("given_postcode IS NULL", "'The line has no postcode.'"),
        ("postcode IS NULL", of("given_postcode", "is neither a postcode nor its outward part.")),
        ("available IS NULL", of("given_available", "does not say whether there is coverage (true, false).")),
        dates.no_day("given_anticipated", "anticipated"),
    )
    checked = f"SELECT *, {reason} AS reason FROM ({read})"
    texts = ", ".join(f"given_{name} AS {name}" for name in ("technology", "likelihood", "auxiliary"))
    rows = f"""
        SELECT postcode, given_region AS region, available, anticipated, {texts} FROM ({checked}) WHERE reason IS NULL
    """
    return Parsed(checked, rows, points=())


@dataclass
class Document:
    """What stands in a document besides coverage: when the newest response was made, and answers without any."""

    made: str = ""
    errors: int = 0


class Coverage(TableFeed):
    """Coverage, whichever way it is written."""

    def recognises(self, intake: Intake) -> bool:
        """A document with an answer about coverage, or a heading line with postcodes and their coverage."""
        if is_document(intake):
            with intake.path.open("rb") as stream:
                return AVAILABILITY.encode() in stream.read(LOOKED_THROUGH)
        headings = headings_of(intake, heading_line(intake, self.aliases))
        return places_of(headings, self.aliases).keys() >= set(self.needed)

    def begin(self, con: duckdb.DuckDBPyConnection, intake: Intake, workdir: Path) -> Reading:
        """The date of a document is that of its newest response. Raises BadFile."""
        if not is_document(intake):
            return super().begin(con, intake, workdir)
        document = Document()
        path = workdir / f"{uuid.uuid4().hex}.csv"
        with path.open("w", encoding="utf-8", errors="replace", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["postcode", *ELEMENTS.values()])
            answers = [writer.writerow(row) for row in _answers(intake.path, document)]
        if not answers:
            raise BadFile(f"The DUIS responses tell nothing of WAN coverage; {document.errors:,} of them are errors.")
        reading = super().begin(con, take_in(path, workdir, intake.name), workdir)
        told = [f"{document.errors:,} answers are errors, and tell nothing of coverage."] if document.errors else []
        made_at = moment(document.made)
        return replace(
            reading,
            as_of=made_at.date() if made_at else reading.as_of,
            made_at=made_at,
            warnings=[*told, *reading.warnings],
        )


def _answers(path: Path, document: Document) -> Iterator[list[str]]:
    """A line for each region that an answer speaks of."""
    for element in elements(path, [f"{{*}}{MATRIX}", f"{{*}}{TIME}"]):
        if etree.QName(element).localname == TIME:
            document.made = max(document.made, trimmed(element.text or ""))
            continue
        nested = list(element.iterchildren(f"{{*}}{ANSWER}")) or [element]
        postcode = next((one_line(found.text or "") for found in element.iter(f"{{*}}{POSTCODE}")), "")
        for answer in nested:
            told = {etree.QName(child).localname: one_line(child.text or "") for child in answer.iterchildren("{*}*")}
            if "CoverageAvailability" in told:
                yield [postcode, *(told.get(name, "") for name in ELEMENTS)]
            else:
                document.errors += 1


FEED = Coverage("coverage", Table.COVERAGE, "delta", aliases=ALIASES, needed=NEEDED, known_by=NEEDED, sql=_sql)
