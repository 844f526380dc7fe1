"""Import a library without the heavy modules that it would load along.

Where torch is installed, spaCy's thinc imports it (2 s, 0.7 GB); NLTK imports scipy and
scikit-learn (1 s). Label mining needs none of them, nor spaCy's command line (0.2 s) and the rest
of NLTK (0.2 s).
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import LazyLoader, find_spec, module_from_spec
from threading import Lock, get_ident
from types import ModuleType
from typing import Any

# confection does without pydantic.v1, which spaCy's own schemas no longer use.
SPACY_EXTRAS = ("cupy", "cupyx", "h5py", "mxnet", "pydantic.v1", "tensorflow", "torch")

_meta_path = Lock()


class _Refusal(Loader):
    """Found but not loadable: `find_spec` sees the module, an import of it fails."""

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        raise ModuleNotFoundError(f"{spec.name} is optional here and left out", name=spec.name)

    def exec_module(self, module: ModuleType) -> None:
        raise NotImplementedError  # never reached: create_module refuses


class _Without(MetaPathFinder):
    """Refuses some modules to the thread that made it; other threads import freely."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = frozenset(names)
        self.thread = get_ident()

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if get_ident() == self.thread and {name, name.partition(".")[0]} & self.names:
            return ModuleSpec(name, _Refusal())
        return None


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Fail imports of the modules `names` in this thread, as if not installed.

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


@contextmanager
def without_init(*packages: str) -> Iterator[None]:
    """Import modules of `packages`, given parents first, without what their `__init__` loads.

    What is imported in the block stays with who imported it: later imports find the packages
    whole. A package that is loaded already is used as it is.
    """
    if packages[0] in sys.modules:
        yield
        return
    for package in packages:
        spec = find_spec(package)
        if spec is not None:
            sys.modules[package] = module_from_spec(spec)
    try:
        yield
    finally:
        for name in list(sys.modules):
            if any(f"{name}.".startswith(f"{package}.") for package in packages):
                del sys.modules[name]


def import_spacy() -> None:
    """Load spaCy alone; what its command line needs is loaded when `spacy.cli` is first used."""
    if "spacy" in sys.modules:
        return
    stand_in = ModuleType("spacy.cli.info")
    stand_in.info = _spacy_info  # type: ignore[attr-defined]
    sys.modules[stand_in.__name__] = stand_in
    try:
        with without(*SPACY_EXTRAS):
            spacy = import_module("spacy")
    finally:
        del sys.modules[stand_in.__name__]
    spacy.cli = _lazy("spacy.cli")  # type: ignore[attr-defined]


def _spacy_info(*arguments: Any, **options: Any) -> Any:
    return import_module("spacy.cli.info").info(*arguments, **options)


def _lazy(name: str) -> ModuleType:
    """Return a module that is loaded when an attribute of it is first asked for."""
    spec = find_spec(name)
    assert spec is not None
    assert spec.loader is not None
    spec.loader = LazyLoader(spec.loader)
    module = sys.modules[name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
