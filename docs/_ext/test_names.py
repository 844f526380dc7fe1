"""{test}`tests/test_x.py::test_y`: the name of a test that is there, or else the build fails."""

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxRole

ROOT = Path(__file__).parents[2]


class Test(SphinxRole):
    """The role: shows file and name as pytest takes them."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the name as code."""
        file, _, name = self.text.partition("::")
        path = ROOT / "tests" / file
        if not path.is_file() or f"def {name}(" not in path.read_text("utf-8"):
            raise ExtensionError(f"{self.env.docname}: there is no test {self.text}")
        # Long names may be broken after an underscore.
        words = f"{file}::{name}".replace("_", "_<wbr>").replace("::", "::<wbr>")
        return [nodes.raw("", f'<code class="literal">{words}</code>', format="html")], []


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the role."""
    app.add_role("test", Test())
    return {"parallel_read_safe": True, "parallel_write_safe": True}
