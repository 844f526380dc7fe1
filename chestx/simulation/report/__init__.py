"""Findings become a report, in the many ways radiologists write."""
