"""Labels a whole corpus: streamed, in parallel, resumable."""
