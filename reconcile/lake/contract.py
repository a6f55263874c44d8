"""What an engine is given and what it gives: Inputs and a Policy in, a Judgement out, whatever the engine is.

Called by the engine, by ledger.inputs, which chooses the Inputs, and by ledger.record, which reads the Judgement.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa


@dataclass(frozen=True)
class FullExtract:
    """A full registration extract and the networks (codes) that it speaks for. `order` is the order of loading."""

    rows: Path
    repeats: Path | None
    networks: tuple[str, ...]
    as_of: date
    order: int


@dataclass(frozen=True)
class Update:
    """A delta: of flags, of devices, or responses to flag updates."""

    rows: Path
    repeats: Path | None
    as_of: date
    order: int


class NetworkUpdate(NamedTuple):
    """An update of flags that applies to a network: its order of loading and its date."""

    network: str
    order: int
    as_of: date


@dataclass(frozen=True)
class Inputs:
    """Everything that a run reads. `seen`: points that earlier inventories showed with a live meter.

    `network_updates` is known of a past run, and None before a run has worked it out.
    """

    as_of: date
    grace_days: int
    registration: tuple[FullExtract, ...]
    flag_updates: tuple[Update, ...]
    inventory: Path
    inventory_updates: tuple[Update, ...]
    seen: tuple[Path, ...]
    responses: tuple[Update, ...]
    network_updates: tuple[NetworkUpdate, ...] | None = None


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
        "in_flight": pa.bool_(),
        "shows": pa.string(),
    }.items()
)
"""A broken rule with its evidence; `flag` and `expected` are empty for no flag. One row for each id."""
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
COVERED = pa.schema({"id": pa.int64()}.items())
"""Discrepancies that were open, are no longer found, and about which the run has positive evidence."""


@dataclass(frozen=True)
class Judgement:
    """What a run found. `meters` is the number of smart meters associated with Meter Points.

    Raises TypeError where a table is not of its schema.
    """

    findings: pa.Table
    point_counts: pa.Table
    covered: pa.Table
    meters: int
    network_updates: tuple[NetworkUpdate, ...]

    def __post_init__(self) -> None:
        for name, schema in (("findings", FINDINGS), ("point_counts", POINT_COUNTS), ("covered", COVERED)):
            if not getattr(self, name).schema.equals(schema):
                raise TypeError(f"{name} is not of its schema: {getattr(self, name).schema}")
