"""Which report is of which film, which films are wanted, and what number a patient gets."""
