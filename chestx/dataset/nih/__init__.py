"""The layout of NIH's ChestX-ray14: its columns and names, and folders that have it."""
