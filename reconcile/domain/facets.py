"""By what Meter Points are told apart when a common cause is looked for.

In: nothing. Out: FACETS. Called by ledger.queries.causes, which counts, and by the pages, which name them.
"""

from dataclasses import dataclass
from enum import StrEnum


class Cube(StrEnum):
    """A run counts its Meter Points twice, for counting them by everything at once would be as many rows as points."""

    KINDS = "kinds"
    """By network, supplier and the kind of the meter."""
    PLACES = "places"
    """By network, supplier, postcode area and the month in which the meter was commissioned."""


@dataclass(frozen=True)
class Facet:
    """Classes of points that are the same in `columns`, each of which is a filter of the list too.

    `of_meters`: only points with a smart meter fall in a class. `alone`: it has a chart of its own; the others are
    looked through for the strongest causes.
    """

    code: str
    title: str
    columns: tuple[str, ...]
    cube: Cube
    of_meters: bool = False
    alone: bool = True


_FACETS = (
    Facet("model", "Manufacturer and model", ("manufacturer", "model"), Cube.KINDS, of_meters=True),
    Facet("firmware", "Firmware", ("firmware",), Cube.KINDS, of_meters=True),
    Facet("csp_region", "CSP region", ("csp_region",), Cube.KINDS, of_meters=True),
    Facet("generation", "SMETS1 or SMETS2", ("generation",), Cube.KINDS, of_meters=True),
    Facet("smets", "SMETS version", ("smets",), Cube.KINDS, of_meters=True),
    Facet("postcode_area", "Postcode area", ("postcode_area",), Cube.PLACES),
    Facet("supplier", "Supplier", ("supplier",), Cube.PLACES),
    Facet("network", "Network Party", ("network",), Cube.PLACES),
    Facet("commissioned", "Month of commissioning", ("commissioned",), Cube.PLACES, of_meters=True),
    Facet("model_firmware", "", ("manufacturer", "model", "firmware"), Cube.KINDS, of_meters=True, alone=False),
    Facet("model_region", "", ("manufacturer", "model", "csp_region"), Cube.KINDS, of_meters=True, alone=False),
    Facet(
        "model_firmware_region",
        "",
        ("manufacturer", "model", "firmware", "csp_region"),
        Cube.KINDS,
        of_meters=True,
        alone=False,
    ),
    Facet("supplier_month", "", ("supplier", "commissioned"), Cube.PLACES, of_meters=True, alone=False),
    Facet("network_month", "", ("network", "commissioned"), Cube.PLACES, of_meters=True, alone=False),
)
FACETS = {facet.code: facet for facet in _FACETS}
FACT_FILTERS = {
    "manufacturer": "Manufacturer",
    "model": "Model",
    "firmware": "Firmware",
    "csp_region": "CSP region",
    "smets": "SMETS version",
    "generation": "SMETS1 or SMETS2",
    "commissioned": "Month of commissioning",
    "postcode_area": "Postcode area",
}
"""What is known of a Meter Point and its meter, by the filters of the list."""
CUBE_OF = {column: facet.cube for facet in _FACETS for column in facet.columns if column in FACT_FILTERS}
"""Which cube knows the points of a filter."""
