"""What the last fixity run found is told in one line, for `/health/ready`."""

import json
from pathlib import Path

from api.server.background.maintenance import describe_damage


def write(folder: Path, **found: int) -> None:
    (folder / "care").mkdir(exist_ok=True)
    fixity = {"at": "2021-06-01T08:00:00+00:00", "checked": 9, "changed": 0, "missing": 0, "untracked": 0, **found}
    (folder / "care" / "last.json").write_text(json.dumps({"fixity": fixity}), encoding="utf-8")


def test_changed_and_missing_files_are_told_and_nothing_else(tmp_path: Path) -> None:
    assert describe_damage(tmp_path) is None
    write(tmp_path, untracked=3)
    assert describe_damage(tmp_path) is None
    write(tmp_path, changed=1, missing=2)
    told = describe_damage(tmp_path)
    assert told is not None
    assert "1 changed, 2 missing" in told
