"""D0172, Confirmation of Changes: how many instructions of a file that was sent registration took, and how many not.

In: what its lines tell. Out: confirmation rows. Called through FEEDS.
"""

from reconcile.domain.tables import Table

from ..contract import Parsed
from ..files.framed import checked
from ..files.groups import Flow, groups
from ..files.told import CHECKED, Told
from ..files.user_files import UserFileFeed
from ..sql import Case, of
from ..values import dates

FLOW = Flow(
    "D0172",
    "001",
    "Confirmation of Changes",
    groups("""
        749
            357 3:received_on 4:file 5:received 6:accepted 7:rejected
    """),
    record="357",
)
COUNTS = ("received", "accepted", "rejected")

NOTES = (
    (
        f"SELECT sum(rejected) FROM {CHECKED} WHERE reason IS NULL",
        "{count} instructions of the files that it confirms were rejected; a D0351 has the reasons.",
    ),
    (
        f"SELECT count(*) FROM {CHECKED} WHERE reason IS NULL AND received <> accepted + rejected",
        "{count} files have instructions that were neither accepted nor rejected.",
    ),
)


def _sql(told: Told) -> Parsed:
    counts = ", ".join(f"{_count(name)} AS {name}" for name in COUNTS)
    lines = f"""
        SELECT *, NULL::BIGINT AS mpxn, {counts}, {dates.day("given_received_on")} AS received_on FROM ({told.lines()})
    """
    found = checked(
        lines,
        len(FLOW.groups["357"].items) + 3,
        told.unknown,
        told.misplaced,
        ("given_file IS NULL", "'The line names no file.'"),
        *map(_no_count, COUNTS),
    )
    rows = f"SELECT given_file AS file, {', '.join(COUNTS)}, received_on FROM {CHECKED} WHERE reason IS NULL"
    return Parsed(found, rows, points=(), notes=NOTES)


def _count(name: str) -> str:
    return f"CASE WHEN regexp_full_match(given_{name}, '[0-9]{{1,12}}') THEN CAST(given_{name} AS BIGINT) END"


def _no_count(name: str) -> Case:
    return f"{name} IS NULL", of(f"given_{name}", f"is no number of instructions {name}.")


FEED = UserFileFeed("d0172", Table.CONFIRMATIONS, "delta", flow=FLOW, sql=_sql)
