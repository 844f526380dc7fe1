"""The dataset card for machines: Croissant 1.0 (https://docs.mlcommons.org/croissant)."""

import json
from collections.abc import Mapping
from typing import Any

from chestx.dataset.description.about import CITATION, LICENCE, summary
from chestx.dataset.description.facts import DatasetFacts
from chestx.dataset.description.statistics import Statistics
from chestx.dataset.nih.columns import BOX_HEADER, BOX_LIST, DATA_ENTRY, ENTRY_HEADER, IMAGES, LISTS

Json = dict[str, Any]

CONTEXT: Json = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
ENTRY_FIELDS = (
    ("image", "sc:Text", "File name of the image: number of the patient and of the follow-up"),
    ("finding_labels", "sc:Text", "Classes joined by |, or No Finding"),
    ("follow_up", "sc:Integer", "Number of the image among those of the patient"),
    ("patient", "sc:Integer", "Number that stands for the patient"),
    ("age", "sc:Integer", "Age in years; 90 stands for all over 89"),
    ("sex", "sc:Text", "M or F"),
    ("view", "sc:Text", "PA or AP"),
    ("width", "sc:Integer", "Width of the original film in pixels"),
    ("height", "sc:Integer", "Height of the original film in pixels"),
    ("spacing_x", "sc:Float", "Distance of the original film's columns in mm"),
    ("spacing_y", "sc:Float", "Distance of the original film's rows in mm"),
)
BOX_FIELDS = (
    ("image", "sc:Text", "File name of the image"),
    ("label", "sc:Text", "Class of the framed lesion"),
    ("x", "sc:Float", "Left edge in pixels of the image"),
    ("y", "sc:Float", "Upper edge in pixels of the image"),
    ("width", "sc:Float", "Width in pixels of the image"),
    ("height", "sc:Float", "Height in pixels of the image"),
)


def croissant_text(facts: DatasetFacts, statistics: Statistics, files: Mapping[str, str]) -> str:
    """Return `croissant.json` of a dataset whose `files` (name to SHA-256) lie beside it.

    It has no `datePublished`, which Croissant recommends: whoever publishes the dataset adds it,
    together with the licence.
    """
    content = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": facts.name,
        "description": summary(facts, statistics),
        "license": LICENCE,
        "citeAs": CITATION,
        "version": "1.0.0",
        "keywords": ["chest X-ray", "radiology", "weakly supervised", *statistics.classes],
        "isAccessibleForFree": False,
        "distribution": [_file(name, files[name]) for name in files] + [_images()],
        "recordSet": _record_sets(files),
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _file(name: str, sha256: str) -> Json:
    kind = "text/csv" if name.endswith(".csv") else "text/plain"
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "encodingFormat": kind,
        "sha256": sha256,
    }


def _images() -> Json:
    return {
        "@type": "cr:FileSet",
        "@id": IMAGES,
        "name": IMAGES,
        "description": "The films as grey PNG images without metadata.",
        "encodingFormat": "image/png",
        "includes": f"{IMAGES}/*.png",
    }


def _record_sets(files: Mapping[str, str]) -> list[Json]:
    sets = [_table("entries", "A row per image.", DATA_ENTRY, ENTRY_HEADER, ENTRY_FIELDS), _films()]
    sets[0]["key"] = {"@id": "entries/image"}
    if BOX_LIST in files:
        sets.append(_table("boxes", "A row per box.", BOX_LIST, BOX_HEADER, BOX_FIELDS))
        sets[-1]["field"][0]["references"] = {"field": {"@id": "entries/image"}}
    return sets + [_split(name, file) for name, file in LISTS.items() if file in files]


def _films() -> Json:
    """Return pixels and labels joined; apart from the table, which is read without the images."""
    name = _field("films/image", "sc:Text", "File name of the image")
    name["source"] = {"fileSet": {"@id": IMAGES}, "extract": {"fileProperty": "filename"}}
    name["references"] = {"field": {"@id": "entries/image"}}
    pixels = _field("films/pixels", "sc:ImageObject", "The image itself")
    pixels["source"] = {"fileSet": {"@id": IMAGES}, "extract": {"fileProperty": "content"}}
    labels = _field("films/finding_labels", "sc:Text", "Classes joined by |, or No Finding")
    labels["source"] = {"field": {"@id": "entries/finding_labels"}}
    return _record_set("films", "The images with their labels.", [name, pixels, labels])


def _table(
    name: str,
    description: str,
    file: str,
    header: tuple[str, ...],
    fields: tuple[tuple[str, str, str], ...],
) -> Json:
    described = []
    for (field, kind, said), column in zip(fields, header, strict=False):
        described.append(_field(f"{name}/{field}", kind, said))
        described[-1]["source"] = {"fileObject": {"@id": file}, "extract": {"column": column}}
    return _record_set(name, description, described)


def _split(name: str, file: str) -> Json:
    image = _field(f"{name}/image", "sc:Text", "File name of the image")
    image["source"] = {"fileObject": {"@id": file}, "extract": {"fileProperty": "lines"}}
    image["references"] = {"field": {"@id": "entries/image"}}
    return _record_set(name, f"The images of the split {name}.", [image])


def _field(name: str, kind: str, description: str) -> Json:
    return {
        "@type": "cr:Field",
        "@id": name,
        "name": name,
        "description": description,
        "dataType": kind,
    }


def _record_set(name: str, description: str, fields: list[Json]) -> Json:
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": description,
        "field": fields,
    }
