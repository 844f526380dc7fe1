"""The user's own UMLS knowledge base, in the files that scispaCy publishes and writes.

UMLS may not be redistributed and chestx downloads nothing: the environment variable `CHESTX_UMLS`
names a folder with scispaCy's `concept_aliases.json`, `tfidf_vectors_sparse.npz`,
`nmslib_index.bin` and, under any name, the knowledge base as one `.jsonl` file.

`tfidf_vectorizer.joblib`, which lies beside them, is neither needed nor opened: it is a pickle,
which could run code and which scikit-learn 1.5 and later cannot read where an earlier one wrote
it. The same vectorizer is fitted again from the names in the knowledge base.
"""

import hashlib
import importlib.util
import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from chestx.errors import ChestxError
from chestx.labeler.lean_import import SPACY_EXTRAS, without

if TYPE_CHECKING:
    from scispacy.candidate_generation import CandidateGenerator

VARIABLE = "CHESTX_UMLS"
FILES = ("concept_aliases.json", "tfidf_vectors_sparse.npz", "nmslib_index.bin")
# A few names of the index, looked up in it, tell whether the files were made from each other.
_SAMPLE = 16
_SAME = 0.99


class KnowledgeBase:
    """A folder with a knowledge base and its index, loaded when first needed."""

    def __init__(self, folder: Path) -> None:
        """Raise `ChestxError` where scispaCy or a file is missing."""
        if importlib.util.find_spec("scispacy") is None:
            raise ChestxError("--umls needs the extra: pip install 'chestx[umls]'")
        missing = [name for name in FILES if not (folder / name).is_file()]
        if missing:
            raise ChestxError(
                f"{VARIABLE}: '{folder}' has no {missing[0]}: it must hold {', '.join(FILES)} "
                "and the knowledge base as one .jsonl file"
            )
        bases = sorted(folder.glob("*.jsonl"))
        if len(bases) != 1:
            raise ChestxError(
                f"{VARIABLE}: '{folder}' has {len(bases)} .jsonl files: it must hold one, "
                "the knowledge base"
            )
        self.folder = folder
        self._file = bases[0]

    @cached_property
    def digest(self) -> str:
        """A hash of all that decides which concept a name is linked to."""
        digest = hashlib.sha256()
        for path in (*(self.folder / name for name in FILES), self._file):
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()

    @cached_property
    def stop_words(self) -> frozenset[str]:
        """spaCy's English stop words, lower case."""
        with without(*SPACY_EXTRAS):
            from spacy.lang.en.stop_words import STOP_WORDS
        return frozenset(STOP_WORDS)

    @cached_property
    def generator(self) -> "CandidateGenerator":
        """scispaCy's generator of candidate concepts for a name.

        Raises `ChestxError` for files that cannot be read or were not made from each other.
        """
        with without(*SPACY_EXTRAS):
            from scispacy import candidate_generation, linking_utils

        paths = candidate_generation.LinkerPaths.from_directory(self.folder)
        try:
            base = linking_utils.KnowledgeBase(str(self._file))
            aliases = paths.get_concept_aliases()
            index = paths.get_ann_index()
            vectorizer = _vectorizer(list(base.alias_to_cuis))
        except (ValueError, TypeError, KeyError, EOFError, OSError, RuntimeError, BadZipFile):
            raise ChestxError(
                f"{VARIABLE}: a file in '{self.folder}' is damaged: copy all of them again"
            ) from None
        if len(index) == len(aliases) and base.alias_to_cuis.keys() >= set(aliases):
            generator = candidate_generation.CandidateGenerator(index, vectorizer, aliases, base)
            if _finds(generator, aliases[:: max(1, len(aliases) // _SAMPLE)]):
                return generator
        raise ChestxError(
            f"{VARIABLE}: the files in '{self.folder}' do not belong together: copy all of them "
            "from one release"
        )


def user_knowledge_base() -> KnowledgeBase:
    """Return the knowledge base that `CHESTX_UMLS` names; `ChestxError` where there is none."""
    folder = os.environ.get(VARIABLE, "")
    if not folder:
        raise ChestxError(
            f"--umls needs a knowledge base: set {VARIABLE} to the folder that holds "
            f"{', '.join(FILES)} and the knowledge base as one .jsonl file"
        )
    return KnowledgeBase(Path(folder).expanduser())


def _vectorizer(names: list[str]) -> Any:
    """Fit the vectorizer as scispaCy's `create_tfidf_ann_index` does."""
    import numpy
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 3), min_df=10, dtype=numpy.float32
    )
    return vectorizer.fit(names)


def _finds(generator: "CandidateGenerator", names: list[str]) -> bool:
    """Tell whether the index finds most of its own names; its search is approximate."""
    found: list[bool] = [
        max((max(candidate.similarities) for candidate in candidates), default=0.0) > _SAME
        for candidates in generator(names, k=1)
    ]
    return sum(found) * 2 > len(found)
