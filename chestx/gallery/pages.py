"""The pages of the site: the studies, and what has been counted and measured."""

from chestx.gallery.dataset_page import dataset_page
from chestx.gallery.html import ASSETS, ASSETS_FOLDER, article, page
from chestx.gallery.labels_page import labels_page
from chestx.gallery.models_page import models_page
from chestx.gallery.site import Contents
from chestx.gallery.workspace import Workspace
from chestx.job.output import Output

INDEX, DATASET, OF_LABELS, MODELS = "index.html", "dataset.html", "labels.html", "models.html"
STUDIES = "studies.html"
SCRIPTS = (
    "elements.js", "data.js", "find.js", "filters.js", "list.js", "marks.js", "heatmap.js",
    "film.js", "report.js", "verdicts.js", "labels.js", "reader.js", "review.js",
    "review_foot.js", "keys.js", "studies.js",
)  # fmt: skip
ALWAYS = ("gallery.css", "theme.js")


def write_pages(output: Output, workspace: Workspace, contents: Contents) -> None:
    """Write all pages, that of the studies last: without it there is no gallery."""
    output.make_subfolder(ASSETS_FOLDER)
    for name in (*ALWAYS, *SCRIPTS):
        output.write(f"{ASSETS_FOLDER}/{name}", (ASSETS / name).read_bytes())
    bodies = {
        ("Dataset", DATASET): dataset_page(workspace, contents, output.folder),
        ("Labels", OF_LABELS): labels_page(workspace, contents),
        ("Models", MODELS): models_page(workspace, output.folder),
    }
    nav = [("Studies", INDEX), *(key for key, body in bodies.items() if body)]
    for (title, name), body in bodies.items():
        if body:
            output.write(name, page(title, article(title, body), nav, name))
        else:
            with output.told_plainly():
                (output / name).unlink(missing_ok=True)
    studies = (ASSETS / STUDIES).read_text("utf-8")
    output.write(INDEX, page("Studies", studies, nav, INDEX, SCRIPTS))
