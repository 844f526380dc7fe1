"""How the documentation is built: `make docs`."""

import sys
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
# The extensions, the figures of bench/, and the package as it lies here.
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

import chestx

project = "chestx"
author = "the chestx developers"
copyright = "the chestx developers, Apache License 2.0"
version = release = chestx.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "command_titles",
    "house_texts",
    "mathml",
    "measured",
    "rules_reference",
    "test_names",
]
exclude_patterns = ["_ext"]
language = "en-GB"

myst_enable_extensions = ["attrs_block", "colon_fence"]
myst_heading_anchors = 3

nitpicky = True
# Types of others, and types that pass from one function of chestx to another, have no page here.
nitpick_ignore_regex = [
    ("py:class", r"(collections|numpy|npt|pathlib|torch|pandas|pd|np)\..*"),
    ("py:class", r"(chestx|click|matplotlib|typing)\..*"),
]
default_role = "code"  # docstrings write `name`
# The pages need no torch: where it is absent, types from it are names.
_TRAIN = ["lightning", "safetensors", "scipy", "sklearn", "timm", "torch", "torchvision"]
autodoc_mock_imports = [] if find_spec("torch") else _TRAIN
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
python_use_unqualified_type_names = True

html_theme = "furo"
html_title = "chestx"
html_static_path = ["_static"]
html_css_files = ["docs.css"]
html_math_renderer = "mathml"
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b5c77", "color-brand-content": "#0b5c77"},
    "dark_css_variables": {"color-brand-primary": "#7cc4de", "color-brand-content": "#7cc4de"},
}
pygments_style = "default"
pygments_dark_style = "monokai"


def _escape_bars(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]):
    """Let |P| in a docstring be |P|: reStructuredText would look for a substitution."""
    lines[:] = [line.replace("|", r"\|") for line in lines]


def setup(app: Sphinx) -> None:
    """Read docstrings as they are written here."""
    app.connect("autodoc-process-docstring", _escape_bars)
    app.add_lexer("csv", TextLexer)
