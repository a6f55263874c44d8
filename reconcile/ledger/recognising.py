"""Which headings a file is read by: those that a person says, that were kept, or that a format knows; else it is held.

In: an Intake and what was asked. Out: Begun. Raises BadFile, Held. Called by ledger.loading.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path, PurePath
from typing import Any

import duckdb
from django.conf import settings

from reconcile.feeds import (
    BadFile,
    ColumnMap,
    Intake,
    NotRecognised,
    Proposal,
    Reading,
    as_toml,
    begin,
    fitting,
    listed,
    missed,
    propose,
    told_headings,
)
from reconcile.models import Extract

from . import columns, uploads
from .coverages import LoadError
from .guards import Guard, Held

LONGEST_VALUE = 60


@dataclass(frozen=True)
class Begun:
    """A Reading, and what was said of its headings; where nobody said anything, `missed` are columns that an optional
    meaning was not found in and may stand in: meaning -> heading.
    """

    reading: Reading
    said: ColumnMap | None = None
    missed: dict[str, str] = field(default_factory=dict)

    @property
    def guard(self) -> Guard | None:
        """Holds a file of which a column that counts would be passed over because of its heading."""
        if not self.missed:
            return None
        named = ", ".join(f"'{heading}' looks like {meaning}" for meaning, heading in self.missed.items())
        words = (
            f"{named}, and would be passed over. Say what the headings mean, on the page of this job or with "
            "--columns; or let it pass without."
        )
        return Guard("headings", len(self.missed), 0, words)


def begun(
    con: duckdb.DuckDBPyConnection, intake: Intake, kind: str | None, workdir: Path, said: ColumnMap | None
) -> Begun:
    """Begin to read a file by what a person `said` of its headings, or was said of others like it, or as it is."""
    said = said or _said_before(intake, kind, workdir)
    if said:
        reading = begin(con, intake, kind, workdir, said)
        return Begun(reading, said if said.headings else replace(said, headings=_all_headings(reading)))
    try:
        reading = begin(con, intake, kind, workdir)
    except NotRecognised as problem:
        found = _proposal(con, intake, kind, workdir)
        if found is None or not found.is_worth_asking:
            raise
        raise _held(found, intake) from problem
    return Begun(reading, missed=missed(con, intake, reading))


def _all_headings(reading: Reading) -> tuple[str, ...]:
    """By which the next file of the same shape is known."""
    return told_headings((*reading.columns.found.values(), *reading.columns.ignored))


def _said_before(intake: Intake, kind: str | None, workdir: Path) -> ColumnMap | None:
    """What the same bytes were read by, else what was kept and fits the headings. Raises BadFile where two do."""
    same = Extract.objects.filter(sha256=intake.sha256, report__has_key="read_by").order_by("-pk").first()
    if same and same.report["read_by"]:
        told = same.report["read_by"]
        return ColumnMap(told["kind"], told["columns"], told["values"], name=told["name"])
    kept = [columns.said_by(one) for one in columns.current() if kind in {None, one.kind}]
    fits = fitting(intake, kept, workdir)
    if len(fits) > 1:
        names = " and ".join(f"'{one.name}'" for one in fits)
        raise BadFile(f"The kept headings {names} fit the file alike and differ. Say which: --columns NAME.")
    return fits[0] if fits else None


def refuse_other_columns(standing: Extract, said: ColumnMap | None) -> None:
    """Raises LoadError where bytes that are an extract already are asked to be read by other columns."""
    told = standing.report.get("read_by") or {}
    if said and (said.columns, said.words) != (told.get("columns"), told.get("values")):
        how = f"the columns '{told['name']}'" if told else "the headings that we know"
        raise LoadError(
            f"These bytes are extract {standing.pk} already, read by {how}. Loading them again does not change it. "
            "To have them read otherwise withdraw it, and load the file with a blank line added at its end."
        )


def asked_of(con: duckdb.DuckDBPyConnection, intake: Intake, kind: str | None, workdir: Path) -> dict[str, Any]:
    """What a person needs to say what the headings mean, where they can be guessed at all; as a job's result."""
    found = _proposal(con, intake, kind, workdir)
    return _asks(found, intake) if found else {}


def _proposal(con: duckdb.DuckDBPyConnection, intake: Intake, kind: str | None, workdir: Path) -> Proposal | None:
    found = propose(con, intake, kind, workdir)
    return found[0] if found else None


def _held(found: Proposal, intake: Intake) -> Held:
    asks = _asks(found, intake)
    unknown = f" Nothing looks like {found.missing[0]}." if found.missing else ""
    words = (
        f"The headings are not recognised: {listed(found.said.headings)}. They look like those of the kind "
        f"{found.said.kind}: {_guesses(found)}.{unknown} A guess is not used before a person has looked at it. Say "
        "what the headings mean on the page of this job, or with --columns."
    )
    told = {"warnings": intake.warnings, **_columns(found), "kept_without": {}}
    return Held([], words, {**told, **asks})


def _guesses(found: Proposal) -> str:
    named = (f"{meaning} may be '{found.said.columns[meaning]}' ({why})" for meaning, why in found.why.items())
    return "; ".join(named) or "every column that is needed but one is there"


def _columns(found: Proposal) -> dict[str, Any]:
    """Only what we know by itself counts as found: a guess is none."""
    told = {meaning: one for meaning, one in found.said.columns.items() if one and meaning not in found.why}
    return {
        "found": told,
        "not_found": [meaning for meaning in found.said.columns if meaning not in told],
        "ignored": [one for one in found.said.headings if one not in told.values()],
    }


def _asks(found: Proposal, intake: Intake) -> dict[str, Any]:
    """The proposal as TOML, in a file too, and the columns with some values. How the file begins is kept aside."""
    toml = as_toml(replace(found.said, name=columns.free_name(PurePath(intake.name).stem)))
    path = settings.VAR_DIR / "proposals" / f"{intake.sha256[:16]}.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(toml, encoding="utf-8")
    beginning = uploads.new_place()
    beginning.write_text(found.text, encoding="utf-8")
    kept = uploads.keep(beginning)
    return {
        "proposal": toml,
        "proposal_file": str(path.relative_to(settings.VAR_DIR)),
        "why": found.why,
        "headings": [asdict(replace(one, values=_short(one.values))) for one in found.columns],
        "beginning": {"path": kept, "whole": found.whole},
    }


def _short(values: Sequence[str]) -> list[str]:
    return [value if len(value) <= LONGEST_VALUE else value[:LONGEST_VALUE] + "..." for value in values]
