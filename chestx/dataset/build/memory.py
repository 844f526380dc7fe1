"""What a dataset remembers of its patients and films, so that nothing is ever called otherwise.

A name, once given, means one film for ever, even where films go, labels change or all is made
afresh: boxes, lists and trained models speak of films by these names.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from chestx.dataset.film import Film
from chestx.dataset.identity.names import name_films
from chestx.dataset.identity.patients import number_patients, person_of
from chestx.dataset.splits import Split
from chestx.errors import ChestxError
from chestx.job.names import printable
from chestx.job.output import Output

MEMORY = ".names.json"


@dataclass
class Memory:
    """Names by film, numbers by person, splits by number as `split_by` made them.

    `key` is the digest of the key under which the numbers were made; `retired` are names of films
    that have another name by now.
    """

    key: str
    names: dict[str, str] = field(default_factory=dict)
    retired: list[str] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    splits: dict[str, Split] = field(default_factory=dict)
    split_by: str = ""

    def name(self, films: Sequence[Film], key: bytes) -> dict[str, str]:
        """Return and remember a name for each film, by source; what has one keeps it."""
        persons = (person_of(film)[0] for film in films)
        self.numbers |= number_patients(persons, key, self.numbers)
        here = {identity(film): film for film in films}
        known = {here[one].source if one in here else f"\0{one}": self.names[one]
                 for one in self.names}  # fmt: skip
        retired = {f"\0{name}": name for name in self.retired}
        names = name_films(films, self.numbers, retired | known)
        for one, film in here.items():
            if one in self.names and self.names[one] != names[film.source]:
                self.retired.append(self.names[one])
            self.names[one] = names[film.source]
        return names

    def splits_by(self, split_by: str) -> dict[int, Split]:
        """Return the splits of the patients, none if they were made in another way."""
        if self.split_by != split_by:
            return {}
        return {int(number): split for number, split in self.splits.items()}

    def keep_splits(self, split_by: str, splits: Mapping[int, Split]) -> None:
        """Remember who is in which split, also of those who are gone."""
        before = self.splits if self.split_by == split_by else {}
        self.splits = before | {str(number): split for number, split in splits.items()}
        self.split_by = split_by


def identity(film: Film) -> str:
    """Return what tells a film from all others: its UID, or its path where it has none."""
    return film.sop_instance_uid or f"file:{printable(film.source)}"


def read_memory(crosswalk: Output, key: str) -> Memory:
    """Return what earlier runs remember under the same key.

    Raises `ChestxError` where the file is damaged: without it images would change their names.
    """
    path = crosswalk / MEMORY
    if not path.exists():
        return Memory(key)
    try:
        memory = Memory(**json.loads(path.read_bytes()))
    except (ValueError, TypeError):
        raise ChestxError(
            f"'{path}' is damaged: restore it from a copy, or use another -o"
        ) from None
    return memory if memory.key == key else Memory(key)


def write_memory(crosswalk: Output, memory: Memory) -> None:
    """Write what is remembered."""
    crosswalk.write(MEMORY, (json.dumps(asdict(memory), indent=0) + "\n").encode())
