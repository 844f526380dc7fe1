"""A chest and what is wrong with it become a film."""
