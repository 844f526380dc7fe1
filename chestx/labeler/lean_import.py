"""Import a library without the heavy optional modules that it would load along.

Where torch is installed, spaCy's thinc imports it (2 s, 0.7 GB); NLTK imports scipy and
scikit-learn (1 s). Label mining needs none of them.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from threading import Lock, get_ident
from types import ModuleType

# numpy stays: spaCy and pandas load it in any case.
NLTK_EXTRAS = ("matplotlib", "pandas", "scipy", "sklearn")
SPACY_EXTRAS = ("cupy", "cupyx", "h5py", "mxnet", "tensorflow", "torch")

_meta_path = Lock()


class _Refusal(Loader):
    """Found but not loadable: `find_spec` sees the module, an import of it fails."""

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        raise ModuleNotFoundError(f"{spec.name} is optional here and left out", name=spec.name)

    def exec_module(self, module: ModuleType) -> None:
        raise NotImplementedError  # never reached: create_module refuses


class _Without(MetaPathFinder):
    """Refuses some top-level modules to the thread that made it; other threads import freely."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = frozenset(names)
        self.thread = get_ident()

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if get_ident() == self.thread and name.partition(".")[0] in self.names:
            return ModuleSpec(name, _Refusal())
        return None


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Fail imports of the top-level modules `names` in this thread, as if not installed.

    A module that is already loaded stays usable: who wants spaCy with torch imports torch first.
    Nothing is left behind, so that the modules can be imported afterwards.
    """
    finder = _Without([name for name in names if name not in sys.modules])
    # A new list each time: another thread may be walking through the present one.
    with _meta_path:
        sys.meta_path = [finder, *sys.meta_path]
    try:
        yield
    finally:
        with _meta_path:
            sys.meta_path = [other for other in sys.meta_path if other is not finder]
