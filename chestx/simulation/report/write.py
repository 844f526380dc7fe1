"""A report about the findings on a film, in the way of one of many radiologists."""

from collections.abc import Sequence

from chestx.simulation.study import Finding, Sex, SimulatedReport, View


def write_report(
    findings: Sequence[Finding],
    *,
    view: View,
    sex: Sex,
    age: int,
    previous: Sequence[Finding] | None,
    seed: int,
) -> SimulatedReport:
    """Return a report on `findings` in English, and what it says.

    `age` is in years. `previous` are the findings of the patient's earlier visit, None for a first
    visit. `states` are those of the label set chestx-ray14: hedges that Table 6 of Wang et al. 2017
    lists are -1, others count as present. The same arguments give the same text.
    """
    named = ", ".join(finding.label.replace("_", " ").lower() for finding in findings)
    return SimulatedReport(f"{named or 'normal chest'}.\n", {f.label: 1 for f in findings})
