"""`predict` and `export`: films in, scores, boxes and pictures out."""
