"""Names of people that do not exist, and that are easily found where they should not be.

No surname is a word of English, of radiology or of a programming language.
"""

from collections.abc import Mapping

from chestx.simulation.study import Sex

SURNAMES = """
Achterberg Andrzejewska Arnaudović Bäumler Bjørnstad Brückmann Çelikkaya Czerwińska Dąbrowski
Degenhardt Ebbinghaus Eichstädt Fernández-Ruíz Frühwald Gärtringer Gößwein Grönlund Grünwald
Hallorsdóttir Hübschmann İçöz-Gündoğdu Jägermeyer Jørgensen Kämmerling Köhlmann Krzysztofek
Lindqvist Löwenthal Łukaszewicz Mühlbacher Müllenhoff Nørregaard Núñez-Ibarra Özdemiroğlu
Peñaranda Pfäffle Quäschning Rübsamen Sägebrecht Schönherr Šimůnek Strömberg Süßmilch Þorvaldsson
Tränkner Uğurlu Värnlund Wąsikowska Weißflog Wünschmann Ysebaert Zöllinger Żeromska
""".split()

GIVEN: Mapping[Sex, list[str]] = {
    "F": """
        Ágnes Annelie Bärbel Céline Dörte Elif Friederike Gülay Hélène Ingeborg Käthe Łucja
        Małgorzata Nuría Özlem Renée Sólveig Theréza Ursula Zoë
        """.split(),
    "M": """
        André Björn Çağlar Detlef Émile Günther Håkon István Jürgen Krzysztof Lászlo Matthäus
        Niño Ömer Pål René Söhnke Torbjörn Władysław Yiğit
        """.split(),
}


def in_dicom(surname: str, given: str) -> str:
    """Return a name as DICOM has it (PS3.5 6.2, PN)."""
    return f"{surname}^{given}"
