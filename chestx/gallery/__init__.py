"""The gallery: a workspace as a static site that opens from disk."""
