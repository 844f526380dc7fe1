"""The lean way of the field: a sentencizer, an entity ruler and negspaCy: OUT ARCHIVE."""

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

import spacy
from negspacy.negation import Negex  # noqa: F401  (makes the factory "negex" known)

from chestx.labeler.readers import read_reports
from chestx.labeler.report import Report
from chestx.labeler.text.sections import split_sections

BATCH = 256
PHRASES = {
    "Atelectasis": ["atelectasis", "atelectases", "atelectatic", "volume loss"],
    "Cardiomegaly": ["cardiomegaly", "enlarged heart", "heart is enlarged", "cardiac enlargement"],
    "Effusion": ["effusion", "effusions", "pleural fluid"],
    "Infiltration": ["infiltrate", "infiltrates", "infiltration"],
    "Mass": ["mass", "masses"],
    "Nodule": ["nodule", "nodules", "nodular density"],
    "Pneumonia": ["pneumonia", "pneumonitis"],
    "Pneumothorax": ["pneumothorax", "pneumothoraces"],
    "Consolidation": ["consolidation", "consolidations"],
    "Edema": ["edema"],
    "Emphysema": ["emphysema", "emphysematous"],
    "Fibrosis": ["fibrosis", "fibrotic"],
    "Pleural_Thickening": ["pleural thickening", "thickened pleura"],
    "Hernia": ["hernia", "hernias"],
}


def texts(archive: str) -> Iterator[tuple[str, str]]:
    """Yield Findings and Impression of each report with its id."""
    for report in read_reports([archive]):
        if isinstance(report, Report):
            sections = split_sections(report.text)
            yield "\n".join(report.text[s.start : s.end] for s in sections), report.id


def build() -> "spacy.language.Language":
    """Return the pipeline."""
    model = spacy.blank("en")
    model.add_pipe("sentencizer")
    ruler = model.add_pipe("entity_ruler", config={"phrase_matcher_attr": "LOWER"})
    ruler.add_patterns(  # type: ignore[attr-defined]
        [{"label": name, "pattern": phrase} for name, found in PHRASES.items() for phrase in found]
    )
    model.add_pipe("negex")
    return model


if __name__ == "__main__":
    out, archive = sys.argv[1:]
    model = build()
    with Path(out).open("x", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["report_id", *PHRASES])
        for doc, report in model.pipe(texts(archive), as_tuples=True, batch_size=BATCH):
            present = {entity.label_ for entity in doc.ents if not entity._.negex}
            rows.writerow([report, *(int(name in present) for name in PHRASES)])
