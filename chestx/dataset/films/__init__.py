"""A file becomes pixels: reading, windowing, fitting to a size, writing as PNG."""
