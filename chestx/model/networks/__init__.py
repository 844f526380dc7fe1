"""Backbones and what the papers put on top of them."""
