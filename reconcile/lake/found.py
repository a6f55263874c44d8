"""What registration and inventory say of the Meter Points at which a run found something, once more in small files.

In: a run's Inputs and its findings. Out: two files; then Found, out of which lake.point reads one point in a quarter of
the time that the files of the whole market take. Called by ledger.evidence.
"""

from dataclasses import dataclass
from pathlib import Path

from pyarrow import parquet

from reconcile.domain.policy import Policy
from reconcile.domain.tables import TABLES, Table
from reconcile.feeds.sql import literal

from .contract import COVERED, Inputs
from .named import codes, name_inputs
from .store import PARQUET, connected, here, quoted

FLAGS, DEVICES = "found-flags.parquet", "found-devices.parquet"
"""Beside the rows of a run."""
NOT_ASKED = {"full_flags": ("postcode",), "full_devices": ("commissioned", "lead_row", "postcode")}
"""Columns of the inputs that say nothing of how a point is judged; to read one of texts takes as long as all others."""
COLUMNS = {
    name: [column for column in TABLES[table].columns if column not in NOT_ASKED[name]]
    for name, table in (("full_flags", Table.FLAGS), ("full_devices", Table.DEVICES))
}
OF_SMALL_GROUPS = f"{PARQUET}, ROW_GROUP_SIZE 20480"
"""To find one row DuckDB looks at every group and reads one: of so few rows both can be small."""


@dataclass(frozen=True)
class Found:
    """The two files that a run left."""

    flags: Path
    devices: Path

    def sources(self, inputs: Inputs) -> dict[str, str]:
        """Name of an input of the run -> a query of its rows. Raises StoreError."""
        # An extract is told by its network: its place among those of the run is no part of the file.
        places = " ".join(f"WHEN network IN ({codes(one)}) THEN {one.order}" for one in inputs.registration)
        return {
            "full_flags": f"SELECT *, CASE {places} END AS extract_order FROM read_parquet({quoted(self.flags)})",
            "full_devices": f"FROM read_parquet({quoted(self.devices)})",
        }

    def is_whole(self) -> bool:
        """Whether both are as this version of the product writes them. Raises OSError, pa.ArrowException."""
        here(self.flags, self.devices)
        return [parquet.read_schema(path).names for path in (self.flags, self.devices)] == list(COLUMNS.values())


def write(inputs: Inputs, policy: Policy, findings: Path, folder: Path, *, workdir: Path) -> None:
    """Write both into a folder, of every point that `findings` name; it spills to `workdir`. Raises StoreError."""
    with connected(workdir) as con:
        name_inputs(con, inputs, policy, COVERED.empty_table())
        con.execute(f"CREATE TABLE found AS SELECT DISTINCT mpxn FROM read_parquet({quoted(findings)})")
        for (name, columns), file in zip(COLUMNS.items(), (FLAGS, DEVICES), strict=True):
            rows = f"SELECT {', '.join(columns)} FROM {name} SEMI JOIN found USING (mpxn) ORDER BY mpxn"
            con.execute(f"COPY ({rows}) TO {literal(folder / file)} ({OF_SMALL_GROUPS})")
