"""Which report is of which film."""
