"""Judges labels against a gold standard and beside published figures."""
