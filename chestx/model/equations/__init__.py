"""The papers' equations, each on tensors alone."""
