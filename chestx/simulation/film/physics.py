"""What X-rays meet in a chest: attenuation, scatter, and the noise of their counting.

A chest film is taken at 110 to 125 kV; behind the tube's filter and the patient its mean energy
is near 60 keV. Coefficients are those of NIST's XCOM tables (Hubbell and Seltzer, NISTIR 5632) at
60 keV times the density: one energy stands for the spectrum.
"""

WATER = 0.206
"""1/cm. Soft tissue of any kind, and fluid, is taken as water."""
BONE = 0.40
"""1/cm that cortical bone (0.315 cm2/g at 1.92 g/cm3) attenuates more than water in its place."""
LUNG_DENSITY = 0.25
"""g/cm3 of lung in full inspiration, of which nearly all is water."""
SCATTER = 0.35
"""Scattered to primary radiation behind an antiscatter grid, averaged over the chest."""
SCATTER_REACH = 3.0
"""cm: the width of the blur that scatter is."""
DETECTOR_BLUR = 0.012
"""cm: an imaging plate's unsharpness."""
