"""The output folder, the ledger and the workers, apart from any command."""

import csv
import faulthandler
import io
import json
import multiprocessing
import os
import signal
import stat
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chestx.errors import ChestxError
from chestx.job.csv_line import csv_line
from chestx.job.ledger import Ledger, digests_of, fingerprint_of, read_ledger, write_run
from chestx.job.output import Output, claim
from chestx.job.workers import Guard, ordered_map

FIELDS = st.lists(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=2
)


@given(st.lists(FIELDS, min_size=1))
def test_csv_lines_read_back_as_they_were(rows: list[list[str]]) -> None:
    text = "".join(map(csv_line, rows))
    assert list(csv.reader(io.StringIO(text, newline=""))) == rows


def spoil(output: Output, error: Exception) -> None:
    with output.writing("a") as file:
        file.write(b"new")
        raise error


def fill(output: Output) -> None:
    with output.writing("a") as file, Path("/dev/full").open("wb") as full:
        os.dup2(full.fileno(), file.fileno())
        file.write(b"new")


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    with Output(tmp_path / "out") as output:
        output.write("a", b"old")
        with pytest.raises(RuntimeError):
            spoil(output, RuntimeError("half of it"))
        assert (output / "a").read_bytes() == b"old"
        assert {path.name for path in output.folder.iterdir()} == {".lock", "a"}


def test_leftovers_of_a_killed_run_go_and_other_files_stay(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "sub").mkdir(parents=True)
    left = [out / ".a.chestx-tmp", out / "sub" / ".b.chestx-tmp"]
    for path in [*left, out / ".c.tmp"]:
        path.touch()
    with Output(out):
        assert not any(path.exists() for path in left)
        assert (out / ".c.tmp").exists()


def test_one_writer_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chestx.job.output.LOCK_SECONDS", 0.1)
    with Output(tmp_path), pytest.raises(ChestxError, match="another chestx is writing to"):
        Output(tmp_path).__enter__()
    with Output(tmp_path):
        pass


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_private_folders_and_files_are_for_the_owner_only(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "foreign" / "photos").mkdir(parents=True)
    folders = {"new": 0o700, "empty": 0o700, "foreign": 0o755}
    (tmp_path / "foreign").chmod(0o755)
    for name, mode in folders.items():
        with Output(tmp_path / name, private=True) as output:
            output.write("a", b"")
            output.make_subfolder("s")
        assert stat.S_IMODE(output.folder.stat().st_mode) == mode
        assert stat.S_IMODE((output / "s").stat().st_mode) == 0o700
        assert {stat.S_IMODE((output / f).stat().st_mode) for f in ("a", ".lock")} == {0o600}


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
@pytest.mark.parametrize("command", ["gallery", "train"])
def test_a_folder_becomes_private_when_it_is_the_commands_own(tmp_path: Path, command: str) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / ".lock").touch()
    (tmp_path / "run.json").write_text(json.dumps({"command": command}))
    refused = command != "gallery"
    with (
        Output(tmp_path, private=True) as output,
        pytest.raises(ChestxError, match="not made by") if refused else nullcontext(),
    ):
        assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
        claim(output, "gallery")
    assert stat.S_IMODE(tmp_path.stat().st_mode) == (0o755 if refused else 0o700)


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ChestxError, match=r"cannot write to .*: make it writable or use another"):
        Output(tmp_path / "file" / "out").__enter__()


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
@pytest.mark.parametrize("mode", [0o555, 0o500])
@pytest.mark.parametrize("private", [True, False])
def test_a_write_protected_folder_stays_so(tmp_path: Path, mode: int, private: bool) -> None:
    out = tmp_path / "out"
    out.mkdir()
    out.chmod(mode)
    with pytest.raises(ChestxError, match="cannot write to"):
        Output(out, private=private).__enter__()
    assert stat.S_IMODE(out.stat().st_mode) == mode
    assert not list(out.iterdir())


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's own")
def test_a_full_disk_says_so_and_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Output(tmp_path) as output:
        output.write("a", b"old")
        with pytest.raises(ChestxError, match="no space left"):
            fill(output)
        assert (output / "a").read_bytes() == b"old"


def fail_after_writing(folder: Path, *files: str) -> None:
    with Output(folder) as output:
        for name in files:
            output.write(name, b"")
        raise ValueError("bad input")


def test_a_command_that_fails_at_once_leaves_no_folder(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    for name, files in (("new/run", ()), ("there", ()), ("begun", ("a",))):
        with pytest.raises(ValueError, match="bad input"):
            fail_after_writing(tmp_path / name, *files)
    assert not (tmp_path / "new").exists()
    assert (tmp_path / "there").exists()
    assert (tmp_path / "begun" / "a").exists()


def test_ledger_keeps_what_is_done_and_names_nothing(tmp_path: Path) -> None:
    first, second = ("Jane Doe.txt", 1, 2), ("b", 3, 4)
    fingerprint = fingerprint_of(a=1)
    with Output(tmp_path) as output:
        ledger = read_ledger(output, fingerprint, ["labels.csv"])
        (ledger.doing,) = ledger.batches(digests_of([first]), tmp_path)
        write_run(output, ledger, {}, ["pyarrow", "no-such-library"])
        assert b"Jane" not in (output / "run.json").read_bytes()

        ledger = read_ledger(output, fingerprint, [])
        both = digests_of([second, first])
        assert ledger.batches(both, tmp_path) == [(both[1],), (both[0],)]
        ledger.finish({"rows": 1})
        write_run(output, ledger, {}, [])
        assert read_ledger(output, fingerprint, []) == ledger
        assert ledger.batches(both, tmp_path) == [(both[0],)]

        for changed in ([second], [("Jane Doe.txt", 1, 3)]):
            with pytest.raises(ChestxError, match="made with other inputs"):
                ledger.batches(digests_of(changed), tmp_path)
        with pytest.raises(ChestxError, match="made with other options"):
            read_ledger(output, fingerprint_of(a=2), [])
        output.write("run.json", b"{}")
        with pytest.raises(ChestxError, match="made with other options"):
            read_ledger(output, fingerprint, [])
        (output / "run.json").unlink()
        output.write("labels.csv", b"")
        with pytest.raises(ChestxError, match="not made by chestx"):
            read_ledger(output, fingerprint, ["labels.csv"])


def test_equal_inputs_are_told_apart() -> None:
    assert len(set(digests_of([("a", 1, 1), ("a", 1, 1), ("a", 1, 2)]))) == 3
    assert Ledger("f").batches(digests_of([]), Path()) == []


def _square(number: int) -> tuple[int, int]:
    time.sleep(0.01 * (number % 3))
    return number * number, os.getpid()


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_results_come_in_order(workers: int) -> None:
    results = list(ordered_map(_square, range(20), workers))
    assert [square for square, _ in results] == [n * n for n in range(20)]
    processes = {process for _, process in results}
    assert processes == {os.getpid()} if workers == 1 else len(processes) == workers
    assert not multiprocessing.active_children()


def test_one_item_starts_no_process() -> None:
    assert list(ordered_map(_square, [3], 8)) == [(9, os.getpid())]
    assert list(ordered_map(_square, [], 8)) == []


def test_with_threads_processes_are_spawned() -> None:
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        results = list(ordered_map(abs, [-1, -2], 2, before_fork=pytest.fail))
    finally:
        done.set()
        thread.join()
    assert results == [1, 2]


def test_reading_ahead_is_bounded() -> None:
    read: list[int] = []

    def items() -> Iterator[int]:
        for n in range(100):
            read.append(n)
            yield n

    results = ordered_map(_square, items(), 2)
    next(results)
    assert len(read) < 12
    results.close()
    assert not multiprocessing.active_children()


def _fail(number: int) -> int:
    if number == 3:
        raise ValueError("PATIENT")
    if number == 13:
        raise ChestxError("known")
    if number == 23:
        os._exit(5)
    return number


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([1, 2, 3, 4], r"unexpected ValueError in a worker: run with --debug"),
        ([1, 13], "known"),
        ([1, 23, 4, 5], r"a worker process ended unexpectedly \(exit code 5\)"),
    ],
)
def test_a_failing_worker_is_one_error(items: list[int], message: str) -> None:
    with pytest.raises(ChestxError, match=message) as caught:
        list(ordered_map(_fail, items, 2))
    assert "PATIENT" not in str(caught.value)
    assert not multiprocessing.active_children()


def _misbehave(number: int) -> str:
    if number == 3:
        faulthandler.disable()  # pytest's would print where
        os.kill(os.getpid(), signal.SIGSEGV)
    if number == 4:
        time.sleep(0.7)  # waiting is no computing
    if number == 5:
        while True:
            pass
    if number == 7:
        try:
            bytearray(2**31)
        except MemoryError:
            return "no memory"
    return str(number)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits memory")
@pytest.mark.parametrize("workers", [1, 2])
def test_a_guard_outlives_crashes_hangs_and_greed(workers: int) -> None:
    guard = Guard[int, str](lambda number, reason: f"{number}: {reason}", 0.5, 2**30)
    expected = [str(number) for number in range(12)]
    expected[3] = "3: a decoder crashed on it"
    expected[5] = "5: it took more than 0.5 seconds"
    expected[7] = "no memory"
    assert list(ordered_map(_misbehave, range(12), workers, guard=guard)) == expected
    assert list(ordered_map(_misbehave, [3], workers, guard=guard)) == [expected[3]]
    assert not multiprocessing.active_children()


def test_a_killed_worker_is_no_fault_of_its_item() -> None:
    guard = Guard[int, int](lambda number, reason: number, 60, 2**30)
    with pytest.raises(ChestxError, match="exit code -9"):
        list(ordered_map(_be_killed, [1], 1, guard=guard))


def _be_killed(number: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return number
