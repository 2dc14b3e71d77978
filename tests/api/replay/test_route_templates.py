"""Every shipped route template is one that the engine keeps, and is drawn as BPMN and read back."""

from pathlib import Path
from typing import Any

import pytest

from scenarios import FOLDER

FILES = sorted((FOLDER / "route-templates").glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_template_is_kept_and_drawn(path: Path, eva: Any) -> None:
    done = eva("replay", "export-bpmn", path)
    assert done.status == 0, done.err
    assert "bpmn:process" in done.out


def test_there_is_one_for_each_procedure_that_has_a_route() -> None:
    assert [path.stem for path in FILES] == [
        "bescheid-mit-frist", "bescheid-vollautomatisch", "bescheid-zum-abruf", "dienstreise", "foerderantrag",
        "gpo-prozess", "planfeststellung",
    ]  # fmt: skip
