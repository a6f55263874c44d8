"""The peer that lets datacompy compare two frames: the flag that stands, and the flag that the meters ask for.

In: the folder of a day. Out: see common; the answer is a total. Run as a process of .venv-bench.
"""

import sys
from pathlib import Path

import datacompy
import polars as pl

from .common import Stages, sources
from .in_polars import flags, masks, policy


def main(folder: Path) -> None:
    """Count."""
    files, stages = sources(folder), Stages()
    with stages.timing("read"):
        found = flags(files).collect(engine="streaming")
        repeated = found.filter(pl.col("mpxn").is_duplicated()).sort("since", "flag", descending=[False, True])
        repeated = repeated.unique("mpxn", keep="last", maintain_order=True)
        found = pl.concat([found.join(repeated, on="mpxn", how="anti"), repeated])
        expected = (
            found.lazy()
            .join(masks(files), on="mpxn", how="left")
            .with_columns(pl.col("mask").fill_null(0))
            .join(policy(files), on=["flag", "mask"])
            .select("mpxn", flag="expected")
            .collect(engine="streaming")
        )
    with stages.timing("compare"):
        compared = datacompy.PolarsCompare(found.select("mpxn", "flag"), expected, join_columns="mpxn")
        differ = compared.intersect_rows.height - compared.count_matching_rows()
    stages.report({"total": differ}, f"datacompy {datacompy.__version__}, Polars {pl.__version__}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
