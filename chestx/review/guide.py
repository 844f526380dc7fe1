"""`README.md` of an audit: how to go on."""

GUIDE = """# An audit of the labels

`ids.txt` has the reports to judge, in an order of which each beginning is a sample of its own: to
judge fewer, draw again with a smaller `--n` and the same `--seed` into another folder; to judge
more, draw with a larger one into this.

`sample.csv` says for each from which stratum it comes, how many reports that has in the archive,
and for how many of them the report stands once all are read (`weight`). Readers may stop early: the
estimates then let what was judged of a stratum stand for all of it. A stratum is the rarest state
of a class that a report has; reports that mention no class have strata of their own.

## 1. Read

    chestx gallery --ids review/ids.txt --blind

Give each reader the gallery, apart from the others. Each judges the states of the classes and saves
a file of verdicts.

- *right*: the report says what chestx says.
- *wrong*: it does not. Name the true state where you can: of a label called wrong without one it is
  only known what it is not.
- *unsure*: counts as not judged.
- A class that chestx does not mention is judged too: otherwise nothing is known of what it misses.
- A verdict on the class goes before verdicts on its mentions. Those count only where all mentions
  of a class are judged: if all are right, so is the class; otherwise the strongest decides, present
  before uncertain before negated.

## 2. Compare

    chestx review merge anna.json ben.json

Where nothing was marked, nothing is judged. If your readers agreed to mark only what is wrong and
at least one class of every report that they have read, add `--unmarked right`.

- `agreement.md`, `agreement.json`: agreement of the readers with kappa, which describes this sample
  and not the archive; then chestx's precision and recall, which are estimates for the archive.
- `conflicts.csv`: what the readers have not settled between them.
- `gold.csv`: the reports that are settled for every class that anyone judged. Its columns are these
  classes: `1` present, `-1` uncertain, `0` negated, empty not mentioned. A report with an open cell
  is left out whole, since an empty cell would say "not mentioned".
- `readers.csv`: the readers' names. All other files have numbers.

## 3. Adjudicate

Fill the column `adjudicated` of `conflicts.csv` with `present`, `uncertain`, `negated` or
`not mentioned`, say why in `adjudicator_notes` if you like, and give it back:

    chestx review merge anna.json ben.json --adjudicated review/conflicts.csv

Until then the gold lacks the reports on which people differ, which are the hard ones.

## 4. Judge the labels, also those of later rules

    chestx evaluate-labels --gold review/gold.csv

Its figures are those of the sample, in which rare classes are frequent, and not of the archive.

Reports, ids and notes are private: this folder is for its owner alone.
"""
