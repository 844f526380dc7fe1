"""From the text of a report to its sections, sentences and tokens."""
