"""Reads NIH's two tables into tidy columns: as they were published, or as chestx writes them."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from chestx.dataset.nih.columns import BOX_HEADER, BOX_SYNONYMS, ENTRY_HEADER
from chestx.errors import ChestxError

ENTRY_COLUMNS = {
    "image": "str",
    "finding_labels": "str",
    "follow_up": "Int32",
    "patient": "Int64",
    "age": "str",
    "sex": "str",
    "view": "str",
    "width": "Int32",
    "height": "Int32",
    "spacing_x": "float64",
    "spacing_y": "float64",
}
BOX_COLUMNS = {
    "image": "str",
    "label": "str",
    "x": "float64",
    "y": "float64",
    "width": "float64",
    "height": "float64",
}
REQUIRED = ("image", "finding_labels", "follow_up", "patient", "width", "height")
OLDEST = 120
"""In years; the table of 2017 has ages up to 414, which are slips of the pen."""

_AGE = re.compile(r"0*(\d+)([YMWD]?)")
_PER_YEAR = {"Y": 1, "": 1, "M": 12, "W": 52, "D": 365}


def read_entries(path: Path) -> pd.DataFrame:
    """Return a row per image with the columns `image, finding_labels, follow_up, patient, age,
    sex, view, width, height, spacing_x, spacing_y`.

    `age` is in whole years ("058Y" and 58 alike; months and days are parts of a year), `width` and
    `height` are those of the original film in pixels, spacings are in mm. Unknown ages are `<NA>`,
    unknown spacings NaN, unknown sexes and views empty. Raise `ChestxError` for another table.
    """  # fmt: skip
    table = _read(path, ENTRY_HEADER, ENTRY_COLUMNS)
    text = ["image", "finding_labels", "sex", "view", "age"]
    if table[list(REQUIRED)].isna().to_numpy().any() or (table["image"].str.strip() == "").any():
        raise ChestxError(f"'{path}' has rows with empty cells: it is damaged, get it again")
    table[text] = table[text].fillna("")
    table["age"] = _years(table["age"])
    whole = {"follow_up": "int32", "patient": "int64", "width": "int32", "height": "int32"}
    table = table.astype(whole)
    if table["image"].duplicated().any():
        raise ChestxError(f"'{path}' names an image twice: it is damaged, get it again")
    return table


def read_boxes(path: Path) -> pd.DataFrame:
    """Return a row per box with the columns `image, label, x, y, width, height`.

    Coordinates are as in the file: in NIH's, pixels of its images of 1024 x 1024; in ours, pixels
    of our images. `Infiltrate` becomes Infiltration. Raise `ChestxError` for another table.
    """
    table = _read(path, BOX_HEADER[:6], BOX_COLUMNS)
    if table.isna().to_numpy().any():
        raise ChestxError(f"'{path}' has rows with empty cells: it is damaged, get it again")
    table["label"] = table["label"].replace(BOX_SYNONYMS)
    return table


def no_boxes() -> pd.DataFrame:
    """Return a table of boxes without rows."""
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in BOX_COLUMNS.items()})


def _read(path: Path, header: Sequence[str], columns: dict[str, str]) -> pd.DataFrame:
    kind = {name: "str" if name == "age" else dtype for name, dtype in columns.items()}
    try:
        found = pd.read_csv(path, header=None, nrows=1, dtype="str", keep_default_na=False)
        if tuple(found.iloc[0])[: len(header)] != tuple(header):
            raise ChestxError(
                f"'{path}' has other columns than NIH's table: the first line must begin with "
                f"{','.join(header[:2])}"
            )
        return pd.read_csv(
            path,
            header=None,
            skiprows=1,
            names=list(columns),
            usecols=range(len(columns)),
            index_col=False,
            dtype=kind,
            keep_default_na=False,
            na_values={n: [""] for n in columns},
            encoding="utf-8-sig",
        )
    except (OSError, EOFError, UnicodeDecodeError, ValueError) as error:
        # pandas' own errors are ValueErrors, and quote the file.
        raise ChestxError(
            f"'{path}' cannot be read as NIH's table ({type(error).__name__}): get it again"
        ) from error


def _years(ages: "pd.Series[str]") -> "pd.Series[int]":
    codes, found = pd.factorize(ages)
    years = pd.array([_year(age) for age in found], dtype="Int16")
    return pd.Series(years.take(np.asarray(codes)), index=ages.index)


def _year(age: str) -> int | None:
    match = _AGE.fullmatch(age.strip().removesuffix(".0"))
    if match is None:
        return None
    years = int(match[1]) // _PER_YEAR[match[2]]
    return years if years <= OLDEST else None
