"""`build-dataset`: films, labels and boxes in, a folder in NIH's layout out."""
