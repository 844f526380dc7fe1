"""Names of the files of overlay pictures."""

OVERLAYS = "overlays"
_LONGEST_NAME = 150
"""Bytes; most file systems take 255."""


class OverlayNames:
    """Names of pictures: those of films, or of films and classes, flat and none twice."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def of(self, shown: str) -> str:
        """Return a name that is still free for what is shown, below the output folder."""
        flat = shown.replace("/", "_").replace("\\", "_").removesuffix(".png")
        stem = flat.encode()[-_LONGEST_NAME:].decode(errors="ignore")
        name, number = stem, 1
        while name.casefold() in self._taken:  # some systems do not tell cases apart
            number += 1
            name = f"{stem}-{number}"
        self._taken.add(name.casefold())
        return f"{OVERLAYS}/{name}.png"
