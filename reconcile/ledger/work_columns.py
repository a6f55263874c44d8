"""The columns of work at the end of the discrepancy CSV, for the party's own people.

In: a desk. Out: the table `work` of a DuckDB, and the cells of a row. Called by ledger.export.
"""

import duckdb
from django.db.models import Case, CharField, F, TextField, Value, When
from django.db.models.functions import Coalesce, Replace

from reconcile.domain.work import CLOSED, RAISE_TO, RAISED, TO_DO
from reconcile.feeds.sql import literal
from reconcile.models import WorkItem

from . import bulk
from .actors import Desk
from .safe_csv import safe_sql

WORK_COLUMNS = ("assignee", "work_state", "raised_to", "reference", "note")
READ = {
    "discrepancy_id": "BIGINT",
    "stands": "VARCHAR",
    "person": "VARCHAR",
    "target": "VARCHAR",
    "who": "VARCHAR",
    "reference": "VARCHAR",
    "words": "VARCHAR",
}
WHO = " ".join(f"WHEN {literal(who)} THEN {literal(words)}" for who, words in RAISE_TO.items())
CELLS = f""",
    {safe_sql("work.person")} AS assignee,
    coalesce(work.stands, CASE WHEN rows.state = 'resolved' THEN {literal(CLOSED)} ELSE {literal(TO_DO)} END)
        AS work_state,
    CASE WHEN work.stands = {literal(RAISED)}
         THEN coalesce({safe_sql("work.target")}, CASE work.who {WHO} END) END AS raised_to,
    CASE WHEN work.stands = {literal(RAISED)} THEN nullif({safe_sql("work.reference")}, '') END AS reference,
    nullif({safe_sql("work.words")}, '') AS note"""
"""A note stands on one line."""
JOIN = "LEFT JOIN work ON work.discrepancy_id = rows.id"


def read(con: duckdb.DuckDBPyConnection, desk: Desk) -> None:
    """The table `work`: the party's items."""
    items = WorkItem.objects.filter(party=desk.party).annotate(
        stands=F("state"),
        person=F("assignee__username"),
        target=F("raised__target__name"),
        who=F("raised__who"),
        reference=F("raised__reference"),
        words=one_line(Case(When(said="", then=F("noted__words")), default=F("said"))),
    )
    bulk.read_rows(con, items, READ, "work")


def one_line(text: Case) -> Replace:
    """A text without breaks, as a line of CSV has it."""
    text_or_none = Coalesce(text, Value(""), output_field=TextField())
    unbroken = Replace(text_or_none, Value("\r"), Value(""), output_field=CharField())
    return Replace(unbroken, Value("\n"), Value(" "), output_field=CharField())
