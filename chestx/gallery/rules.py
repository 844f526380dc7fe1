"""What a page says of the rules that decided its mentions."""

from collections.abc import Collection

from chestx.labeler.assertion.rules import load_rules


def said_of_rules(ids: Collection[str]) -> dict[str, list[str]]:
    """Return source and patterns of these rules; what is no shipped rule is left out."""
    if not ids:
        return {}
    return {
        rule.id: [rule.source, *map(str, rule.patterns)] for rule in load_rules() if rule.id in ids
    }
