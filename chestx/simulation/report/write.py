"""A report about the findings on a film, in the way of one of many radiologists."""

from collections.abc import Sequence
from random import Random

from chestx.simulation.report.body import write_body
from chestx.simulation.report.grammar import pick
from chestx.simulation.report.layout import lay_out, spell
from chestx.simulation.report.parts import write_parts
from chestx.simulation.report.radiologist import RADIOLOGISTS, radiologist
from chestx.simulation.report.said import Said
from chestx.simulation.report.sentences import SentenceWriter
from chestx.simulation.report.setting import Occasion, setting
from chestx.simulation.report.statements import plan_statements
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
    draw = Random(seed).random
    habits = radiologist(int(draw() * RADIOLOGISTS))
    house = pick(habits.houses, draw)
    occasion = Occasion(view, sex, age, previous)
    statements = plan_statements(findings, previous, habits.compares, draw)
    said = Said(statements)
    mark = pick(house.mark, draw)
    writer = SentenceWriter(setting(occasion, mark, draw), mark, said, draw)
    parts = {
        **write_parts(writer, house, occasion),
        **write_body(writer, statements, house, habits, occasion),
    }
    return SimulatedReport(spell(house, lay_out(house, parts), draw), said.states)
