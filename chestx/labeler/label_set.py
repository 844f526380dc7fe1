"""Label sets: the columns of the output and the findings that each stands for."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from chestx.errors import ChestxError
from chestx.labeler.assertion.rules import load_rules
from chestx.labeler.concepts.lexicon import Concept, read_concepts, shipped_concepts
from chestx.labeler.report import Certainty, Status
from chestx.labeler.toml_file import RULES, check_keys, read_toml, string, strings

Sections = Literal["all", "impression-first"]


@dataclass(frozen=True)
class LabelSet:
    """`classes` maps a column to finding ids; `present` says which hedges count as present.

    Its members are grades of certainty and ids of rules, for a rule that the set judges otherwise
    than by its grade; all other hedges are uncertain. `text` is the file as it stands.
    """

    name: str
    text: str
    classes: dict[str, tuple[str, ...]]
    sections: Sections
    present: frozenset[str]
    no_finding: str = ""
    not_a_disease: frozenset[str] = frozenset()
    findings: tuple[Concept, ...] = ()

    def status(self, status: Status, certainty: Certainty, rule: str) -> Status:
        """Return what a mention amounts to in this set: hedges become present or uncertain."""
        if status == "negated":
            return status
        return "present" if certainty in self.present or rule in self.present else "uncertain"


def shipped_label_sets() -> list[str]:
    """Return the names of the label sets that come with chestx."""
    return sorted(path.stem for path in (RULES / "label_sets").glob("*.toml"))


def load_label_set(name_or_file: str | Path) -> LabelSet:
    """Return a shipped label set by name, or one's own from a TOML file.

    Raises `ChestxError` for an unknown name and for a file with a mistake.
    """
    name = str(name_or_file)
    if name in shipped_label_sets():
        return _read(RULES / "label_sets" / f"{name}.toml")
    path = Path(name_or_file)
    if path.suffix != ".toml" and not path.exists():
        shipped = ", ".join(shipped_label_sets())
        raise ChestxError(f"unknown label set {name!r}: give one of {shipped}, or a TOML file")
    return _read(path)


def _read(path: Path) -> LabelSet:
    table = read_toml(path)
    where = path.name
    check_keys(
        table,
        where,
        ("name", "classes"),
        ("source", "sections", "present", "no_finding", "not_a_disease", "finding",
         "exclusion", "observation"),
    )  # fmt: skip
    own = tuple(read_concepts(table, path))
    classes = _classes(table, where, {c.id for c in (*shipped_concepts(), *own)})
    sections = table.get("sections", "all")
    if sections not in get_args(Sections):
        raise ChestxError(f"{where}: sections must be one of {', '.join(get_args(Sections))}")
    if not isinstance(table.get("no_finding", ""), str):
        raise ChestxError(f"{where}: no_finding must be the name of one column")
    for key in ("no_finding", "not_a_disease"):
        for column in [table[key]] if isinstance(table.get(key), str) else table.get(key, []):
            if column not in classes:
                raise ChestxError(f"{where}: {key} names {column!r}, which is not in [classes]")
    return LabelSet(
        name=string(table, "name", where),
        text=path.read_text(encoding="utf-8"),
        classes=classes,
        sections=sections,
        present=_present(table, where, {c.id for c in (*shipped_concepts(), *own)}),
        no_finding=str(table.get("no_finding", "")),
        not_a_disease=frozenset(strings(table, "not_a_disease", where)),
        findings=own,
    )


def _classes(table: dict[str, Any], where: str, known: set[str]) -> dict[str, tuple[str, ...]]:
    if not isinstance(table["classes"], dict) or not table["classes"]:
        raise ChestxError(f"{where}: [classes] must map each column to a list of finding ids")
    classes: dict[str, tuple[str, ...]] = {}
    for column in table["classes"]:
        ids = strings(table["classes"], column, f"{where}: [classes]")
        for id_ in ids:
            if id_ not in known:
                raise ChestxError(f"{where}: class {column!r}: there is no finding {id_!r}")
        if column in ("report_id", "Finding Labels", "Normal") or "|" in column:
            raise ChestxError(f"{where}: {column!r} cannot be the name of a class")
            other = next((name for name, known_ids in classes.items() if id_ in known_ids), None)
            if other is not None:
                raise ChestxError(f"{where}: finding {id_!r} is in {other!r} and in {column!r}")
        classes[column] = tuple(ids)
    return classes


def _present(table: dict[str, Any], where: str, findings: set[str]) -> frozenset[str]:
    names = strings(table, "present", where) if "present" in table else ["definite"]
    rules = {rule.id for rule in load_rules()} | {f"lexicon.{id_}" for id_ in findings}
    for name in names:
        if name not in get_args(Certainty) and name not in rules:
            grades = ", ".join(get_args(Certainty))
            raise ChestxError(f"{where}: present: {name!r} is no grade ({grades}) and no rule's id")
    return frozenset(names)
