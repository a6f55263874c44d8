"""The fates of frozen rows, all at once: as they are frozen, and by each run that comes after.

In: a cohort and its rows; a run within its transaction. Out: members, and a move of each that has another fate now.
"""

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from reconcile.domain.cohorts import Fate
from reconcile.feeds.sql import literal
from reconcile.models import Cohort, Discrepancy, Party, Run

from . import gravity
from .changing import lock

MENDED, OPEN, WORSE, ABSENT = map(literal, Fate)
GONE = (
    f"WHEN d.resolved_on IS NOT NULL AND NOT d.unfounded THEN {MENDED} "
    f"WHEN d.resolved_on IS NOT NULL OR d.last_seen IS NOT NULL THEN {ABSENT}"
)
AT_FIRST = f"CASE {GONE} ELSE {OPEN} END"
"""The fate of a discrepancy `d` as it is frozen."""
NOW = f"CASE {GONE} WHEN m.came_back OR m.fate = {MENDED} OR m.gravity > {gravity.SQL} THEN {WORSE} ELSE {OPEN} END"
"""The fate (domain.cohorts) of a member `m` by its discrepancy `d`, as the newest run left it."""


def write_members(cohort: Cohort, rows: QuerySet[Discrepancy]) -> int:
    """Make rows the members of a cohort; gives how many there are."""
    try:
        sql, values = rows.values_list("pk").query.sql_with_params()
    except EmptyResultSet:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO reconcile_cohortmember (cohort_id, discrepancy_id, gravity, came_back, at_first, fate) "
            f"SELECT %s, d.id, {gravity.SQL}, d.id IS NULL, {AT_FIRST}, {AT_FIRST} FROM reconcile_discrepancy d "
            f"WHERE d.id IN ({sql})",
            (cohort.pk, *values),
        )
        return int(cursor.rowcount)


def follow_cohorts(run: Run) -> None:
    """What has become of every member by a run that has just changed the ledger."""
    # Whoever freezes rows at this moment has done so before the run, or is told that there is another.
    lock(list(Party.objects.values_list("pk", flat=True)))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO reconcile_cohortmove (cohort_id, discrepancy_id, run_id, before, after) "
            f"SELECT m.cohort_id, m.discrepancy_id, %s, m.fate, {NOW} FROM reconcile_cohortmember m "
            f"JOIN reconcile_discrepancy d ON d.id = m.discrepancy_id WHERE m.fate <> {NOW}",
            (run.pk,),
        )
        cursor.execute(
            "UPDATE reconcile_cohortmember SET fate = v.after, "
            f"came_back = came_back OR (v.before = {MENDED} AND v.after = {WORSE}) "
            "FROM reconcile_cohortmove v WHERE v.run_id = %s AND v.cohort_id = reconcile_cohortmember.cohort_id "
            "AND v.discrepancy_id = reconcile_cohortmember.discrepancy_id",
            (run.pk,),
        )
