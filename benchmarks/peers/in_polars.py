"""The peer that counts mismatches with Polars' streaming engine.

In: the folder of a day. Out: see common. Run as a process of .venv-bench; its frames also serve in_datacompy.
"""

import sys
from pathlib import Path

import polars as pl

from .common import FIRST_MPAN, METERS, Stages, sources


def flags(files: dict[str, Path]) -> pl.LazyFrame:
    """mpxn, flag ('-' for none), since; a line each."""
    electricity = _csv(files["electricity"], {"mpan_core": pl.Int64}).select(
        mpxn="mpan_core",
        flag=pl.col("dcc_service_flag").fill_null("-"),
        since=_date("dcc_service_flag_efd", "%Y-%m-%d"),
    )
    gas = _csv(files["gas"], {"MPRN": pl.Int64}).select(
        mpxn="MPRN", flag=pl.col("DCC Service Flag").fill_null("-"), since=_date("DCC Service Flag EFD", "%d/%m/%Y")
    )
    return pl.concat([electricity, gas])


def masks(files: dict[str, Path]) -> pl.LazyFrame:
    """mpxn, mask: the statuses of the meters of a point as bits."""
    statuses = pl.scan_csv(files["statuses"], schema={"status": pl.String, "bit": pl.Int16})
    fuel = pl.when(pl.col("mpxn") >= FIRST_MPAN).then(pl.lit("ESME")).otherwise(pl.lit("GSME"))
    return (
        _csv(files["smi"], dict.fromkeys(METERS, pl.Int64))
        .select("DeviceType", "DeviceStatus", mpxn=pl.concat_list(METERS))
        .explode("mpxn", empty_as_null=True)
        .filter(pl.col("mpxn").is_not_null() & (pl.col("DeviceType") == fuel))
        .join(statuses, left_on="DeviceStatus", right_on="status")
        .group_by("mpxn")
        .agg(mask=pl.col("bit").bitwise_or())
    )


def policy(files: dict[str, Path]) -> pl.LazyFrame:
    """The truth table: flag, mask, rule ('-' for none), expected."""
    text = pl.String
    return pl.scan_csv(files["policy"], schema={"flag": text, "mask": pl.Int16, "rule": text, "expected": text})


def _csv(path: Path, numbers: dict[str, pl.DataType]) -> pl.LazyFrame:
    return pl.scan_csv(path, infer_schema=False, schema_overrides=numbers)


def _date(column: str, form: str) -> pl.Expr:
    return pl.col(column).str.to_date(form)


def main(folder: Path) -> None:
    """Count."""
    files, stages = sources(folder), Stages()
    with stages.timing("read and judge"):
        judged = (
            flags(files)
            .join(masks(files), on="mpxn", how="full", coalesce=True)
            .with_columns(pl.col("mask").fill_null(0))
            .join(policy(files), on=["flag", "mask"], how="left")
        )
        smi_only = pl.col("flag").is_null() & (pl.col("mpxn") >= FIRST_MPAN)
        rule = pl.when(pl.col("flag").is_null()).then(pl.lit("SMI_ONLY")).otherwise(pl.col("rule"))
        wrong = (
            judged.filter(smi_only | (pl.col("rule") != "-"))
            .select("mpxn", "flag", "since", rule=rule)
            .collect(engine="streaming")
        )
    with stages.timing("repeated lines"):
        again = flags(files).join(wrong.lazy().select("mpxn"), on="mpxn", how="semi")
        # Where a point has two lines the later date counts, on one date A before I before N.
        lines = again.collect(engine="streaming").sort("since", "flag", descending=[False, True])
        newest = lines.unique("mpxn", keep="last", maintain_order=True)
        counted = wrong.join(newest, on=["mpxn", "flag", "since"], how="semi", nulls_equal=True).unique("mpxn")
        counted = pl.concat([counted, wrong.filter(pl.col("rule") == "SMI_ONLY")])
        answers = dict(counted.group_by("rule").len().iter_rows())
    stages.report(answers, f"Polars {pl.__version__}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
