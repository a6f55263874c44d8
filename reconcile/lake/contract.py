"""What an engine is given and what it gives: Inputs and a Policy in, a Judgement out, whatever the engine is.

Called by the engine, by ledger.inputs, which chooses the Inputs, and by ledger.record, which reads the Judgement.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa


class EngineError(Exception):
    """An engine that is no part of this process cannot be used, or broke off; one plain sentence."""


@dataclass(frozen=True)
class Source:
    """The snapshot of one extract, and the day that it shows.

    `repeats`: lines that another overrides; `unreadable`: the Meter Points of lines that were not loaded; `uncertain`:
    ranges of those that such lines may be about where their number cannot be read; `statuses`: what an update says of
    points besides their flags. Each may be missing.
    """

    rows: Path
    repeats: Path | None
    unreadable: Path | None
    uncertain: Path | None
    statuses: Path | None
    as_of: date


@dataclass(frozen=True)
class Update(Source):
    """A delta: of flags, of devices, responses to flag updates, registered meters. `order` is the order of loading."""

    order: int


@dataclass(frozen=True)
class FullExtract(Update):
    """A full registration extract and the networks (codes) that it speaks for."""

    networks: tuple[str, ...]


class NetworkUpdate(NamedTuple):
    """An update of flags that applies to a network: its order of loading and its date."""

    network: str
    order: int
    as_of: date


@dataclass(frozen=True)
class Inputs:
    """Everything that a run reads. `seen`: points that earlier inventories showed with a live meter.

    `inventories`: every inventory that is kept, full or not, this one among them: between two of them lies a change
    whose date no file gives. `firmware_updates`: plans, in whose hours outages are told falsely.
    `network_updates` is known of a past run, and None before a run has worked it out.
    `silent_after_days`: a meter that was read is silent without a proof of life for longer. `proving`: files of alerts,
    in which those that a device sent itself are proofs too. `changes_until`: alerts of changes of status up to this day
    are read as updates of their devices; None: none are.
    """

    as_of: date
    grace_days: int
    registration: tuple[FullExtract, ...]
    flag_updates: tuple[Update, ...]
    inventory: Source
    inventory_updates: tuple[Update, ...]
    inventories: tuple[Source, ...]
    seen: tuple[Path, ...]
    responses: tuple[Update, ...]
    registered_meters: tuple[Update, ...]
    reads: tuple[Update, ...] = ()
    alerts: tuple[Update, ...] = ()
    proving: tuple[Update, ...] = ()
    dsp_statuses: tuple[Update, ...] = ()
    firmware_updates: tuple[Update, ...] = ()
    silent_after_days: int = 0
    changes_until: date | None = None
    network_updates: tuple[NetworkUpdate, ...] | None = None

    def files(self) -> Iterator[Path]:
        """Every file that there is to read."""
        for part in vars(self).values():
            for one in part if isinstance(part, tuple) else [part]:
                if isinstance(one, Source):
                    yield from (path for path in vars(one).values() if isinstance(path, Path))
                elif isinstance(one, Path):
                    yield one

    @property
    def is_uncertain(self) -> bool:
        """Whether lines were not loaded of which nobody can tell what they are about."""
        return any(source.uncertain for source in self._of_points)

    @property
    def has_unread(self) -> bool:
        """Whether lines about some Meter Point were not loaded, or may have been."""
        return any(source.unreadable or source.uncertain for source in self._of_points)

    @property
    def has_repeats(self) -> bool:
        """Whether an extract or an update tells of a flag twice."""
        return any(source.repeats for source in (*self.registration, *self.flag_updates))

    @property
    def _of_points(self) -> tuple[Source, ...]:
        return (*self.registration, *self.flag_updates, self.inventory, *self.inventory_updates)

    @property
    def tells_of_life(self) -> bool:
        """Whether anything is loaded in which a meter may be heard."""
        return bool(self.reads or self.proving)

    @property
    def inventory_date(self) -> date:
        """The newest day that the inventory side shows."""
        return max(source.as_of for source in (self.inventory, *self.inventory_updates))


FINDINGS = pa.schema(
    {
        "id": pa.int64(),
        "mpxn": pa.int64(),
        "rule": pa.string(),
        "severity": pa.string(),
        "network": pa.string(),
        "supplier": pa.string(),
        "flag": pa.string(),
        "flag_from": pa.date32(),
        "expected": pa.string(),
        "mask": pa.int16(),
        "meters": pa.int32(),
        "latest_status_from": pa.date32(),
        "wrong_since_earliest": pa.date32(),
        "wrong_since_latest": pa.date32(),
        "in_flight": pa.bool_(),
        "undetermined": pa.bool_(),
        "point_status": pa.string(),
        "shows": pa.string(),
        "registered": pa.bool_(),
        "description": pa.string(),
        "commissioned": pa.date32(),
        "postcode_area": pa.string(),
    }.items()
)
"""A broken rule with its evidence; `flag` and `expected` are empty for no flag. One row for each id.

It has been broken since a day between wrong_since_earliest and wrong_since_latest, either of which may be unknown.
Registration holds the point if it is `registered`; `description` (feeds.values.devices) and `commissioned` are its
meter's, of several the live one's or the newest.
"""
POINT_COUNTS = pa.schema(
    {
        "network": pa.string(),
        "supplier": pa.string(),
        "flag": pa.string(),
        "shows": pa.string(),
        "points": pa.int64(),
    }.items()
)
"""Registered points of one kind. There may be several rows of a kind, which add up."""
CELLS = pa.schema(
    {
        "network": pa.string(),
        "supplier": pa.string(),
        "flag": pa.string(),
        "mask": pa.int16(),
        "ever": pa.bool_(),
        "points": pa.int64(),
        "unread": pa.int64(),
    }.items()
)
"""Registered points in each cell of the truth table; `unread`: of so many something was not read. Rows add up."""
LATENESS = pa.schema(
    {
        "network": pa.string(),
        "supplier": pa.string(),
        "days": pa.int32(),
        "followed": pa.bool_(),
        "points": pa.int64(),
    }.items()
)
"""Points whose meters changed in the last LATE_DAYS: `days` until the flag followed, or for which it has not yet."""
LATE_DAYS = 35
EVER = date.min
"""Since when a replay looks: a flag that follows is told on the day that shows it, however late that is."""
KIND_COUNTS = pa.schema(
    {"network": pa.string(), "supplier": pa.string(), "description": pa.string(), "points": pa.int64()}.items()
)
"""Registered points with a smart meter, by what the inventory says of it. Rows of a kind add up, as in POINT_COUNTS."""
PLACE_COUNTS = pa.schema(
    {
        "network": pa.string(),
        "supplier": pa.string(),
        "postcode_area": pa.string(),
        "commissioned_month": pa.int32(),
        "points": pa.int64(),
    }.items()
)
"""Registered points by postcode area and the month in which their meter was commissioned (12 x year + month - 1)."""
CONTRADICTED = pa.schema(
    {
        "mpxn": pa.int64(),
        "rule": pa.string(),
        "sent_at": pa.timestamp("us"),
        "code": pa.string(),
        "device_id": pa.uint64(),
    }.items()
)
"""Points of which an alert since the inventory tells another status: the rule of the truth table that they break by it,
empty for none, and the newest of those alerts."""
MOVES = pa.schema(
    {
        "network": pa.string(),
        "supplier": pa.string(),
        "flag_before": pa.string(),
        "flag": pa.string(),
        "asked": pa.string(),
        "days_late": pa.int32(),
        "points": pa.int64(),
    }.items()
)
"""Points of which something is other than the day before. `asked`: the flag that their meters ask for anew, and
`days_late` those until their flag followed, each null where that is not so. Rows of a kind add up."""
COVERED = pa.schema({"id": pa.int64()}.items())
"""Discrepancies that were open, are no longer found, and about which the run has positive evidence."""


SCHEMAS = {
    "findings": FINDINGS,
    "point_counts": POINT_COUNTS,
    "covered": COVERED,
    "cells": CELLS,
    "lateness": LATENESS,
}
"""The tables of a Judgement."""


@dataclass(frozen=True)
class Judgement:
    """What a run found. `meters` is the number of smart meters associated with Meter Points.

    Raises TypeError where a table is not of its schema.
    """

    findings: pa.Table
    point_counts: pa.Table
    covered: pa.Table
    cells: pa.Table
    lateness: pa.Table
    meters: int
    network_updates: tuple[NetworkUpdate, ...]

    def __post_init__(self) -> None:
        for name, schema in SCHEMAS.items():
            if not getattr(self, name).schema.equals(schema):
                raise TypeError(f"{name} is not of its schema: {getattr(self, name).schema}")
