"""Numbers for patients and names for images that say nothing to who lacks the key."""

import hashlib
import hmac
import os
import random
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chestx.dataset.film import Film
from chestx.dataset.identity.key import key_digest, open_key
from chestx.dataset.identity.names import name_films, patient_of
from chestx.dataset.identity.patients import SPACE, number_patients, person_of
from chestx.errors import ChestxError
from chestx.job.names import printable
from chestx.job.output import Output

KEY = bytes(range(32))
PERSONS = st.lists(st.text(max_size=8), unique=True, max_size=30)


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    with Output(tmp_path / "crosswalk", private=True) as crosswalk:
        key = open_key(crosswalk, None)
        assert open_key(crosswalk, None) == key
        path = crosswalk / "key"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        content = path.read_bytes()
        assert len(bytes.fromhex(content.decode())) == 32
        assert content.endswith(b"\n")
        # A copy of the file is the same key.
        copy = tmp_path / "copy"
        copy.write_bytes(b"\n " + content)
        assert open_key(crosswalk, copy) == key
    with Output(tmp_path / "other", private=True) as other:
        assert open_key(other, copy) == key
        assert not (other / "key").exists()
        assert open_key(other, None) != key


@pytest.mark.parametrize("content", [b"", b" " * 20, b"fifteen bytes.. \n", None])
def test_a_key_that_is_short_or_missing_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "my.key"
    if content is not None:
        path.write_bytes(content)
    with (
        Output(tmp_path / "crosswalk", private=True) as crosswalk,
        pytest.raises(ChestxError, match=r"my\.key") as error,
    ):
        open_key(crosswalk, path)
    assert "fifteen" not in str(error.value)
    assert not (tmp_path / "crosswalk" / "key").exists()


def test_a_digest_tells_keys_apart_and_is_none_of_a_patient() -> None:
    assert key_digest(KEY) == key_digest(bytes(KEY)) != key_digest(KEY + b"\1")
    assert KEY.hex() not in key_digest(KEY)
    assert key_digest(KEY) != hashlib.sha256(KEY).hexdigest()


TEXT = st.text(st.sampled_from("a1:\\ \n|"), max_size=4)


@given(TEXT, TEXT, TEXT, TEXT)
def test_persons_are_one_where_issuer_and_id_are(a: str, b: str, c: str, d: str) -> None:
    one = person_of(Film("s", 1, 1, issuer=a, patient_id=b, study_instance_uid="1.2"))
    other = person_of(Film("t", 1, 1, issuer=c, patient_id=d, study_instance_uid="1.3"))
    same = (a.strip(), b.strip()) == (c.strip(), d.strip()) and bool(b.strip())
    assert (one == other) == same
    assert one[1] == (not b.strip())


def test_who_has_no_id_is_the_study_then_the_file() -> None:
    films = [
        Film("1", 1, 1, patient_id=" ", study_instance_uid="1.2"),
        Film("2", 1, 1, issuer="H", study_instance_uid="1.2"),
        Film("3", 1, 1),
        Film("4", 1, 1),
        Film("5", 1, 1, patient_id="1.2"),
    ]
    persons = [person_of(film) for film in films]
    assert persons[0] == persons[1]
    assert len(set(persons)) == 4
    assert [stands_in for _, stands_in in persons] == [True] * 4 + [False]


def test_who_comes_back_from_the_crosswalk_is_the_same_person() -> None:
    source = os.fsdecode(b"f\xfc\xff/1.png")
    film = Film(source, 1, 1)
    again = Film(printable(source), 1, 1)
    assert again != film
    assert person_of(again) == person_of(film)
    assert number_patients([person_of(film)[0]], KEY, {person_of(again)[0]: 7}).popitem()[1] == 7
    assert number_patients([person_of(film)[0]], KEY, {})


def test_a_number_is_the_remainder_of_an_hmac() -> None:
    digest = hmac.new(KEY, b"a person", hashlib.sha256).hexdigest()
    assert number_patients(["a person"], KEY, {}) == {"a person": int(digest, 16) % SPACE + 1}


@given(PERSONS, PERSONS, st.randoms(use_true_random=False), st.integers(0, 10))
def test_numbers_depend_on_persons_and_key_alone_and_stay(
    before: list[str], added: list[str], draw: random.Random, spare: int
) -> None:
    everyone = [*dict.fromkeys(before + added)]
    space = max(1, len(everyone) + spare)
    known = number_patients(before, KEY, {}, space)
    shuffled = draw.sample(before, len(before))
    assert number_patients([*shuffled, *before], KEY, {}, space) == known
    numbers = number_patients(everyone, KEY, known, space)
    assert {person: numbers[person] for person in before} == known
    assert numbers.keys() == set(everyone)
    assert len(set(numbers.values())) == len(everyone)
    assert all(1 <= number <= space for number in numbers.values())
    # The number of someone whose films are gone is not given again.
    alone = number_patients(added, KEY, known, space)
    gone = {known[person] for person in before if person not in added}
    assert not gone & set(alone.values())


def test_another_key_gives_other_numbers() -> None:
    persons = [f"person {n}" for n in range(500)]
    here, there = (number_patients(persons, key, {}) for key in (KEY, KEY[::-1]))
    assert sum(here[person] == there[person] for person in persons) == 0


def test_more_patients_than_numbers_is_an_error() -> None:
    assert len(number_patients("abc", KEY, {"z": 2}, 4)) == 3
    with pytest.raises(ChestxError):
        number_patients("abcd", KEY, {"z": 2}, 4)


FILMS = [
    Film("later", 1, 1, patient_id="P", study_date="20200102", study_time="080000"),
    Film("noon", 1, 1, patient_id="P", study_date="20200101", study_time="120000"),
    Film("tenth", 1, 1, patient_id="P", study_date="20200101", series_number=1, instance_number=10),
    Film("second", 1, 1, patient_id="P", study_date="20200101", series_number=1, instance_number=2),
    Film("z", 1, 1, patient_id="P", study_date="20200101", series_number=2),
    Film("other", 1, 1, patient_id="Q", study_date="20200102"),
]
NUMBERS = {person_of(FILMS[0])[0]: 42, person_of(FILMS[-1])[0]: 99_999_999}


@given(st.permutations(FILMS))
def test_films_of_a_patient_are_numbered_as_they_were_taken(films: list[Film]) -> None:
    assert name_films(films, NUMBERS, {}) == {
        "second": "00000042_000.png",
        "tenth": "00000042_001.png",
        "z": "00000042_002.png",
        "noon": "00000042_003.png",
        "later": "00000042_004.png",
        "other": "99999999_000.png",
    }


def test_known_names_stay_and_none_means_two_films() -> None:
    known = {"tenth": "00000042_003.png", "gone": "00000042_007.png", "other": "00000042_001.png"}
    assert name_films(FILMS, NUMBERS, known) == {
        "tenth": "00000042_003.png",
        "second": "00000042_008.png",
        "z": "00000042_009.png",
        "noon": "00000042_010.png",
        "later": "00000042_011.png",
        # Taken for one of the first patient's before.
        "other": "99999999_000.png",
    }


def test_a_thousand_films_and_more_have_wider_numbers() -> None:
    films = [Film(f"{n:04d}", 1, 1, patient_id="P") for n in range(1001)]
    names = name_films(films, NUMBERS, {})
    assert names["0999"] == "00000042_999.png"
    assert names["1000"] == "00000042_1000.png"
    assert {patient_of(name) for name in names.values()} == {42}
    again = name_films([*films, Film("new", 1, 1, patient_id="P")], NUMBERS, names)
    assert again == {**names, "new": "00000042_1001.png"}
