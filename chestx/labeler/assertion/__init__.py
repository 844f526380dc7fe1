"""Whether a mention is present, negated or uncertain, and why."""
