"""What became of what was sent: answers matched to file and line, and what registration shows by now.

In: answers that are loaded, the newest run. Out: the lines of the record, changed; work that comes back. Called by
ledger.work after a load of answers and after a run. Doing it again changes nothing.
"""

import logging
from datetime import datetime

import duckdb
import pyarrow as pa
from django.db import transaction
from django.db.models import QuerySet

from reconcile.domain.corrections import ACCEPTED, REJECTED
from reconcile.domain.days import today
from reconcile.domain.policies import policy_named
from reconcile.domain.tables import Table
from reconcile.feeds.sql import literal
from reconcile.lake import store
from reconcile.lake.looking import registered_flags
from reconcile.models import CorrectionFile, CorrectionLine, Extract, Run

from .. import bulk, working
from ..inputs import data_order, latest_run, of_run, readable

logger = logging.getLogger(__name__)
LINES = {
    "id": "BIGINT",
    "file_id": "BIGINT",
    "file__identifier": "VARCHAR",
    "file__correction__made_at": "TIMESTAMP",
    "mpxn": "BIGINT",
    "flag": "VARCHAR",
    "flag_from": "DATE",
    "outcome": "VARCHAR",
    "reason": "VARCHAR",
    "answered_on": "DATE",
    "answered_by": "BIGINT",
}
AT_ONCE = 1_000
"""So many Meter Points are asked about in one question."""
NO_RESPONSES = (
    "SELECT 0::BIGINT AS mpxn, '' AS outcome, '' AS flag, NULL::DATE AS flag_from, 0::BIGINT AS line, '' AS reason, "
    "NULL::DATE AS as_of, 0 AS place, 0::BIGINT AS extract WHERE false"
)
NO_CONFIRMATIONS = (
    "SELECT '' AS file, 0::BIGINT AS accepted, 0::BIGINT AS rejected, NULL::DATE AS as_of, 0 AS place, "
    "0::BIGINT AS extract WHERE false"
)


def follow(*, now: datetime, answers: int | None = None) -> dict[str, int]:
    """Bring the record in line with the answers and with the newest run; gives how many lines changed by each.

    `answers`: the extract of answers that has just been loaded: then only the files that it speaks of are looked at.
    """
    if not CorrectionLine.objects.exists():
        return {}
    if answers is None:
        found = {"answered": _answered(None), "shown": _shown()}
    else:
        found = {"answered": _answered(files_of_answers(Extract.objects.get(pk=answers)))}
    working.follow_sent(today=today(now), now=now)
    return found


def brought_up_to_date(*, now: datetime, answers: int | None = None) -> dict[str, int]:
    """As `follow`, where nothing may fail for it: what was loaded or published stands, and the next time does it."""
    try:
        return follow(now=now, answers=answers)
    except (duckdb.Error, OSError):
        logger.exception("What was sent could not be brought up to date")
        return {}


def files_of_answers(extract: Extract) -> set[int]:
    """The files that were sent of which an extract of answers speaks: by a Meter Point of theirs, or by their name."""
    column = "mpxn" if extract.table == Table.RESPONSES else "file"
    rows = store.quoted(store.kept(extract, store.ROWS))
    with store.asking() as con:
        told = [one for (one,) in con.execute(f"SELECT DISTINCT {column} FROM read_parquet({rows})").fetchall()]
    lines = CorrectionLine.objects.order_by()
    if extract.table != Table.RESPONSES:
        return set(CorrectionFile.objects.filter(identifier__in=told).values_list("pk", flat=True))
    parts = (told[start : start + AT_ONCE] for start in range(0, len(told), AT_ONCE))
    return {file for part in parts for file in lines.filter(mpxn__in=part).values_list("file", flat=True).distinct()}


def _answered(files: set[int] | None) -> int:
    """Match the lines of some files, or of all. Other lines for their Meter Points are read too: one may be newer."""
    lines, only = CorrectionLine.objects.all(), "true"
    if files is not None:
        lines = lines.filter(mpxn__in=lines.filter(file__in=files).values("mpxn"))
        only = f"sent.file_id IN ({', '.join(map(str, sorted(files))) or 'NULL'})"
    with store.scratch() as folder, store.connected(folder) as con:
        bulk.read_rows(con, lines, LINES, "sent")
        told = f"SELECT *, row_number() OVER () AS told FROM ({_told(Table.RESPONSES, NO_RESPONSES)})"
        con.execute(f"CREATE TABLE responses AS {told}")
        con.execute(f"CREATE VIEW confirmations AS {_told(Table.CONFIRMATIONS, NO_CONFIRMATIONS)}")
        withdrawn = Extract.objects.filter(withdrawn_at__isnull=False).values_list("pk", flat=True)
        con.register("withdrawn", pa.table({"extract": pa.array(list(withdrawn), pa.int64())}))
        con.execute(ANSWERS)
        with transaction.atomic():
            return bulk.update(con, CHANGED.format(only=only), "reconcile_correctionline", COLUMNS)


def _told(table: Table, nothing: str) -> str:
    """The rows of every answer that is loaded, with its day, its place among them and its extract."""
    extracts = list(readable().filter(table=table, thinned_at=None))
    places = data_order(extracts)
    parts = [
        f"SELECT *, DATE {literal(f'{one.as_of}')} AS as_of, {places[one.pk]} AS place, {one.pk}::BIGINT AS extract "
        f"FROM read_parquet({store.quoted(store.kept(one, store.ROWS))})"
        for one in extracts
    ]
    return " UNION ALL BY NAME ".join(f"({part})" for part in [nothing, *parts])


ANSWERS = f"""
    CREATE TABLE found AS
    WITH of_line AS (
        -- An answer is about the newest line that was sent for its Meter Point by then, and asks for what it says.
        SELECT told, max(sent.id) AS id
        FROM responses
        JOIN sent ON sent.mpxn = responses.mpxn AND sent.file__correction__made_at::DATE <= responses.as_of
            AND (responses.flag IS NULL OR responses.flag = sent.flag)
            AND (responses.flag_from IS NULL OR responses.flag_from = sent.flag_from)
        GROUP BY told
    ),
    responded AS (
        SELECT id, arg_max(responses, (place, line)) AS newest
        FROM of_line JOIN responses USING (told)
        GROUP BY id
    ),
    answers AS (
        SELECT id, if(newest.outcome = 'RJ', {literal(REJECTED)}, {literal(ACCEPTED)}) AS outcome,
            coalesce(newest.reason, '') AS reason, newest.as_of AS answered_on, newest.extract AS answered_by
        FROM responded
    ),
    files AS (
        SELECT file_id, any_value(file__identifier) AS file, min(file__correction__made_at)::DATE AS made_on,
            count(*) FILTER (WHERE answers.outcome = {literal(REJECTED)}) AS rejected, count(*) AS rows
        FROM sent LEFT JOIN answers USING (id) GROUP BY file_id
    ),
    confirmed AS (
        -- The rest of a file was accepted, where as many were rejected as are known to have been.
        SELECT file_id, arg_max(as_of, place) AS answered_on, arg_max(extract, place) AS answered_by
        FROM files JOIN confirmations USING (file)
        WHERE as_of >= made_on
        GROUP BY file_id
        HAVING arg_max(confirmations.rejected, place) = any_value(files.rejected)
            AND arg_max(confirmations.accepted, place) + any_value(files.rejected) = any_value(rows)
    )
    SELECT sent.id, coalesce(answers.outcome, if(confirmed.file_id IS NULL, NULL, {literal(ACCEPTED)})) AS outcome,
        coalesce(answers.reason, '') AS reason,
        coalesce(answers.answered_on, confirmed.answered_on) AS answered_on,
        coalesce(answers.answered_by, confirmed.answered_by) AS answered_by
    FROM sent LEFT JOIN answers USING (id) LEFT JOIN confirmed USING (file_id)
"""
COLUMNS = ("id", "outcome", "reason", "answered_on", "answered_by")
CHANGED = """
    SELECT found.id, coalesce(found.outcome, '') AS outcome, found.reason, found.answered_on::VARCHAR, found.answered_by
    FROM found JOIN sent USING (id)
    WHERE {only}
        AND (coalesce(found.outcome, ''), found.reason, found.answered_by)
            IS DISTINCT FROM (sent.outcome, sent.reason, sent.answered_by)
        -- What said so may have been thinned away; only its withdrawal takes an answer back.
        AND (found.outcome IS NOT NULL OR sent.answered_by IN (SELECT extract FROM withdrawn))
    ORDER BY found.id
"""


def _shown() -> int:
    """Note since which run registration shows what was asked for."""
    run = latest_run()
    waiting = CorrectionLine.objects.filter(shown_on=None)
    if run is None or run.thinned_at or not waiting.exists():
        return 0
    points = sorted(set(waiting.filter(file__correction__made_at__date__lte=run.as_of).values_list("mpxn", flat=True)))
    if not points:
        return 0
    try:
        flags = registered_flags(of_run(run).inputs, policy_named(run.policy), points)
    except duckdb.Error:
        # What a run read may have been thinned; a later run tells.
        return 0
    return _note_shown(waiting, flags, run)


def _note_shown(waiting: QuerySet[CorrectionLine], flags: dict[int, str], run: Run) -> int:
    held = {"mpxn": pa.array(list(flags), pa.int64()), "flag": pa.array(list(flags.values()), pa.string())}
    sent_by_then = waiting.filter(file__correction__made_at__date__lte=run.as_of)
    with store.scratch() as folder, store.connected(folder) as con:
        bulk.read_rows(con, sent_by_then, {name: LINES[name] for name in ("id", "mpxn", "flag")}, "waiting")
        con.register("held", pa.table(held))
        shown = f"SELECT id, '{run.as_of}' AS shown_on FROM waiting JOIN held USING (mpxn, flag) ORDER BY id"
        with transaction.atomic():
            return bulk.update(con, shown, "reconcile_correctionline", ("id", "shown_on"))
