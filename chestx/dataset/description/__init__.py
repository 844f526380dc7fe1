"""What a dataset says of itself: statistics, figures, cards for people and for machines."""
