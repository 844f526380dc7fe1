"""A made-up hospital: its patients, their visits, and the files that it keeps of them."""
