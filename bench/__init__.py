"""Measures what chestx claims about itself: `python -m bench [NAME]`."""
