"""What labels are judged by: a CSV of classes, or the human headings of the OpenI reports."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

from chestx.errors import ChestxError
from chestx.labeler.evaluation.state_table import (
    NEGATED,
    PRESENT,
    StateTable,
    make_table,
    read_table,
)
from chestx.labeler.readers.openi import Mesh, read_mesh
from chestx.labeler.readers.sources import ARCHIVES
from chestx.labeler.toml_file import RULES, read_toml

Variant = Literal["standard", "paper"]


@dataclass(frozen=True)
class Gold:
    """A table of true states; `left_out` counts the reports that the gold does not judge."""

    table: StateTable
    left_out: int = 0


def is_openi(path: Path) -> bool:
    """Tell the archive or folder of OpenI's XML files from a CSV by its name."""
    return path.is_dir() or path.name.lower().endswith((*ARCHIVES, ".xml"))


def read_gold(path: Path, *, variant: Variant = "standard") -> Gold:
    """Read a CSV, or the archive or folder of OpenI; `variant` matters to OpenI only."""
    if not is_openi(path):
        return Gold(read_table(path, "the gold"))
    return openi_gold(read_mesh([path]), variant=variant)


def openi_gold(reports: Iterable[Mesh], *, variant: Variant = "standard") -> Gold:
    """Turn the headings of the reports that come with a film into classes.

    `standard` is Table 1 of Wang et al. 2017, `paper` what their Table 18 was scored against:
    it counts `Hernia, Hiatal` and more kinds of emphysema and fibrosis.
    """
    patterns = heading_patterns(variant)
    labels: dict[str, dict[str, int]] = {}
    left_out = 0
    for report in reports:
        if report.has_image:
            found = set(_classes(report.majors, patterns))
            labels[report.id] = {c: PRESENT if c in found else NEGATED for c in patterns}
        else:
            left_out += 1
    if not labels:
        raise ChestxError("the gold holds no OpenI report with a film: give NLMCXR_reports.tgz")
    return Gold(make_table(labels, tuple(patterns)), left_out)


def heading_patterns(variant: Variant) -> dict[str, list[str]]:
    """Return the headings that each class stands for, in the order of the published list."""
    tables = read_toml(RULES / "gold" / "openi.toml")
    patterns: dict[str, list[str]] = dict(tables["standard"])
    if variant == "paper":
        patterns.update(tables["paper"])
    return patterns


def _classes(majors: Iterable[str], patterns: Mapping[str, list[str]]) -> Iterator[str]:
    heads = [major.partition("/")[0].strip() for major in majors]
    for name, headings in patterns.items():
        if any(fnmatchcase(head, pattern) for head in heads for pattern in headings):
            yield name
