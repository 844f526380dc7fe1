"""The tasks of a round of annotation, as Label Studio and CVAT take them in.

Label Studio: a labelling configuration and a list of tasks, with images from a local folder
(labelstud.io: guide/tasks, guide/storage, tags/rectanglelabels). CVAT: for each keyword a task with
one label, made by its command line (docs.cvat.ai: api_sdk/cli) or by hand in the raw editor of
labels.
"""

import json
from collections.abc import Sequence
from typing import NamedTuple
from xml.sax.saxutils import quoteattr

from chestx.job.csv_line import csv_line


class Task(NamedTuple):
    """A film on which a radiologist draws the boxes of a `keyword`, a class."""

    number: int
    image: str
    keyword: str


def tasks_csv(tasks: Sequence[Task]) -> str:
    """Return the table of all tasks."""
    lines = [csv_line(Task._fields)]
    lines += [csv_line((str(task.number), task.image, task.keyword)) for task in tasks]
    return "".join(lines)


def label_studio_config(classes: Sequence[str]) -> str:
    """Return what a radiologist sees: the keyword, the film, a label for each class."""
    labels = "\n".join(f"    <Label value={quoteattr(name)}/>" for name in classes)
    return f"""<View>
  <Header value="Draw a box around every"/>
  <Header value="$keyword" size="3"/>
  <RectangleLabels name="finding" toName="film" canRotate="false">
{labels}
  </RectangleLabels>
  <Image name="film" value="$image" zoom="true" zoomControl="true" brightnessControl="true" \
contrastControl="true"/>
</View>
"""


def label_studio_tasks(tasks: Sequence[Task]) -> str:
    """Return the tasks with their images as Label Studio serves them from a local folder."""
    items = [
        {
            "data": {
                "image": f"/data/local-files/?d=images/{task.image}",
                "keyword": task.keyword,
                "number": task.number,
            }
        }
        for task in tasks
    ]
    return json.dumps(items, indent=1) + "\n"


def cvat_labels(keyword: str) -> str:
    """Return the one label of a task, for `--labels` or the raw editor."""
    return json.dumps([{"name": keyword, "type": "rectangle", "attributes": []}]) + "\n"


def cvat_files(tasks: Sequence[Task]) -> str:
    """Return the images of a task, one a line."""
    return "".join(f"images/{task.image}\n" for task in tasks)


README = """# A round of annotation

Films of the dataset in `images/`, without names. Each task in `tasks.csv` is a film and a keyword,
the finding that its report states: the radiologist draws a box around every instance of it. Two
readers of the same tasks are compared when their boxes are imported.

## Label Studio

1. Start it with this folder as the root of local files:
   `LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true`,
   `LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT=<the absolute path of this folder>`.
2. Make a project; paste `label-studio/config.xml` as the code of its labelling interface.
3. Settings, Cloud Storage: add a source storage of the type Local Files with the absolute path of
   `images`; do not sync it.
4. Import `label-studio/tasks.json`.
5. Export as JSON, not JSON-MIN. Every radiologist needs an account, and submits a film also
   where there is nothing to draw: it counts. A skipped one does not.

## CVAT

There is a folder in `cvat/` for each keyword. From here:

    cvat-cli task create Mass --labels cvat/Mass/labels.json local $(cat cvat/Mass/images.txt)

or by hand: a new task, its label from `labels.json` (Raw), the images in `images.txt`. Assign each
task to its radiologist: the export names the assignee. Export as "CVAT for images 1.1" when the
whole task is done: an image without a box counts as one without the finding.

## Back

    chestx boxes import EXPORT...

writes `boxes/`, with the radiologists' names replaced by numbers.
"""
