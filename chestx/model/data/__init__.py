"""A dataset as batches: cache, order, masks."""
