"""The peer that counts mismatches with pandas, in memory.

In: the folder of a day. Out: see common. Run as a process of .venv-bench.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from .common import FIRST_MPAN, METERS, Stages, sources

FILES = {
    "electricity": (["mpan_core", "dcc_service_flag", "dcc_service_flag_efd"], "%Y-%m-%d"),
    "gas": (["MPRN", "DCC Service Flag", "DCC Service Flag EFD"], "%d/%m/%Y"),
}


def flags(files: dict[str, Path]) -> pd.DataFrame:
    """mpxn, flag ('-' for none), since; one row a point: the line with the later date, A before I before N."""
    parts = []
    for fuel, (columns, form) in FILES.items():
        part = pd.read_csv(files[fuel], usecols=columns, engine="pyarrow")[columns]
        part.columns = ["mpxn", "flag", "since"]
        part["since"] = pd.to_datetime(part["since"], format=form)
        parts.append(part)
    found = pd.concat(parts, ignore_index=True)
    found["flag"] = found["flag"].fillna("-")
    repeated = found[found["mpxn"].duplicated(keep=False)]
    repeated = repeated.sort_values(["since", "flag"], ascending=[True, False], na_position="first")
    return pd.concat([found.drop(repeated.index), repeated.drop_duplicates("mpxn", keep="last")])


def masks(files: dict[str, Path]) -> pd.DataFrame:
    """mpxn, mask: the statuses of the meters of a point as bits."""
    smi = pd.read_csv(files["smi"], usecols=["DeviceType", "DeviceStatus", *METERS], engine="pyarrow")
    bits = pd.read_csv(files["statuses"]).set_index("status")["bit"]
    smi["bit"] = smi["DeviceStatus"].map(bits)
    rows = pd.concat([smi[[name, "DeviceType", "bit"]].dropna().rename(columns={name: "mpxn"}) for name in METERS])
    # Thirteen digits are whole in a float.
    rows["mpxn"] = rows["mpxn"].astype("int64")
    rows = rows[(rows["DeviceType"] == "ESME") == (rows["mpxn"] >= FIRST_MPAN)].sort_values("mpxn")
    points, starts = np.unique(rows["mpxn"].to_numpy(), return_index=True)
    return pd.DataFrame({"mpxn": points, "mask": np.bitwise_or.reduceat(rows["bit"].to_numpy("int16"), starts)})


def main(folder: Path) -> None:
    """Count."""
    files, stages = sources(folder), Stages()
    with stages.timing("read"):
        found, meters = flags(files), masks(files)
    with stages.timing("judge"):
        judged = found.merge(meters, on="mpxn", how="outer")
        judged["mask"] = judged["mask"].fillna(0).astype("int16")
        judged = judged.merge(pd.read_csv(files["policy"]), on=["flag", "mask"], how="left")
        smi_only = judged["flag"].isna() & (judged["mpxn"] >= FIRST_MPAN)
        answers = judged.loc[judged["rule"].notna() & (judged["rule"] != "-"), "rule"].value_counts().to_dict()
    stages.report(answers | {"SMI_ONLY": int(smi_only.sum())}, f"pandas {pd.__version__}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
