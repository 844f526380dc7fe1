"""Builds a small knowledge base with its index, in the files that scispaCy has for UMLS.

scispaCy's own `create_tfidf_ann_index` refuses to run with scipy 1.11 or later, so its steps are
taken here. CUIs, names and types are public; the other spellings follow the ways in which the
vocabularies of UMLS spell a name. An index keeps only trigrams of ten names or more.
"""

import json
from pathlib import Path

# CUI: (semantic types, names). Those marked * have a finding of the lexicon's CUI.
CONCEPTS = {
    "C0032227": (["T047"], ["Pleural effusion", "Thoracic dropsy"]),  # *
    "C0032326": (["T047"], ["Pneumothorax"]),  # *
    "C0018802": (["T047"], ["Congestive heart failure"]),
    "C0018801": (["T047"], ["Heart failure"]),  # *
    "C0018794": (["T047"], ["Heart block"]),
    "C0080032": (["T191", "T047"], ["Malignant pleural effusion"]),
    "C0221348": (["T047"], ["Yellow nail syndrome"]),
    "C0032453": (["T047"], ["Relapsing polychondritis"]),
    "C0020538": (["T047"], ["Hypertension"]),
    "C0020649": (["T033"], ["Hypotension"]),
    "C0011849": (["T047"], ["Diabetes mellitus"]),
    "C0019829": (["T191"], ["Hodgkin's disease"]),
    "C0026764": (["T191"], ["Multiple myeloma"]),
    "C0085580": (["T047"], ["Essential hypertension"]),
    "C0029456": (["T047"], ["Osteoporosis of the spine"]),
    "C0042345": (["T201", "T046", "T033"], ["Varicosity of the leg"]),
    "C0024790": (["T047"], ["Paroxysmal nocturnal hemoglobinuria"]),
    "C0085096": (["T047"], ["Peripheral vascular disease"]),
    "C0032914": (["T047"], ["Eclampsia"]),
    "C0015672": (["T184"], ["Fatigue"]),
    "C0700184": (["T033"], ["Sore throat appearance"]),
    "C0085639": (["T033"], ["Bamboo hair appearance"]),
    "C0024109": (["T023"], ["Lung"]),
    "C0817096": (["T029"], ["Chest"]),
    "C0004749": (["T121"], ["Barium sulfate"]),
    "C0004238": (["T047"], ["Atrial fibrillation"]),
    "C0151744": (["T047"], ["Myocardial ischemia"]),
    "C0023895": (["T047"], ["Liver disease"]),
    "C0022661": (["T047"], ["Chronic kidney failure"]),
    "C0009319": (["T047"], ["Colitis"]),
    "C0017168": (["T047"], ["Gastroesophageal reflux"]),
}
_SPELLINGS = (
    "{}", "{} nos", "{}, nos", "{} (disorder)", "{} (finding)", "{} (diagnosis)", "[d]{}",
    "[x]{}", "unspecified {}", "{} unspecified", "o/e - {}", "{} disorder",
)  # fmt: skip


def build(folder: Path) -> Path:
    """Write the four files that chestx reads, and return the folder."""
    import nmslib
    import numpy
    from sklearn.feature_extraction.text import TfidfVectorizer

    folder.mkdir(parents=True, exist_ok=True)
    entities = [
        {
            "concept_id": cui,
            "canonical_name": names[0],
            "aliases": [form.format(name) for name in names for form in _SPELLINGS],
            "types": types,
        }
        for cui, (types, names) in CONCEPTS.items()
    ]
    lines = "".join(json.dumps(entity) + "\n" for entity in entities)
    (folder / "small_umls.jsonl").write_text(lines)
    names = list(dict.fromkeys(name for entity in entities for name in entity["aliases"]))
    vectorizer = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 3), min_df=10, dtype=numpy.float32
    )
    vectors = vectorizer.fit_transform(names)
    full = numpy.asarray(vectors.sum(axis=1)).ravel() != 0
    names = [name for name, kept in zip(names, full, strict=True) if kept]
    (folder / "concept_aliases.json").write_text(json.dumps(names))
    vectors = vectors[full]
    # As scispaCy saves them, in half precision, which scipy's own `save_npz` has given up.
    numpy.savez_compressed(
        folder / "tfidf_vectors_sparse.npz",
        indices=vectors.indices,
        indptr=vectors.indptr,
        format=b"csr",
        shape=vectors.shape,
        data=vectors.data.astype(numpy.float16),
    )
    index = nmslib.init(
        method="hnsw", space="cosinesimil_sparse", data_type=nmslib.DataType.SPARSE_VECTOR
    )
    index.addDataPointBatch(vectors)
    index.createIndex({"M": 100, "indexThreadQty": 1, "efConstruction": 2000, "post": 0})
    index.saveIndex(str(folder / "nmslib_index.bin"))
    return folder
