"""The classes of ChestX-ray14, one file each."""

from collections.abc import Mapping

from chestx.simulation.film.lesions.atelectasis import ATELECTASIS
from chestx.simulation.film.lesions.cardiomegaly import CARDIOMEGALY
from chestx.simulation.film.lesions.consolidation import CONSOLIDATION
from chestx.simulation.film.lesions.edema import EDEMA
from chestx.simulation.film.lesions.effusion import EFFUSION
from chestx.simulation.film.lesions.emphysema import EMPHYSEMA
from chestx.simulation.film.lesions.fibrosis import FIBROSIS
from chestx.simulation.film.lesions.hernia import HERNIA
from chestx.simulation.film.lesions.infiltration import INFILTRATION
from chestx.simulation.film.lesions.lesion import Lesion
from chestx.simulation.film.lesions.mass import MASS
from chestx.simulation.film.lesions.nodule import NODULE
from chestx.simulation.film.lesions.pleural_thickening import PLEURAL_THICKENING
from chestx.simulation.film.lesions.pneumonia import PNEUMONIA
from chestx.simulation.film.lesions.pneumothorax import PNEUMOTHORAX

LESIONS: Mapping[str, Lesion] = {
    lesion.label: lesion
    for lesion in (
        ATELECTASIS,
        CARDIOMEGALY,
        EFFUSION,
        INFILTRATION,
        MASS,
        NODULE,
        PNEUMONIA,
        PNEUMOTHORAX,
        CONSOLIDATION,
        EDEMA,
        EMPHYSEMA,
        FIBROSIS,
        PLEURAL_THICKENING,
        HERNIA,
    )
}
