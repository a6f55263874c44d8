"""Which files a day of the sample market has: the SQL that writes each, and what it needs to know.

In: a day, and what kind of market it is. Out: Files, in the order in which people would load them. Called by make.py.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from reconcile.domain.vocabulary import network_named

DTC_MADE = {
    "d0204": time(1, 0),
    "d0350": time(2, 0),
    "d0213": time(2, 10),
    "d0217": time(2, 20),
    "d0089": time(2, 30),
    "d0351": time(4, 0),
    "d0172": time(4, 10),
    "d0312": time(4, 20),
}
MADE = {"dxi": time(2, 30), "e46": time(5, 0), "duis": time(6, 15)}
"""When the overnight files of a day were made; the full SMI export is of midnight."""
CHANGES = {
    "d0213": {"flow": "D0213002", "root": "753", "record": "480", "energisation_at": 6, "flag_at": 30, "items": 32},
    "d0217": {"flow": "D0217002", "root": "754", "record": "492", "energisation_at": 18, "flag_at": 34, "items": 36},
    "d0089": {"flow": "D0089002", "root": "743", "record": "201", "energisation_at": 20, "flag_at": 26, "items": 32},
}
"""The flows of single changes: their groups, and at which item of how many what is told stands."""


@dataclass(frozen=True)
class File:
    """A file: its name, the SQL of sql/ that writes it, the parameters; `told` counts what it would tell, if it may be
    left out."""

    name: str
    sql: str
    parameters: dict[str, Any] = field(default_factory=dict)
    told: str = ""


@dataclass(frozen=True)
class Refresh:
    """What a D0204 tells: one supplier's Meter Points at one distributor; all of them, or some."""

    area: str
    supplier: str
    everything: bool


def full_extracts(day: date, *, meters_only: bool, refreshes: list[Refresh]) -> list[File]:
    """Registration and inventory as a whole. A supplier has a D0204 of each distributor for its registration."""
    registered = day - timedelta(days=1)
    electricity = [File(f"registration_electricity_{registered}.csv", "registration_electricity")]
    if refreshes:
        electricity = [refresh_file(registered, refresh) for refresh in refreshes]
    return [
        *electricity,
        File(f"registration_gas_{registered}.csv", "registration_gas"),
        File(f"smi_{day}.csv", "smi", {"meters_only": meters_only}),
    ]


def refresh_file(day: date, refresh: Refresh) -> File:
    """One D0204."""
    parameters = _user_file(day, "d0204", number=int(refresh.area)) | vars(refresh)
    parameters |= {"mpid": network_named(refresh.area).mpid or "MPAS", "date": day}
    told = f"""
        SELECT count(*) FROM refreshed($day, '{refresh.area}', '{refresh.supplier}', {refresh.everything})
    """
    return File(f"d0204_{refresh.area}_{day}.usr", "d0204", parameters, told)


def overnight(day: date, some: int, supplier: str | None) -> list[File]:
    """What the night brings: updates, responses, registered meters, Read Inventory responses.

    `some`: the bound on `luck` under which a point is said again although nothing changed. `supplier`: whose market it
    is.
    """
    made = {kind: datetime.combine(day, at) for kind, at in MADE.items()}
    dxi, e46 = ({"made_on": f"{made[kind]:%Y%m%d}", "made_at": f"{made[kind]:%H%M%S}"} for kind in ("dxi", "e46"))
    said = {"some": some}
    return [
        File(f"d0350_{day}.usr", "d0350", said | _user_file(day, "d0350")),
        *(_changes(day, kind, some) for kind in CHANGES),
        File(f"dxi_{day}.csv", "dxi", said | dxi),
        File(f"d0351_{day}.usr", "d0351", _user_file(day, "d0351") | {"date": day}, told=REJECTED),
        File(f"d0172_{day}.usr", "d0172", said | _user_file(day, "d0172") | {"confirmed": _file_name(day, "d0350")}),
        File(
            f"d0312_{day}.usr",
            "d0312",
            said | _user_file(day, "d0312") | {"to": supplier or "DCCO"},
            told=f"SELECT count(*) FROM registered_meters($day, {some})",
        ),
        File(f"e46_{day}.csv", "e46", said | e46 | {"date": day}),
        File(f"coverage_{day}.csv", "coverage", {"date": day}, told=f"SELECT count(*) {INSTALLED}"),
        File(f"reads_{day}.csv", "reads", said | {"date": day}),
        File(f"dsp_status_{day}.csv", "dsp_status", said, told=f"SELECT count(*) FROM dsp_told({some}) WHERE $day > 0"),
        File(f"firmware_updates_{day}.csv", "firmware_updates", {"date": day}, told=LAST),
        File(f"alerts_{day}.csv", "alerts", {"date": day}),
        File(f"duis_{day}.xml", "duis", said | {"made": f"{made['duis']:%Y-%m-%dT%H:%M:%S}.00Z"}),
    ]


INSTALLED = "FROM meters_told($day, false) WHERE status = 'InstalledNotCommissioned'"
LAST = "SELECT count(*) FROM (SELECT max(day) AS last FROM told_meter) WHERE last = $day"
"""An update of firmware is planned in the last week alone."""
REJECTED = """
    SELECT count(*) FROM point JOIN told_answer AS told ON told.story = point.story AND told.day = $day
    WHERE NOT gas AND outcome = 'RJ'
"""


def _changes(day: date, kind: str, some: int) -> File:
    parameters = _user_file(day, kind) | CHANGES[kind] | {"some": some, "teller": kind}
    told = f"SELECT count(*) FROM updates_told($day, {some}) WHERE teller = '{kind}'"
    return File(f"{kind}_{day}.usr", "changes", parameters, told)


def _user_file(day: date, kind: str, number: int = 0) -> dict[str, Any]:
    """What the header of a DTC user file says."""
    made = datetime.combine(day, DTC_MADE[kind])
    facts = {"file": _file_name(day, kind, number), "made": f"{made:%Y%m%d%H%M%S}"}
    if kind in {"d0350", "d0312"}:
        return facts
    return facts | {"made_on": f"{day:%Y%m%d}"}


def _file_name(day: date, kind: str, number: int = 0) -> str:
    return f"{list(DTC_MADE).index(kind)}{number:02}{day:%y%m%d}0"
