"""`evaluate`: the papers' tables and figures."""
