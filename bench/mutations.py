"""Films as they come from a broken disk, a cut connection, or someone with bad intent."""

import random
import struct
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

Mutation = Callable[[bytes, random.Random], bytes]

PLACEHOLDER = "1.2.826.0.1.3680043.8.498.1" + "0" * 37
"""The UID of a film before it is mutated: each file gets one of its own in its place."""

PIXEL_DATA = b"\xe0\x7f\x10\x00"
ROWS, COLUMNS = b"\x28\x00\x10\x00", b"\x28\x00\x11\x00"
BITS = (b"\x28\x00\x00\x01", b"\x28\x00\x01\x01", b"\x28\x00\x02\x01", b"\x28\x00\x03\x01")
PAGE = b"<!DOCTYPE html><html><body>404 Not Found</body></html>"
HUGE = (0xFFFFFFFF, 0xFFFFFFFE, 0x7FFFFFFF, 0x80000000, 0x10000000)


def _flip_bits(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice([1, 4, 32, 256])):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _flip_in_header(data: bytes, chance: random.Random) -> bytes:
    end = max(data.find(PIXEL_DATA), 200)
    changed = bytearray(data)
    for _ in range(chance.choice([1, 2, 8])):
        changed[chance.randrange(128, end)] = chance.randrange(256)
    return bytes(changed)


def _flip_in_pixels(data: bytes, chance: random.Random) -> bytes:
    start = max(data.find(PIXEL_DATA), 0) + 12
    changed = bytearray(data)
    for _ in range(chance.choice([1, 8, 64])):
        # Most of what matters to a codec stands at the start.
        at = start + int((len(data) - start) * chance.random() ** 4)
        changed[min(at, len(data) - 1)] = chance.randrange(256)
    return bytes(changed)


def _truncate(data: bytes, chance: random.Random) -> bytes:
    return data[: int(len(data) * chance.random() ** 2)]


def _drop_a_piece(data: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(132, len(data))
    return data[:start] + data[start + chance.randrange(1, 5000) :]


def _repeat_a_piece(data: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(132, len(data))
    return data[:start] + data[start - 64 : start] * chance.randrange(1, 2000) + data[start:]


def _forge_a_length(data: bytes, chance: random.Random) -> bytes:
    end = max(data.find(PIXEL_DATA), 300)
    at = chance.randrange(132, end)
    return data[:at] + struct.pack("<I", chance.choice(HUGE)) + data[at + 4 :]


def _forge_the_pixels_length(data: bytes, chance: random.Random) -> bytes:
    at = data.find(PIXEL_DATA)
    if at < 0:
        return data[:64]
    offset = at + chance.choice([4, 8])
    return data[:offset] + struct.pack("<I", chance.choice([0, 1, *HUGE])) + data[offset + 4 :]


def _forge_dimensions(data: bytes, chance: random.Random) -> bytes:
    for tag in (ROWS, COLUMNS):
        at = data.find(tag)
        if at >= 0 and chance.random() < 0.8:
            value = struct.pack("<H", chance.choice([0, 1, 65535, 65535, 40000, 16384]))
            data = data[: at + 8] + value + data[at + 10 :]
    return data


def _forge_the_codestream(data: bytes, chance: random.Random) -> bytes:
    """Give the JPEG of a film, if there is one, other dimensions."""
    start = max(data.find(PIXEL_DATA), 0)
    for marker in (b"\xff\xc0", b"\xff\xc1", b"\xff\xc3", b"\xff\xf7", b"\xff\x51"):
        at = data.find(marker, start)
        if at >= 0:
            offset = at + chance.choice([5, 7] if marker != b"\xff\x51" else [6, 10, 22, 26])
            value = struct.pack(">H", chance.choice([0, 1, 65535, 30000]))
            return data[:offset] + value + data[offset + 2 :]
    return _forge_dimensions(data, chance)


def _forge_bits(data: bytes, chance: random.Random) -> bytes:
    for tag in BITS:
        at = data.find(tag)
        if at >= 0 and chance.random() < 0.5:
            value = struct.pack("<H", chance.choice([0, 1, 7, 8, 13, 16, 32, 64, 65535]))
            data = data[: at + 8] + value + data[at + 10 :]
    return data


def _page(data: bytes, chance: random.Random) -> bytes:
    return PAGE + b" " * chance.randrange(5000)


def _zip(data: bytes, chance: random.Random) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("film.dcm", data[:2000])
    return target.getvalue()


def _noise(data: bytes, chance: random.Random) -> bytes:
    start = b"\0" * 128 + b"DICM" if chance.random() < 0.5 else b""
    return start + chance.randbytes(chance.randrange(4000))


def _nest(data: bytes, chance: random.Random) -> bytes:
    """Put sequences within sequences, thousands deep, before the pixels."""
    at = data.find(ROWS)
    if at < 0:
        return data[:500]
    deep = b"\x08\x00\x15\x11SQ\0\0\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
    return data[:at] + deep * chance.choice([10, 900, 20_000]) + data[at:]


MUTATIONS: tuple[Mutation, ...] = (
    _flip_bits, _flip_in_header, _flip_in_pixels, _truncate, _drop_a_piece, _repeat_a_piece,
    _forge_a_length, _forge_the_pixels_length, _forge_dimensions, _forge_the_codestream,
    _forge_bits, _page, _zip, _noise, _nest,
)  # fmt: skip


def write_mutated(films: list[bytes], folder: Path, count: int, seed: int = 0) -> None:
    """Write `count` files made of the films, each mutation as often as any other."""
    folder.mkdir(parents=True)
    chance = random.Random(seed)
    for number in range(count):
        mutation = MUTATIONS[number % len(MUTATIONS)]
        uid = f"{PLACEHOLDER[:-6]}{number:06d}"
        film = chance.choice(films).replace(PLACEHOLDER.encode(), uid.encode())
        (folder / f"{number:05d}.dcm").write_bytes(mutation(film, chance))
