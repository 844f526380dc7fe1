"""A folder in which the blocks of a document take effect."""

import doctest
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

CHESTX = Path(__file__).parents[1] / "chestx"


class Workplace:
    """Where a document's blocks take effect; `copy` puts the package there, to be changed."""

    def __init__(self, folder: Path, *, copy: bool = True) -> None:
        self.folder = folder
        if copy:
            shutil.copytree(CHESTX, folder / "chestx", ignore=shutil.ignore_patterns("__pycache__"))
        programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        package = folder if copy else CHESTX.parent
        self.environment = os.environ | {"PATH": programs, "PYTHONPATH": str(package)}

    def write(self, content: str) -> None:
        """Write a file whose first line is a comment with its name."""
        name = content.partition("\n")[0].removeprefix("# ")
        assert re.fullmatch(r"[\w-]+\.toml", name), f"begin the block with '# NAME.toml': {name!r}"
        (self.folder / name).write_text(content, "utf-8")

    def run(self, session: str) -> None:
        """Run the lines after `$`, which go on after `>`; below one is what it prints."""
        for command, wanted in commands(session):
            done = self._shell(command)
            if not wanted.strip():
                assert done.returncode == 0, f"$ {command}\n{done.stdout}"
                continue
            same = doctest.OutputChecker().check_output(wanted, done.stdout, doctest.ELLIPSIS)
            assert same, f"$ {command}\n{done.stdout}\ninstead of\n{wanted}"

    def python(self, content: str) -> None:
        """Run a block as a script of its own, or as a doctest where it has prompts."""
        prompts = content.startswith(">>> ")
        script = self.folder / f".block.{'txt' if prompts else 'py'}"  # which "ls" does not show
        script.write_text(content, "utf-8")
        doctests = "-m doctest -o ELLIPSIS" if prompts else ""
        done = self._shell(f"python {doctests} {script.name}")
        assert done.returncode == 0, f"{content}\n{done.stdout}"

    def _shell(self, command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            shell=True,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )


def commands(session: str) -> list[tuple[str, str]]:
    """Return the commands of a session, each with what is shown below it."""
    found = []
    for shown in re.split(r"^\$ ", session, flags=re.MULTILINE)[1:]:
        typed, wanted = re.fullmatch(r"([^\n]*\n(?:> ?[^\n]*\n)*)(.*)", shown, re.DOTALL).groups()
        found.append((re.sub(r"^> ?", "", typed, flags=re.MULTILINE).rstrip("\n"), wanted))
    return found
