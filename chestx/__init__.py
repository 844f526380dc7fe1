"""chestx: chest X-ray reports and films to labels, datasets and weakly supervised models.

For research only: not a medical device.
"""

__version__ = "0.1.0"
