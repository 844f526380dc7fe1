"""Which words of a sentence name a finding: lexicon, matcher and mask."""
