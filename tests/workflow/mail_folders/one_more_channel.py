"""Runs `eva` with one channel more than the source declares; the declaration comes first, then the command's words."""

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

NAME = "workflow.mail_folders.channels"
FIRST = '    PORTAL = "portal"'


def add_channel(declaration: str) -> None:
    """The module of channels as it would be with one member more."""
    path = Path(str(import_module("workflow.mail_folders").__file__)).with_name("channels.py")
    source = path.read_text(encoding="utf-8")
    assert source.count(FIRST) == 1
    module = ModuleType(NAME)
    module.__file__ = str(path)
    sys.modules[NAME] = module
    exec(compile(source.replace(FIRST, declaration + FIRST), str(path), "exec"), module.__dict__)  # noqa: S102


if __name__ == "__main__":
    declaration, *sys.argv[1:] = sys.argv[1:]
    add_channel(declaration)
    import_module("api.cli.main").main()
