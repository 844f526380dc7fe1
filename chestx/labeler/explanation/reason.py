"""Says in plain English why a mention was decided as it was."""

from collections.abc import Sequence
from dataclasses import dataclass

from chestx.labeler.assertion.rules import Rule, Verdict
from chestx.labeler.graph.semgrex_search import Step
from chestx.labeler.label_set import LabelSet
from chestx.labeler.report import Mention

RELATIONS = {
    "neg": "{d} negates {g}",
    "md": "{d} makes {g} a possibility",
    "nsubj": "{d} is the subject of {g}",
    "csubj": "{d} is the subject of {g}",
    "nsubjpass": "{d} is the subject of the passive {g}",
    "dobj": "{d} is the object of {g}",
    "pobj": "{d} is the object of {g}",
    "attr": "{d} is the complement of {g}",
    "acomp": "{d} is the complement of {g}",
    "oprd": "{d} is the complement of {g}",
    "ccomp": "{d} is the clause that {g} is about",
    "xcomp": "{d} is the clause that {g} is about",
    "acl": "{d} describes {g}",
    "relcl": "{d} describes {g}",
    "appos": "{d} is another name for {g}",
    "cop": "{d} links {g} to its subject",
    "mark": "{d} introduces the clause of {g}",
    "conj_comma": "{d} is listed after {g}",
} | dict.fromkeys(
    ("amod", "advmod", "compound", "det", "nmod", "nn", "npadvmod", "nummod", "poss", "quantmod"),
    "{d} modifies {g}",
)
ORDER = {
    ".": "{a} stands right before {b}",
    "-": "{a} stands right after {b}",
    "..": "{a} stands before {b}",
    "--": "{a} stands after {b}",
    ">>": "{a} stands above {b}",
    "<<": "{a} stands below {b}",
}


@dataclass(frozen=True, slots=True)
class Fired:
    """The rule that decided a mention, the first of its patterns that matched, and what it met."""

    rule: Rule
    pattern: str
    steps: tuple[Step, ...]
    evidence: str


def why(
    verdict: Verdict,
    row: Mention | None,
    fired: Fired | None,
    label_set: LabelSet,
    names: Sequence[str],
    *,
    is_observation: bool,
) -> str:
    """Return the reason for a mention's status in one sentence.

    `row` is what the output tables say of the mention, None where they leave it out.
    """
    if row is not None and row.rule.startswith("lexicon."):
        reason = f"uncertain ({row.certainty}): the words themselves say no more ({row.rule})"
        return reason + _in_label_set(row, label_set)
    if fired is None and is_observation:
        return "not asserted: no rule matched, and to name a part of the body asserts nothing"
    if fired is None:
        return "present: no rule matched"
    what: str = "not asserted" if verdict == "unasserted" else verdict
    if row is not None and verdict == "uncertain":
        what += f" ({row.certainty})"
    rule = fired.rule
    reason = f"{what} by rule {rule.id}: {english(fired.steps, names)} ({citation(rule.source)})"
    return reason if row is None else reason + _in_label_set(row, label_set)


def english(steps: Sequence[Step], names: Sequence[str]) -> str:
    """Return the relations that a pattern met, as a clause each."""
    clauses = [_clause(step, names) for step in steps]
    if not clauses:
        return "the mention itself fits the pattern"
    *others, last = clauses
    return f"{', '.join(others)}, and {last}" if others else last


def citation(source: str) -> str:
    """Return what a rule's source cites, without what it takes from there."""
    return source.partition(": ")[0].replace(" (", ", ").replace(")", "")


def _in_label_set(row: Mention, label_set: LabelSet) -> str:
    """Say how the set reads a hedge, where that is not what the status says by itself."""
    read_as = label_set.status(row.status, row.certainty, row.rule)
    if read_as == row.status or not row.label:
        return ""
    what = "it" if row.rule in label_set.present else f"{row.certainty!r}"
    return f"; {label_set.name} counts {what} as {read_as}"


def _clause(step: Step, names: Sequence[str]) -> str:
    start, operator, relation, end = step
    a, b = f"'{names[start]}'", f"'{names[end]}'"
    if operator in ORDER:
        return ORDER[operator].format(a=a, b=b)
    governor, dependent = (a, b) if operator == ">" else (b, a)
    kind, _, word = relation.partition("_")
    word = word.replace("_", " ")
    if relation in RELATIONS:
        return RELATIONS[relation].format(g=governor, d=dependent)
    if kind == "conj" and word:
        return f"{dependent} is joined to {governor} by '{word}'"
    if kind in ("prep", "prepc") and word:
        return f"{governor} governs {dependent} through '{word}'"
    return f"{governor} governs {dependent} as {relation}"
