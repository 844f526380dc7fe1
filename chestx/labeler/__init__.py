"""Reports in, graded labels with their reasons out."""

from chestx.labeler.labeler import Labeler
from chestx.labeler.report import Mention, Report, Result

__all__ = ["Labeler", "Mention", "Report", "Result"]
