"""`train`: configuration, loop, checkpoints."""
