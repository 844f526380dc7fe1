"""The gallery as a reader meets it: opened from disk in headless Chromium."""

import json
import os
import re
import shutil
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gallery_workspace import NASTY, SIDE, write_dataset, write_reports, write_workspace
from hospital import CLASSES

from chestx.dataset.labels import read_labels
from chestx.gallery.make import make_gallery
from chestx.labeler.batch.mine import mine_labels

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
if CHROMIUM is None:
    pytest.skip("there is no Chromium: apt-get install chromium", allow_module_level=True)
READY = "body[data-ready]"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        # As root, as in CI, Chromium has no sandbox of its own.
        root = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=root)
        yield browser
        browser.close()


def shown(page: Any) -> None:
    """Wait for a study: the page's policy forbids functions that Playwright would have it run."""
    sync_api.expect(page.locator("h1")).to_have_text(re.compile(r"\S"))


class Visit:
    """A page in a browser of its own, and everything about it that must not be."""

    def __init__(self, browser: Any, gallery: Path, **options: Any) -> None:
        self.gallery = gallery
        self.context = browser.new_context(viewport={"width": 1440, "height": 900}, **options)
        self.page = self.context.new_page()
        self.faults: list[str] = []
        self.page.on("console", lambda said: self.faults.append(said.text))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", self._asked)
        self.page.add_init_script("window.failures = 0; window.fail = () => { failures += 1 }")

    def _asked(self, request: Any) -> None:
        if not request.url.startswith(("file:", "data:")):
            self.faults.append(request.url)

    def open(self, name: str = "index.html") -> Any:
        self.page.goto("about:blank")
        self.page.goto(
            (self.gallery / name.partition("#")[0]).as_uri() + name.partition("index.html")[2]
        )
        if name.startswith("index.html"):
            self.page.wait_for_selector(READY)
            shown(self.page)
        return self.page

    def end(self) -> None:
        assert not self.faults
        assert self.page.evaluate("window.failures") == 0
        self.context.close()


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("workspace")
    write_workspace(folder, 60)
    before = Path.cwd()
    os.chdir(folder)
    try:
        make_gallery()
    finally:
        os.chdir(before)
    return folder


@pytest.fixture
def visit(browser: Any, workspace: Path) -> Iterator[Visit]:
    visit = Visit(browser, workspace / "gallery")
    yield visit
    visit.end()


def predictions(workspace: Path) -> list[dict[str, Any]]:
    lines = (workspace / "runs/mil/evaluation/predictions.jsonl").read_text().splitlines()
    return list(map(json.loads, lines))


def count(page: Any) -> int:
    return int(page.locator("#count").inner_text().split()[0])


def test_reports_are_shown_as_they_are_and_nothing_in_them_runs(visit: Visit) -> None:
    page = visit.open()
    text_of = """() => {
      const text = document.querySelector('.text').cloneNode(true);
      text.querySelectorAll('.sign, .hidden, .verdict').forEach((one) => one.remove());
      return text.textContent;
    }"""
    page.fill("#q", "onerror")
    for number, text in enumerate(NASTY):
        sync_api.expect(page.locator("h1")).to_have_text(re.compile(f"{number}$"))
        if len(text) > 60_000:
            page.get_by_role("button", name="characters more").click()
        assert page.evaluate(text_of) == text
        page.keyboard.press("Escape")
        page.keyboard.press("j")


def test_filters_find_what_the_labels_say(visit: Visit, workspace: Path) -> None:
    labels = read_labels(workspace / "labels")
    page = visit.open()
    rows = page.locator(".row")
    assert count(page) == len(labels.states) + 1  # and a film without a report
    assert rows.count() < 40  # only what is seen is there
    for name in ("Effusion", "Pneumonia"):
        page.select_option("#class", label=name)
        column = [states[CLASSES.index(name)] for states in labels.states.values()]
        for label, state in (("present", 1), ("uncertain", -1), ("negated", 0)):
            page.select_option("[name=label]", label=label)
            assert count(page) == column.count(state)
    page.select_option("#sort", label="score, highest")
    scores = [float(one) for one in page.locator(".row .score").all_inner_texts()]
    assert scores == sorted(scores, reverse=True)
    before = page.evaluate("[location.hash, document.getElementById('count').textContent]")
    page.reload()
    page.wait_for_selector(READY)
    shown(page)
    assert page.evaluate("[location.hash, document.getElementById('count').textContent]") == before
    page.click("#clear")
    assert count(page) == len(labels.states) + 1


def test_agreement_compares_label_truth_and_model(visit: Visit, workspace: Path) -> None:
    labels, truth = (read_labels(workspace / name) for name in ("labels", "truth"))
    at = CLASSES.index("Effusion")
    said = {id: states[at] for id, states in labels.states.items()}
    true = {id: states[at] for id, states in truth.states.items()}
    page = visit.open()
    page.select_option("#class", label="Effusion")
    page.select_option("#agree", label="label and truth differ")
    assert count(page) == sum(said[id] != true[id] for id in true)
    page.select_option("#agree", label="label and model differ")
    differ = count(page)
    page.select_option(
        "#label" if page.locator("#label").count() else "[name=label]", label="uncertain"
    )
    assert count(page) == 0  # what is uncertain contradicts no model
    page.select_option("[name=label]", label="any")
    page.fill("#at", "0")
    assert count(page) != differ
    page.select_option("#agree", label="any")
    page.select_option("[name=show]", label="without a film")
    assert count(page) == 0


def test_boxes_are_hits_or_misses_of_the_truth(visit: Visit, workspace: Path) -> None:
    lines = (workspace / "dataset" / "BBox_List_2017.csv").read_text().splitlines()[1:]
    truth = {
        (c[0], c[1]): np.array(c[2:6], float) / (48, 64, 48, 64)
        for c in (line.split(",") for line in lines)
    }
    page = visit.open()
    for film in predictions(workspace)[3:12]:
        image = film["image"]
        ((name, found),) = film["findings"].items()
        runs = np.array(found["region"]) / 1000
        page.fill("#q", image)
        page.wait_for_selector(f".sheet[data-image$='{image}'] .tag")
        tags = page.locator(".tag").all_inner_texts()
        x, y = (np.mgrid[0:400, 0:400][::-1] + 0.5) / 400
        region = np.zeros(x.shape, bool)
        for left, top, width, height in runs:
            region |= (x >= left) & (x < left + width) & (y >= top) & (y < top + height)
        outline = page.locator("path.line:not(.truth)").get_attribute("d")
        assert length_of(outline) == pytest.approx(perimeter(region), abs=0.02)
        if (image, name) not in truth:
            assert tags == [f"{name} found"]
            continue
        left, top, width, height = truth[image, name]
        inside = (x >= left) & (x < left + width) & (y >= top) & (y < top + height)
        share = (inside & region).sum() / (inside | region).sum()
        assert tags == [f"{name} {'hit' if share > 0.3 else 'miss'}", f"{name} truth"]


def length_of(outline: str) -> float:
    """Return the length of an outline that goes up, down and across alone."""
    steps = re.findall(r"M(\S+) ([^VH]+)([VH])([^M]+)", outline)
    return sum(abs(float(end) - float(y if way == "V" else x)) for x, y, way, end in steps)


def perimeter(region: Any) -> float:
    """Return the length of the edges of what is in a picture whose sides are 1."""
    padded = np.pad(region, 1)
    edges = (padded[1:] != padded[:-1]).sum() + (padded[:, 1:] != padded[:, :-1]).sum()
    return float(edges) / len(region)


def test_the_heatmap_is_hot_where_the_model_looked(visit: Visit, workspace: Path) -> None:
    page = visit.open()
    page.keyboard.press("h")
    page.wait_for_selector("canvas.heat")
    (heatmap,) = predictions(workspace)[0]["heatmaps"].values()
    values = np.frombuffer(b64decode(heatmap["values"]), np.uint8).reshape(SIDE, SIDE)
    drawn = page.evaluate(
        """() => {
          const canvas = document.querySelector('canvas.heat');
          const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
          return [canvas.width, Array.from(data).filter((_, at) => at % 4 === 3)];
        }"""
    )
    width, cell = drawn[0], drawn[0] // SIDE
    alpha = np.reshape(drawn[1], (-1, width))[cell // 2 :: cell, cell // 2 :: cell]
    assert np.corrcoef(alpha.ravel(), values.ravel())[0, 1] > 0.98
    assert abs(alpha.max() - 255 * 0.65) < 12


def test_everything_can_be_done_by_keys(visit: Visit) -> None:
    page = visit.open()
    first = page.inner_text("#name")
    page.keyboard.press("j")
    sync_api.expect(page.locator("h1")).not_to_have_text(first)
    page.keyboard.press("k")
    sync_api.expect(page.locator("h1")).to_have_text(first)
    page.wait_for_selector(".tag")
    page.keyboard.press("t")
    page.keyboard.press("f")
    sync_api.expect(page.locator(".tag")).to_have_count(0)
    sync_api.expect(page).to_have_url(re.compile("layers="))
    page.keyboard.press("n")
    sync_api.expect(page.locator("#why")).to_contain_text("Rule")
    sync_api.expect(page.locator("#why dl")).to_be_in_viewport()
    page.locator("#labels tr:has(td:nth-of-type(1) .negated) button").first.click()  # a class
    sync_api.expect(page.locator("#why .chip")).to_have_class(re.compile("negated"))
    page.keyboard.press("?")
    sync_api.expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    sync_api.expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("/")
    sync_api.expect(page.locator("#q")).to_be_focused()


def start_review(page: Any, reader: str) -> None:
    page.keyboard.press("v")
    page.fill("#reader-name", reader)
    page.keyboard.press("Enter")
    page.wait_for_selector("td.judge")


def test_a_review_is_kept_saved_and_loaded(
    visit: Visit, browser: Any, workspace: Path, tmp_path: Path
) -> None:
    labels = read_labels(workspace / "labels")
    reader = "Dr. <img src=x onerror=fail()> Ö"
    page = visit.open()
    id = page.inner_text("#name")
    state = {1: "present", 0: "negated", -1: "uncertain", None: ""}
    of = {name: state[s] for name, s in zip(CLASSES, labels.states[id], strict=True)}
    order = ["present", "uncertain", "negated", ""]
    rows = sorted(CLASSES, key=lambda name: order.index(of[name]))
    start_review(page, reader)
    should = next(s for s in order[:3] if s != of[rows[0]])
    page.keyboard.press("w")
    page.keyboard.press(str(1 + order.index(should)))
    page.keyboard.press("u")
    page.keyboard.press("m")  # a class that was missed
    page.keyboard.press("w")
    page.keyboard.press("1")
    page.keyboard.press("a")
    missed = next(name for name in rows[2:] if of[name] == "")
    page.locator(".mention").first.click()
    page.locator("#why button.right").click()
    with page.expect_download() as download:
        page.click("#save")
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    saved = json.loads(file.read_text("utf-8"))
    verdicts = saved.pop("verdicts")
    assert saved == {
        "format": "chestx-review",
        "version": 1,
        "reader": reader,
        "gallery": json.loads((workspace / "gallery" / "run.json").read_text())["gallery"],
        "label_set": "chestx-ray14",
    }
    of_labels = {one["class"]: one for one in verdicts if one["kind"] == "label"}
    (of_mention,) = (one for one in verdicts if one["kind"] == "mention")
    for name, one in of_labels.items():
        wrong = {rows[0]: should, missed: "present"}.get(name)
        assert one == {
            "report_id": id, "kind": "label", "class": name, "state": of[name],
            "verdict": "wrong" if wrong else "unsure" if name == rows[1] else "right",
            "should_be": wrong, "note": "",
        }  # fmt: skip
    assert len(of_labels) == len(CLASSES)
    assert {"start", "end"} <= of_mention.keys()
    assert (of_mention["verdict"], of_mention["should_be"]) == ("right", None)
    again = visit.open()  # kept in the browser
    start_review(again, reader)
    assert "15 verdicts" in again.inner_text(".progress")
    other = Visit(browser, workspace / "gallery")
    there = other.open()
    start_review(there, reader)
    assert "0 verdicts" in there.inner_text(".progress")
    there.set_input_files("#load", file)
    sync_api.expect(there.locator(".progress")).to_contain_text("15 verdicts")
    (tmp_path / "other.json").write_text('{"format": "another"}')
    there.set_input_files("#load", tmp_path / "other.json")
    there.wait_for_selector("[role=alert]")
    other.end()


def test_no_verdict_is_lost_where_the_browser_keeps_none(visit: Visit, tmp_path: Path) -> None:
    visit.page.add_init_script(
        "Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError') }"
    )
    page = visit.open()
    progress = page.locator(".progress")
    start_review(page, "anna")
    places = page.locator("[id$=-right]").count() + page.locator(".mention").count()
    for _ in range(places):
        page.keyboard.press("r")
    whole = progress.inner_text()
    assert int(whole.split()[-2]) > len(CLASSES)  # mentions, too
    page.keyboard.press("r")  # the same at the last place takes nothing back
    page.click("#who")
    page.keyboard.press("Enter")
    sync_api.expect(progress).to_have_text(whole)
    page.click("#who")
    page.fill("#reader-name", "ben")
    page.keyboard.press("Enter")
    sync_api.expect(page.locator("#reader .fault")).to_contain_text("Save the verdicts of anna")
    page.keyboard.press("Escape")
    with page.expect_download() as download:
        page.click("#save")
    saved = json.loads(Path(download.value.path()).read_text("utf-8"))
    saved["verdicts"][0]["state"] = "present" if saved["verdicts"][0]["state"] == "" else ""
    (tmp_path / "stale.json").write_text(json.dumps(saved))
    page.set_input_files("#load", tmp_path / "stale.json")
    count = len(saved["verdicts"])
    sync_api.expect(page.locator("#say")).to_have_text(f"{count - 1} of {count} verdicts loaded")


def test_what_has_no_class_is_not_judged(
    browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mention outside of the label set has its reason, and no verdict, by keys or click."""
    monkeypatch.chdir(tmp_path)
    write_reports(tmp_path, {"a": "Scoliosis. Granuloma. Old rib fracture. No effusion."})
    mine_labels(["reports"], workers=1, quiet=True)
    make_gallery()
    visit = Visit(browser, tmp_path / "gallery")
    page = visit.open()
    start_review(page, "R")
    outside = 0
    for number in range(page.locator(".mention").count()):
        page.keyboard.press("n")
        page.keyboard.press("r")
        outside += "none of the label set" in page.inner_text("#why")
        page.locator(".mention").nth(number).click()
        page.keyboard.press("u")
    assert outside
    with page.expect_download() as download:
        page.click("#save")
    verdicts = json.loads(Path(download.value.path()).read_text("utf-8"))["verdicts"]
    assert verdicts
    assert all(one["class"] for one in verdicts)
    visit.end()


@pytest.mark.parametrize(
    "words", ["agree=foo", "agree=constructor", "sort=toString", "label=9", "class=x&at=x&show=x"]
)
def test_what_an_address_does_not_know_is_as_by_default(visit: Visit, words: str) -> None:
    everything = count(visit.open())
    page = visit.open(f"index.html#{words}")
    assert count(page) == everything
    assert page.locator("#at").input_value() == "0.5"
    page.locator(".row").nth(1).click()
    assert words.partition("=")[0] + "=" not in page.url


AXE = Path(pytest.importorskip("axe_playwright_python").__file__).with_name("axe.min.js")


def faults_of(page: Any) -> list[str]:
    """Return what axe-core finds serious or critical."""
    page.evaluate(AXE.read_text("utf-8") + ";0")
    found = page.evaluate("axe.run({ preload: false })")["violations"]
    return [
        f"{one['id']}: {node['html']} {node['failureSummary']}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(browser: Any, workspace: Path, scheme: str) -> None:
    visit = Visit(browser, workspace / "gallery", color_scheme=scheme)
    page = visit.open("index.html#layers=tfh")
    assert not faults_of(page)
    page.keyboard.press("n")
    start_review(page, "A. Reader")
    page.keyboard.press("w")
    page.locator(".mention").first.click()
    assert not faults_of(page)
    page.keyboard.press("?")
    assert not faults_of(page)
    for name in ("dataset.html", "models.html"):
        assert not faults_of(visit.open(name))
    visit.end()


def test_films_alone_and_reports_alone(
    browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    images = [f"{n:08d}_000.png" for n in range(1, 5)]
    write_dataset(tmp_path / "nih", images)
    (tmp_path / "nih/dataset/images" / images[-1]).unlink()
    make_gallery(Path("films"), data=Path("nih/dataset"))
    visit = Visit(browser, tmp_path / "films")
    page = visit.open()
    page.wait_for_selector(".tag")
    assert page.locator("#report").is_hidden()
    assert not faults_of(page)
    visit.open(f"index.html#id={images[-1]}").wait_for_selector("text=The film is not there.")
    visit.end()
    write_reports(tmp_path, {"a/1": "No effusion. Cardiomegaly."})
    mine_labels(["reports"], workers=1, quiet=True)
    make_gallery(Path("words"))
    visit = Visit(browser, tmp_path / "words")
    page = visit.open()
    assert page.locator("#film").is_hidden()
    assert page.locator(".mention").count() == 2
    assert not faults_of(page)
    start_review(page, "R")
    visit.end()
