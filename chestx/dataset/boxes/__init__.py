"""Boxes of radiologists: reading, checking, and the round of annotation that makes them."""
