"""`chestx mine-labels`: whatever happens to a run, the folder ends up the same."""

import csv
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from stand_in_labeler import CLASSES, StandIn

import chestx.labeler.batch.corpus
import chestx.labeler.batch.mine
from chestx.cli import main
from chestx.errors import ChestxError
from chestx.labeler.batch.mine import Summary, mine_labels
from chestx.labeler.batch.unit import unpack
from chestx.labeler.text.language import foreign_language, foreign_report

# The tests are of this source tree, whether or not it is installed.
FROM_HERE = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
STAND_IN = Path(__file__).with_name("stand_in_labeler.py")
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="kills, limits and /proc")


@pytest.fixture(autouse=True)
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chestx.labeler.batch.mine, "Labeler", StandIn)
    monkeypatch.setattr(chestx.labeler.batch.corpus, "UNIT", 20)


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """A folder with a CSV of 205 reports: units of 20, one of them short, some rows rejected."""
    folder = tmp_path / "reports"
    folder.mkdir()
    write_csv(folder / "b.csv", range(205))
    return folder


def write_csv(path: Path, numbers: range) -> None:
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "text"])
        for n in numbers:
            # Every 50th id is taken already, every 60th is awkward to write.
            id = f"r{n - 1}" if n % 50 == 49 else f'r,"{n}\n\rß' if n % 60 == 30 else f"r{n}"
            rows.writerow([id, f"The lungs are clear.{'.' * (n * 7 % 13)}"])


def hashes(out: Path) -> dict[str, str]:
    files = [path for path in out.rglob("*") if path.name != "run.json" and path.is_file()]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def start(
    out: Path, *arguments: object, seconds: float = 0, **options: object
) -> subprocess.Popen[str]:
    command = [STAND_IN, 20, seconds, out.with_suffix(".log"), "mine-labels", *arguments, "-o", out]
    return subprocess.Popen(
        [sys.executable, *map(str, command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=FROM_HERE,
        **options,  # type: ignore[call-overload]
    )


def labelled(out: Path) -> list[str]:
    """Return the ids that were labelled so far, by any run, as `ascii` shows them."""
    log = out.with_suffix(".log")
    lines = log.read_text().splitlines() if log.exists() else []
    return [line.partition(" ")[2] for line in lines]


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_files_say_what_the_labeler_said(reports: Path, tmp_path: Path) -> None:
    summary = mine_labels([reports], tmp_path / "labels", workers=1)
    out = tmp_path / "labels"
    texts = {row["id"]: row["text"] for row in reversed(table(reports / "b.csv"))}
    rows = table(out / "labels.csv")
    assert list(rows[0]) == ["report_id", "Finding Labels", "Normal", *CLASSES]
    assert [row["report_id"] for row in rows] == list(reversed(texts))
    mentions = pq.read_table(out / "mentions.parquet").to_pylist()
    for row in rows:
        said = StandIn()(texts[row["report_id"]])
        assert {name: row[name] for name in CLASSES} == {
            name: str(said.labels.get(name, "")) for name in CLASSES
        }
        assert row["Normal"] == str(int(said.normal))
        present = [name for name in CLASSES if said.labels.get(name) == 1]
        assert row["Finding Labels"] == ("|".join(present) or "No Finding")
        for mention in said.mentions:
            expected = {name: getattr(mention, name) for name in mention.__slots__}
            assert mentions.pop(0) == {"report_id": row["report_id"], **expected}
    assert not mentions
    assert [row["reason"] for row in table(out / "rejected.csv")] == ["duplicate id"] * 4
    assert (summary.reports, summary.mined, summary.rejected) == (201, 201, 4)
    assert str(summary).endswith(f"4 records rejected, see '{out}/rejected.csv'")
    run = json.loads((out / "run.json").read_text())
    assert (run["inputs"], run["reports"], run["rejected"], run["finished"]) == (1, 201, 4, True)
    assert set(run["seconds"]) == {"load", "mine", "label", "write"}
    assert {path.name for path in out.iterdir()} == {
        ".lock", "labels.csv", "mentions.parquet", "rejected.csv", "run.json",
    }  # fmt: skip
    if os.name == "posix":
        assert stat.S_IMODE(out.stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in out.iterdir()} == {0o600}


def test_any_number_of_workers_leaves_the_same_bytes(reports: Path, tmp_path: Path) -> None:
    found = []
    for workers in (1, 2, 3):
        mine_labels([reports], tmp_path / str(workers), workers=workers)
        found.append(hashes(tmp_path / str(workers)))
    assert found[0] == found[1] == found[2]


@linux_only
@pytest.mark.parametrize("seed", range(3))
def test_killed_and_resumed_equals_uninterrupted(reports: Path, tmp_path: Path, seed: int) -> None:
    mine_labels([reports], tmp_path / "whole", workers=1)
    out = tmp_path / "labels"
    chance = random.Random(seed)
    for _ in range(5):
        before = len(labelled(out))
        finished = {ascii(id) for part in parts(out) for id in ids_in(part)}
        run = start(out, reports, "--workers", 1 + seed, seconds=0.002, start_new_session=True)
        deadline = len(labelled(out)) + chance.randrange(1, 70)
        while len(labelled(out)) < deadline and run.poll() is None:
            time.sleep(0.002)
        if run.poll() is None:
            kill = chance.choice([os.kill, os.killpg])
            kill(run.pid, signal.SIGKILL)
        run.communicate()
        assert not finished & set(labelled(out)[before:])
    run = start(out, reports, "--workers", 2)
    assert run.communicate()[1] == ""
    assert hashes(out) == hashes(tmp_path / "whole")


def parts(out: Path) -> Iterator[Path]:
    if (out / ".parts").exists():
        yield from (path for path in (out / ".parts").iterdir() if path.name[0] != ".")


def ids_in(part: Path) -> list[str]:
    rows = bytes(unpack(part.read_bytes()).labels_csv).decode()
    return [row[0] for row in csv.reader(rows.splitlines(keepends=True))]


def die_at(step: int, monkeypatch: pytest.MonkeyPatch, after: bool) -> None:
    """Let the process die at its `step`th rename, just before or after it."""
    rename = Path.replace
    count = 0

    def replace(self: Path, target: Path) -> Path:
        nonlocal count
        count += 1
        if count == step and not after:
            os._exit(9)
        rename(self, target)
        if count == step:
            os._exit(9)
        return target

    monkeypatch.setattr(Path, "replace", replace)


def in_a_fork(work: Callable[[], object]) -> int:
    """Run `work` in a forked process; return its exit status."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@linux_only
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("added", [False, True])
def test_dying_at_any_commit_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: bool, added: bool
) -> None:
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    write_csv(first, range(50))
    write_csv(second, range(30, 95))

    def whole(out: Path) -> None:
        for inputs in ([first], [first, second])[not added :]:
            mine_labels(inputs, out, workers=1, quiet=True)

    whole(tmp_path / "whole")
    for step in range(1, 99):
        out = tmp_path / f"out{step}"
        if added:
            mine_labels([first], out, workers=1, quiet=True)

        def doomed(out: Path = out, step: int = step) -> None:
            with pytest.MonkeyPatch.context() as patch:
                die_at(step, patch, after)
                mine_labels([first, second], out, workers=1, quiet=True)

        status = in_a_fork(doomed)
        mine_labels([first, second], out, workers=1, quiet=True)
        assert hashes(out) == hashes(tmp_path / "whole")
        shutil.rmtree(out)
        if status == 0:
            break
        assert status == 9
    assert step > 8


@linux_only
def test_workers_do_not_outlive_a_killed_parent(reports: Path, tmp_path: Path) -> None:
    run = start(tmp_path / "labels", reports, "--workers", 3, seconds=30)
    log = tmp_path / "labels.log"
    workers: set[str] = set()
    while len(workers) < 3:
        assert run.poll() is None
        time.sleep(0.01)
        lines = log.read_text().splitlines() if log.exists() else []
        workers = {line.split(" ")[0] for line in lines} - {str(run.pid)}
    assert all(is_running(worker) for worker in workers)
    run.kill()
    run.communicate()
    wait_until(lambda: not any(is_running(worker) for worker in workers))


def is_running(process: str) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until(condition: Callable[[], bool]) -> None:
    for _ in range(1000):
        if condition():
            return
        time.sleep(0.02)
    pytest.fail("it never came true")


def test_ctrl_c_ends_all_and_can_be_resumed(reports: Path, tmp_path: Path) -> None:
    out = tmp_path / "labels"
    run = start(out, reports, "--workers", 2, seconds=0.05, start_new_session=True)
    wait_until(lambda: len(labelled(out)) > 30)
    os.killpg(run.pid, signal.SIGINT)
    _, errors = run.communicate()
    assert run.returncode == 130
    assert errors.splitlines() == ["interrupted: the same command again goes on where it stopped"]
    mine_labels([reports], out, workers=1)
    mine_labels([reports], tmp_path / "whole", workers=1)
    assert hashes(out) == hashes(tmp_path / "whole")


def cli(*arguments: object) -> Result:
    return CliRunner().invoke(main, list(map(str, arguments)))


def test_nothing_to_do_touches_nothing(reports: Path, tmp_path: Path) -> None:
    out = tmp_path / "labels"
    assert cli("mine-labels", reports, "-o", out).exit_code == 0
    before = {path: path.stat().st_mtime_ns for path in out.iterdir()}
    again = cli("mine-labels", reports, "-o", out, "--workers", 3)
    assert again.stdout.startswith("nothing to do")
    assert before == {path: path.stat().st_mtime_ns for path in out.iterdir()}


def test_added_inputs_follow_what_was_there(reports: Path, tmp_path: Path) -> None:
    out = tmp_path / "labels"
    mine_labels([reports], out, workers=1)
    old = (out / "labels.csv").read_bytes()
    # Before the old input in the order of reading, and with ids that are taken.
    write_csv(reports / "a.csv", range(190, 230))
    summary = mine_labels([reports], out, workers=1)
    assert (out / "labels.csv").read_bytes().startswith(old)
    new = [row["report_id"] for row in table(out / "labels.csv")][201:]
    assert new == [*(f"r{n}" for n in range(205, 210)), 'r,"210\n\rß',
                   *(f"r{n}" for n in range(211, 230))]  # fmt: skip
    assert summary == Summary(out, 226, 25, 19, up_to_date=False)
    groups = pq.ParquetFile(out / "mentions.parquet").num_row_groups
    assert groups == 11 + 2
    assert mine_labels([reports], out).up_to_date


@pytest.mark.parametrize("change", ["touched", "gone", "options", "edited"])
def test_other_inputs_or_options_are_refused(reports: Path, tmp_path: Path, change: str) -> None:
    out = tmp_path / "labels"
    write_csv(reports / "c.csv", range(300, 310))
    mine_labels([reports], out, workers=1)
    before = hashes(out)
    arguments: list[object] = ["mine-labels", reports, "-o", out]
    if change == "touched":
        os.utime(reports / "c.csv", (1, 1))
    elif change == "gone":
        (reports / "c.csv").unlink()
    elif change == "options":
        arguments += ["--text-column", "text"]
    else:
        with (out / "labels.csv").open("a") as file:
            file.write("mine,,,\n")
        before = hashes(out)
    refused = cli(*arguments)
    assert refused.exit_code == 1
    assert len(refused.stderr.splitlines()) == 1
    assert refused.stderr.strip().endswith("use --no-resume or another -o")
    assert hashes(out) == before
    assert cli(*arguments, "--no-resume").exit_code == 0
    assert cli(*arguments).stdout.startswith("nothing to do")


def test_files_of_unknown_origin_are_not_overwritten(reports: Path, tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("precious")
    for resume in (True, False):
        with pytest.raises(ChestxError, match=r"labels.csv' was not made by chestx"):
            mine_labels([reports], tmp_path, resume=resume)
    assert (tmp_path / "labels.csv").read_text() == "precious"


@linux_only
@pytest.mark.parametrize("limit", [500, 2_000, 6_000])
def test_a_full_disk_is_one_line_and_a_resumable_state(
    reports: Path, tmp_path: Path, limit: int
) -> None:
    out = tmp_path / "labels"
    full = start(
        out,
        reports,
        "--workers",
        2,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    _, errors = full.communicate()
    assert full.returncode == 1
    assert [line[:24] for line in errors.splitlines()] == ["Error: no space left for"]
    assert not list(out.rglob("*.chestx-tmp"))
    mine_labels([reports], out, workers=1)
    mine_labels([reports], tmp_path / "whole", workers=1)
    assert hashes(out) == hashes(tmp_path / "whole")


def test_a_second_run_on_the_folder_is_refused(
    reports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chestx.job.output.LOCK_SECONDS", 0.1)
    out = tmp_path / "labels"
    run = start(out, reports, "--workers", 1, seconds=0.2)
    wait_until(lambda: bool(labelled(out)))
    refused = cli("mine-labels", reports, "-o", out)
    run.kill()
    run.communicate()
    assert refused.exit_code == 1
    assert "another chestx is writing to" in refused.stderr


@pytest.mark.parametrize(("workers", "text"), [(1, "BOOM"), (2, "BOOM"), (2, "DIE")])
def test_a_failure_never_quotes_a_report(tmp_path: Path, workers: int, text: str) -> None:
    path = tmp_path / "reports.csv"
    rows = [f"r{n},{text} Jane Doe" if n == 30 else f"r{n},clear" for n in range(60)]
    path.write_text("\n".join(["id,text", *rows]))
    arguments = [path, "-o", tmp_path / "labels", "--workers", workers, "--id-column", "id"]
    failed = cli("mine-labels", *arguments)
    assert failed.exit_code == 1
    assert len(failed.stderr.splitlines()) == 1
    assert "Jane" not in failed.output
    if text == "BOOM":
        assert "LookupError" in failed.stderr
        debug = cli("--debug", "mine-labels", *arguments)
        assert isinstance(debug.exception, LookupError if workers == 1 else ChestxError)
        assert isinstance(cli("mine-labels", *arguments, "--debug").exception, Exception)


def test_all_rejected_is_an_error_until_a_readable_report_is_added(tmp_path: Path) -> None:
    folder, out = tmp_path / "reports", tmp_path / "labels"
    folder.mkdir()
    empty = cli("mine-labels", folder, "-o", out)
    assert (empty.exit_code, "no reports found" in empty.stderr) == (1, True)
    (folder / "damaged.zip").write_bytes(b"PK\3\4 no more")
    for _ in range(2):
        failed = cli("mine-labels", folder, "-o", out)
        assert failed.exit_code == 1
        assert f"see '{out}/rejected.csv'" in failed.stderr
        assert "the only record could not be used (damaged" in failed.stderr
    assert len(table(out / "rejected.csv")) == 1
    assert not (out / "labels.csv").exists()
    assert not (out / "mentions.parquet").exists()
    (folder / "good.txt").write_text("No effusion.")
    done = cli("mine-labels", folder, "-o", out, "--quiet")
    assert done.exit_code == 0
    assert "1 record rejected" in done.stdout


def test_a_first_try_that_mined_nothing_binds_no_one(tmp_path: Path) -> None:
    table, out = tmp_path / "export.csv", tmp_path / "labels"
    table.write_text("Befundnr,Bericht,Gerät\n7,No effusion.,x\n8,Mass.,y\n")
    with pytest.raises(ChestxError, match="--text-column"):
        mine_labels([table], out, workers=1, quiet=True)
    mined = mine_labels([table], out, text_column="Bericht", id_column="Befundnr", quiet=True)
    assert mined.reports == 2
    empty, other = tmp_path / "empty.csv", tmp_path / "other"
    empty.write_text("id,text\na,\n")
    with pytest.raises(ChestxError, match="could not be used"):
        mine_labels([empty], other, workers=1, quiet=True)
    again = mine_labels([table], other, text_column="Bericht", id_column="Befundnr", quiet=True)
    assert (again.reports, again.rejected) == (2, 0)


def test_labels_outlive_a_new_run_without_a_report(reports: Path, tmp_path: Path) -> None:
    out, bad = tmp_path / "labels", tmp_path / "bad.csv"
    mine_labels([reports], out, workers=1)
    before = hashes(out)
    bad.write_text("id,text\na,\nb,\n")
    failed = cli("mine-labels", bad, "-o", out, "--no-resume")
    assert failed.exit_code == 1
    assert "none of the 2 records could be used (empty report)" in failed.stderr
    after = hashes(out)
    assert [name for name in before if before[name] != after[name]] == ["rejected.csv"]
    write_csv(tmp_path / "good.csv", range(3))
    with pytest.raises(ChestxError, match="made with other options"):
        mine_labels([bad, tmp_path / "good.csv"], out)
    mine_labels([reports], out, workers=1, resume=False)
    assert hashes(out) == before
    with pytest.raises(ChestxError, match=r"made with other options \(label_set, format\): use"):
        mine_labels([reports], out, label_set="chexpert", format="text")


def test_counts_are_in_the_singular_where_they_are_one(tmp_path: Path) -> None:
    said = [str(Summary(tmp_path, 1, 1, 1, up_to_date=known)) for known in (False, True)]
    assert said[0].startswith("1 report mined, ")
    assert said[1].endswith(f"the only report; 1 record rejected, see '{tmp_path}/rejected.csv'")


def test_standard_input_resumes_only_what_it_can_compare(tmp_path: Path) -> None:
    out = tmp_path / "labels"
    lines = [json.dumps({"id": f"r{n}", "text": "Clear."}) + "\n" for n in range(400)]

    def from_stdin(lines: list[str], **options: object) -> "subprocess.Popen[str]":
        arguments = ["-", "--format", "jsonl", "--workers", 1]
        run = start(out, *arguments, stdin=subprocess.PIPE, **options)
        assert run.stdin is not None
        run.stdin.write("".join(lines))
        run.stdin.flush()
        return run

    # All but the end of the input is there: the run waits for more when it is killed.
    run = from_stdin(lines[:350])
    wait_until(lambda: len(list(parts(out))) > 2)
    run.kill()
    run.communicate()
    finished = {ascii(id) for part in parts(out) for id in ids_in(part)}
    before = len(labelled(out))

    assert "other options" in from_stdin(lines[1:]).communicate()[1]
    assert from_stdin(lines).communicate()[1] == ""
    assert not finished & set(labelled(out)[before:])
    assert len(table(out / "labels.csv")) == 400
    again = from_stdin([]).communicate()[1]
    assert again.endswith("use --no-resume or another -o\n")


def test_wrong_usage_is_status_2(tmp_path: Path) -> None:
    assert cli("mine-labels").exit_code == 2
    assert cli("mine-labels", tmp_path / "missing").exit_code == 2
    assert cli("mine-labels", tmp_path, "--workers", "0").exit_code == 2
    assert "Example" in cli("mine-labels", "--help").output


ENGLISH = [
    "No effusion. Heart normal.",
    "Normal.",
    "XXXX XXXX.",
    "CXR: RLL infiltrate. LLL infiltrate. Mediastinum midline. No PTX.",
    "Infiltrate RLL. Infiltrate LLL. Infiltrate RML.",
    "Cardiomegaly. Pneumothorax.",
    "Lines in place, no pneumothorax. Patient de la Cruz, Dr. van der Berg.",
    "The heart is normal in size. The lungs are clear.",
]
FOREIGN = {
    "German": "Herz nicht vergrößert. Kein Pleuraerguss, keine Infiltrate. Kein Pneumothorax.",
    "French": "Pas d'épanchement pleural. Le coeur est de taille normale. Absence de foyer.",
    "Spanish": "No se observa derrame pleural. Silueta cardíaca de tamaño normal. Sin neumotórax.",
    "Portuguese": "Não há derrame pleural. Área cardíaca normal. Seios costofrênicos livres.",
    "Italian": "Non versamento pleurico. Ombra cardiaca nei limiti della norma. Polmoni chiari.",
    "Dutch": "Geen pleuravocht. Het hart is niet vergroot. Longen zonder afwijkingen.",
    "another script": "Сердце не расширено. Плевральный выпот не определяется. Лёгкие чистые.",
}


@pytest.mark.parametrize(
    "text",
    [
        "Kein Pneumothorax.",
        "FINDINGS: Small left effusion.\nIMPRESSION: Kleiner Erguss. Keine Pneumonie.",
        "Pas de pneumothorax. Pas d epanchement pleural.",
        "The lungs are clear, geen pneumothorax.",
    ],
)
def test_a_foreign_negation_is_never_read_as_a_finding(text: str, tmp_path: Path) -> None:
    write_csv(tmp_path / "reports.csv", range(3))
    (tmp_path / "foreign.txt").write_text(text)
    mine_labels([tmp_path], tmp_path / "labels", workers=1, quiet=True)
    (row,) = table(tmp_path / "labels" / "rejected.csv")
    assert row["reason"].startswith("seems to be in ")


@pytest.mark.parametrize("text", ENGLISH)
def test_english_is_never_refused(text: str) -> None:
    assert foreign_language([text] * 50) is None
    assert foreign_report(text) is None


@pytest.mark.parametrize("language", FOREIGN)
def test_another_language_is_seen(language: str, tmp_path: Path) -> None:
    text = FOREIGN[language]
    assert language in (foreign_language([text] * 9 + ENGLISH[:3]) or "")
    assert foreign_language([text] * 4 + ["The lungs are clear."] * 5) is None
    assert foreign_language([" ".join(text.split()[:8])]) is None
    assert language in (foreign_report(text) or "")
    for n in range(9):
        (tmp_path / f"{n}.txt").write_text(text)
    refused = cli("mine-labels", tmp_path, "-o", tmp_path / "labels")
    assert refused.exit_code == 1
    assert "English reports only" in refused.stderr
    assert not (tmp_path / "labels" / "run.json").exists()


def test_the_labeler_itself_is_resumed_by_another_process(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("No effusion. Small left pneumothorax cannot be excluded.")
    program = (
        "import sys; from pathlib import Path; from chestx.labeler.batch.mine import mine_labels\n"
        "print(mine_labels([sys.argv[1]], Path(sys.argv[2]), quiet=True))\n"
        "assert not {'pandas', 'torch'} & set(sys.modules)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "a.txt"), str(tmp_path / "labels")]
    said = []
    for seed in ("1", "2"):  # of the order of sets
        env = {**FROM_HERE, "PYTHONHASHSEED": seed}
        said.append(subprocess.check_output(command, text=True, env=env))
    assert said[0].startswith("1 report mined")
    assert said[1].startswith("nothing to do")
    (row,) = table(tmp_path / "labels" / "labels.csv")
    assert (row["Effusion"], row["Pneumothorax"], row["Mass"]) == ("0", "-1", "")
