"""Why a text has its labels: for the terminal and as a page."""
