"""The labeler: a report in, graded labels and the reason for each out."""

import hashlib
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain, islice, repeat
from pathlib import Path
from typing import Literal, get_args

from chestx import __version__
from chestx.errors import ChestxError
from chestx.labeler.assertion.decide import Assertion, DependencyAssertion, NoAssertion
from chestx.labeler.assertion.rules import load_rules, read_tags
from chestx.labeler.concepts.knowledge_base import user_knowledge_base
from chestx.labeler.concepts.lexicon import load_lexicon
from chestx.labeler.concepts.umls import UmlsLinker
from chestx.labeler.graph.parser import DEFAULT_PARSER, Parser
from chestx.labeler.label_set import LabelSet, load_label_set
from chestx.labeler.merge import is_normal, merge
from chestx.labeler.report import Mention, Report, Result, Section
from chestx.labeler.sentence import Finding, SentenceReader
from chestx.labeler.text.abbreviations import AbbreviationFinder, Abbreviations, used_in
from chestx.labeler.text.sections import split_sections
from chestx.labeler.text.sentences import split_sentences
from chestx.labeler.toml_file import RULES

AssertionName = Literal["dependency", "negex", "none"]
MEMORY = 100_000
BATCH = 512


class Labeler:
    """Mines the labels of chest X-ray reports.

    >>> result = Labeler()("FINDINGS: No pneumothorax. Small left effusion.")
    >>> result.labels
    {'Effusion': 1, 'Pneumothorax': 0}
    """

    def __init__(
        self,
        label_set: str | Path = "chestx-ray14",
        *,
        assertion: AssertionName = "dependency",
        parser: str = DEFAULT_PARSER,
        umls: bool = False,
        memory: int = MEMORY,
    ) -> None:
        """Load the label set, the lexicon and the rules; the parser loads when first needed.

        `memory` is the number of sentences to remember, 0 for none; results do not depend on it.
        `umls` adds scispaCy's linker over the knowledge base that `CHESTX_UMLS` names.
        Raises `ChestxError` for an unknown label set, assertion or parser, and for a missing
        knowledge base.
        """
        self.label_set = load_label_set(label_set)
        self.lexicon = load_lexicon(self.label_set.findings)
        self._label_of = _labels_by_concept(self.label_set)
        self._umls = user_knowledge_base() if umls else None
        linker = UmlsLinker(self.lexicon, self._umls) if self._umls else None
        self.reader = SentenceReader(self.lexicon, _assertion(assertion, parser), memory, linker)
        self._options = f"{assertion} {parser}"

    @property
    def classes(self) -> tuple[str, ...]:
        """The columns of the output, in order."""
        return tuple(self.label_set.classes)

    @property
    def fingerprint(self) -> str:
        """A hash of all that decides the labels of a report: rules, lexicon, label set, version."""
        digest = hashlib.sha256(f"{__version__} {self._options} {self.label_set.text}".encode())
        for path in sorted(RULES.rglob("*.toml")):
            digest.update(path.read_bytes())
        if self._umls:
            digest.update(self._umls.digest.encode())
        return digest.hexdigest()

    def __call__(self, text: str) -> Result:
        """Return the labels, normality and mentions of one report."""
        return next(self.pipe([Report(id="", text=text)]))

    def pipe(self, reports: Iterable[Report | str]) -> Iterator[Result]:
        """Label a stream of reports, or of their texts, in batches and in their order."""
        stream = (Report(id="", text=r) if isinstance(r, str) else r for r in reports)
        while batch := list(islice(stream, BATCH)):
            yield from self._label(batch)

    def _label(self, batch: list[Report]) -> list[Result]:
        located = [self.sentences(report.text) for report in batch]
        texts = [
            [report.text[start:end] for _, start, end in sentences]
            for report, sentences in zip(batch, located, strict=True)
        ]
        findings = iter(self.reader.read(chain(*texts), self._abbreviations(batch, texts)))
        return [
            self._result(report.text, [(*place, next(findings)) for place in sentences])
            for report, sentences in zip(batch, located, strict=True)
        ]

    def _abbreviations(
        self, batch: list[Report], texts: list[list[str]]
    ) -> Iterator[Abbreviations]:
        """Yield for each sentence which of its report's own abbreviations it may use."""
        if self._umls is None:
            yield from repeat(())
        for report, sentences in zip(batch, texts, strict=True):
            definitions = self._finder.find(report.text)
            yield from (used_in(sentence, definitions) for sentence in sentences)

    @cached_property
    def _finder(self) -> AbbreviationFinder:
        return AbbreviationFinder()

    def sentences(self, text: str) -> list[tuple[str, int, int]]:
        """Return section, start and end of each sentence that is read for labels."""
        return [
            (section.name, start, end)
            for section in self._chosen(split_sections(text))
            for start, end in split_sentences(text, section.start, section.end)
        ]

    def _chosen(self, sections: list[Section]) -> list[Section]:
        if self.label_set.sections == "impression-first":
            return [s for s in sections if s.name == "impression"] or sections
        return sections

    def _result(
        self, text: str, sentences: list[tuple[str, int, int, tuple[Finding, ...]]]
    ) -> Result:
        mentions = tuple(
            self._mention(text, section, number, offset, finding)
            for number, (section, offset, _, findings) in enumerate(sentences)
            for finding in findings
        )
        labels = merge(mentions, self.label_set)
        diseased = any(
            finding.status != "negated" and self.lexicon.concepts[finding.concept].disease
            for *_, findings in sentences
            for finding in findings
        )
        body = (text[start:end] for _, start, end, _ in sentences)
        return Result(labels, is_normal(diseased, labels, self.label_set, body), mentions)

    def _mention(
        self, text: str, section: str, sentence: int, offset: int, finding: Finding
    ) -> Mention:
        concept = self.lexicon.concepts[finding.concept]
        start, end = offset + finding.start, offset + finding.end
        return Mention(
            section, sentence, start, end, text[start:end],
            self._label_of.get(concept.id, ""), concept.cui, concept.name, concept.semantic_type,
            finding.status,
            finding.certainty, finding.rule, finding.evidence,
        )  # fmt: skip


def _labels_by_concept(label_set: LabelSet) -> dict[str, str]:
    return {id_: column for column, ids in label_set.classes.items() for id_ in ids}


def _assertion(name: str, parser: str) -> Assertion:
    if name == "dependency":
        return DependencyAssertion(Parser(parser, tags=read_tags(load_rules())))
    if name == "negex":
        from chestx.labeler.assertion.negex import NegExAssertion

        return NegExAssertion()
    if name == "none":
        return NoAssertion()
    known = ", ".join(get_args(AssertionName))
    raise ChestxError(f"unknown assertion {name!r}: give one of {known}")
