"""MIMIC-CXR's reports: `files/p10/p10000032/s50414267.txt`, in a folder or the published zip."""

import re
from collections.abc import Iterator

from chestx.job.rejected import Rejected
from chestx.labeler.readers.columns import Columns
from chestx.labeler.readers.member import Member
from chestx.labeler.readers.text import as_report
from chestx.labeler.report import Report

STUDY = re.compile(r"(?:.*/)?(?P<id>s\d+)\.txt")


def read(member: Member, columns: Columns) -> Iterator[Report | Rejected]:
    """Yield the study's report; its id is the study, `s50414267`."""
    study = STUDY.fullmatch(member.path)
    if study:
        yield as_report(member, study["id"])
    else:
        yield member.rejected("not a MIMIC-CXR study: those are called like s50414267.txt")
