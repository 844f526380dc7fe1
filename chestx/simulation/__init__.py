"""Simulated studies: films drawn from anatomy, reports about them, and the truth beside both."""
