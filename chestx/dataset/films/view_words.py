"""The words that name projections and parts of the body, in capitals and without accents.

Codes are those of DICOM (PS3.3 C.8.1.1 and C.8.11.5 for ViewPosition, PS3.16 annex L for body
parts); the other words are those of English, German, French, Spanish, Italian and Portuguese
departments. Several words in a row are one phrase; the longer phrase goes before the shorter.
"""

from collections.abc import Mapping

# ViewPosition alone: elsewhere the same letters mean other things.
VIEW_POSITION_CODES: Mapping[str, str] = {
    **dict.fromkeys("LL RL LLAT RLAT".split(), "lateral"),
    **dict.fromkeys("LLD RLD LLO RLO TAN AXIAL XTABLE SWIM".split(), "other"),
}

PROJECTIONS: Mapping[str, str] = {
    **dict.fromkeys(("PA", "POSTEROANTERIOR", "POSTERO ANTERIOR", "POSTEROANTERIEUR"), "PA"),
    **dict.fromkeys(
        (
            "AP", "ANTEROPOSTERIOR", "ANTERO POSTERIOR", "ANTEROPOSTERIEUR",
            "PORTABLE", "PORT", "BEDSIDE", "MOBILE", "PORTATIL", "SUPINE", "SUPINO", "LIEGEND",
            "BETTLUNGE", "DECUBITUS DORSAL",
        ),
        "AP",
    ),
    **dict.fromkeys(
        ("FRONTAL", "THORAX FACE", "THORAX DE FACE", "POUMON FACE", "POUMONS FACE"), "frontal"
    ),
    **dict.fromkeys(
        (
            "LAT", "LATERAL", "LATERALE", "LATERALIS", "LATERO LATERAL", "LATEROLATERAL",
            "LATEROLATERALE", "SEITLICH", "SEITL", "PROFIL", "PERFIL",
        ),
        "lateral",
    ),
    **dict.fromkeys(
        (
            "DECUBITUS", "DECUB", "LATERAL DECUBITUS", "LATERAL DECUB", "LAT DECUBITUS",
            "LAT DECUB", "LAT DEC", "OBLIQUE", "OBLIQUES", "OBL", "OBLICUA", "OBLIQUA", "SCHRAG",
            "LAO", "RAO", "LPO", "RPO", "LORDOTIC", "AP LORDOTIC", "PA LORDOTIC",
            "APICAL LORDOTIC", "AP AXIAL", "SCOUT", "LOCALIZER", "TOPOGRAM",
        ),
        "other",
    ),
}  # fmt: skip

# Body part alone: in a description these words may be about anything.
BODY_PART_CODES: Mapping[str, str] = dict.fromkeys(
    "ARM BACK EXTREMITY FACE HEAD JAW LEG TOE WHOLEBODY UPPERARM".split(), "other"
)

PARTS: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "CHEST", "THORAX", "LUNG", "LUNGS", "LUNGE", "LUNGEN", "CXR", "TORAX", "TORACE",
            "POUMON", "POUMONS", "PULMON", "BETTLUNGE",
        ),
        "chest",
    ),
    **dict.fromkeys(
        """
        RIB RIBS RIBCAGE RIPPE RIPPEN COSTILLA COSTILLAS COSTELA COSTELAS COTES STERNUM ESTERNON
        ABDOMEN ABDOMENS ABDOMINAL ABD KUB
        CLAVICLE CLAVICLES CLAVICULA KLAVIKULA SCAPULA SKAPULA SHOULDER SHOULDERS SCHULTER HOMBRO
        EPAULE SPALLA OMBRO
        SPINE CSPINE TSPINE LSPINE SSPINE WIRBELSAULE BWS HWS LWS COLUMNA RACHIS COLUNA
        PELVIS BECKEN HIP HUFTE SACRUM COCCYX
        HUMERUS ELBOW FOREARM RADIUS ULNA WRIST HAND FINGER THUMB
        FEMUR KNEE KNIE TIBIA FIBULA ANKLE FOOT HEEL CALCANEUS PATELLA
        SKULL SINUS SINUSES ORBIT ORBITS MANDIBLE MAXILLA NECK TEETH BREAST MAMMOGRAPHY
        """.split(),
        "other",
    ),
    **dict.fromkeys(
        (
            "RIB CAGE", "CHEST WALL", "THORACIC SPINE", "THORACIC CAGE", "DORSAL SPINE",
            "PARRILLA COSTAL", "GRIL COSTAL",
        ),
        "other",
    ),
}  # fmt: skip
