"""Dependency graphs and the pattern language over them."""
