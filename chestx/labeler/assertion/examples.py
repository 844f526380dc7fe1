"""Runs the rules' own examples through the pipeline: `chestx rules test`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from chestx.labeler.assertion.decide import Decision, DependencyAssertion
from chestx.labeler.assertion.rules import Rule, load_rules, read_rules, read_tags
from chestx.labeler.concepts.lexicon import load_lexicon
from chestx.labeler.graph.parser import DEFAULT_PARSER, Parser
from chestx.labeler.sentence import Sentence, SentenceReader
from chestx.labeler.text.sentences import split_sentences


@dataclass(frozen=True, slots=True)
class Example:
    """A text whose mention at `start:end` the rule with the id `rule` must decide.

    Of a `counter` example it must not.
    """

    rule: str
    written: str
    text: str
    start: int
    end: int
    counter: bool


@dataclass(frozen=True, slots=True)
class Failure:
    """An example that did not go as its rule says. Printed, it is a line for the user."""

    example: Example
    reason: str

    def __str__(self) -> str:
        kind = "counterexample" if self.example.counter else "example"
        return f"{self.example.rule}: {kind} {self.example.written!r}: {self.reason}"


@dataclass(frozen=True, slots=True)
class RuleCheck:
    """How many rules and examples were run, and which examples failed."""

    rules: int
    examples: int
    failures: tuple[Failure, ...]

    @property
    def summary(self) -> str:
        """The outcome in one line."""
        failed = len(self.failures)
        outcome = f"{failed:,} {'fails' if failed == 1 else 'fail'}" if failed else "all pass"
        return f"{_count(self.rules, 'rule')}, {_count(self.examples, 'example')}: {outcome}"


def check_rules(file: Path | None = None, *, parser: str = DEFAULT_PARSER) -> RuleCheck:
    """Run the examples and counterexamples of the shipped rules, or of the rules in `file`.

    Those of a file come before the shipped ones; one with the id of a shipped rule takes its
    place. `ChestxError` names a mistake in the file.
    """
    if file is None:
        return check(load_rules(), load_rules(), parser=parser)
    own = read_rules(file)
    return check(own, among(own, load_rules()), parser=parser)


def among(own: Sequence[Rule], shipped: Sequence[Rule]) -> list[Rule]:
    """Return all rules in the order in which they are tried."""
    given = {rule.id: rule for rule in own}
    known = {rule.id for rule in shipped}
    new = [rule for rule in own if rule.id not in known]
    return [*new, *(given.get(rule.id, rule) for rule in shipped)]


def check(
    tested: Sequence[Rule], rules: Sequence[Rule], *, parser: str = DEFAULT_PARSER
) -> RuleCheck:
    """Run the examples of `tested` where `rules`, which hold them, decide; all in one parse."""
    reader = SentenceReader(
        load_lexicon(), DependencyAssertion(Parser(parser, tags=read_tags(rules)), rules), memory=0
    )
    examples = [example for rule in tested for example in examples_of(rule)]
    sentences = [_sentence_of(example, reader) for example in examples]
    masked = [sentence.masked for _, sentence in sentences if sentence is not None]
    decided = iter(reader.assertion.decide(masked))
    failures = []
    for example, (offset, sentence) in zip(examples, sentences, strict=True):
        decisions = {} if sentence is None else _bracketed(example, offset, sentence, next(decided))
        if reason := _fault(example, decisions):
            failures.append(Failure(example, reason))
    return RuleCheck(len(tested), len(examples), tuple(failures))


def examples_of(rule: Rule) -> Iterator[Example]:
    """Yield the examples of a rule, then its counterexamples, without their brackets."""
    for counter, texts in ((False, rule.examples), (True, rule.counterexamples)):
        for written in texts:
            before, _, rest = written.partition("[")
            mention, _, after = rest.partition("]")
            start = len(before)
            yield Example(
                rule.id, written, before + mention + after, start, start + len(mention), counter
            )


def _sentence_of(example: Example, reader: SentenceReader) -> tuple[int, Sentence | None]:
    """Return the sentence that the bracket is in, and where it begins."""
    for start, end in split_sentences(example.text, 0, len(example.text)):
        if start <= example.start < end:
            return start, reader.analyse(example.text[start:end])
    return 0, None


def _bracketed(
    example: Example, offset: int, sentence: Sentence, decisions: Sequence[Decision]
) -> dict[str, Decision]:
    """Return the decisions of the mentions that the bracket overlaps, by their text."""
    found = {}
    texts = [
        example.text[offset + sentence.spans[m.start][0] : offset + sentence.spans[m.end - 1][1]]
        for m in sentence.matches
    ]
    for match, text, decision in zip(sentence.matches, texts, decisions, strict=True):
        start = offset + sentence.spans[match.start][0]
        if start < example.end and example.start < start + len(text):
            found[text] = decision._replace(evidence=decision.evidence.format(*texts))
    return found


def _fault(example: Example, decisions: dict[str, Decision]) -> str:
    """Return why an example fails, "" where it does not."""
    if not decisions:
        return "the bracket is on no mention: mark words that a finding of the lexicon has"
    hit = [text for text, decision in decisions.items() if decision.rule == example.rule]
    if example.counter:
        return f"the rule decides it, by {decisions[hit[0]].evidence}" if hit else ""
    if hit:
        return ""
    decision = next(iter(decisions.values()))
    if not decision.rule:
        return "no rule matches it"
    return f"decided by {decision.rule} instead, by {decision.evidence}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
