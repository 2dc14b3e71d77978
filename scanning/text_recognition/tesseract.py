"""Tesseract (Apache 2.0), found when it is needed: what it takes is a program beside ours, and no part of it.

On Debian and Ubuntu: `apt-get install tesseract-ocr tesseract-ocr-deu`.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from scanning.limits import Limits
from scanning.rejection import FileRejected, RejectionReason
from workflow.text import Text

PROGRAM = "tesseract"
LANGUAGE = "deu"
DPI = 300
"""Of pictures that it is made for."""
REMEDY = "apt-get install tesseract-ocr tesseract-ocr-deu"
_MEMORY = 3 * 2**30
"""Bytes of address space; a page of A3 takes a third of it."""
_FILE_BYTES = 64 * 2**20
_CONFINEMENT = Path(__file__).parents[1] / "readers" / "confinement.py"
"""Run, and not imported: there is none of it on Windows."""
_NO_NETWORK_LEFT = 75
"""Its status where the program would have had the network."""


def find_obstacle() -> Text | None:
    """Why no text can be recognised here, with what to do; None where it can."""
    path = shutil.which(PROGRAM)
    if path is None:
        return Text(f"tesseract ist nicht installiert ({REMEDY})", f"tesseract is not installed ({REMEDY})")
    try:
        found = _run([path, "--list-langs"], 60, 60).split()
    except (OSError, subprocess.SubprocessError) as error:
        if getattr(error, "returncode", None) == _NO_NETWORK_LEFT:
            return Text(
                "tesseract lässt sich hier nicht vom Netz trennen (Namensräume für Benutzer und Netz sind gesperrt)",
                "tesseract cannot be kept from the network here (namespaces of user and network are not allowed)",
            )
        told = " ".join(str(error).split())[:120]
        return Text(f"tesseract läuft nicht: {told}", f"tesseract does not run: {told}")
    if LANGUAGE not in found:
        return Text(f"tesseract kennt kein Deutsch ({REMEDY})", f"tesseract knows no German ({REMEDY})")
    return None


def recognise_text(pictures: Sequence[Path], dpi: int, folder: Path, limits: Limits) -> Path:
    """Write a PDF of nothing but the text of these pictures, a page each, and give its path.

    Raises `FileRejected` where the program fails or takes longer than a page may.
    """
    path = shutil.which(PROGRAM)
    if path is None:
        raise FileRejected(RejectionReason.READER_FAILED, "no tesseract")
    listed = folder / "pictures.txt"
    listed.write_text("".join(f"{picture}\n" for picture in pictures), encoding="utf-8")
    out = folder / f"text-{pictures[0].stem}"
    command = [path, str(listed), str(out), "-l", LANGUAGE, "--dpi", str(dpi), "-c", "textonly_pdf=1", "pdf"]
    try:
        _run(command, limits.cpu_seconds * len(pictures), limits.seconds * len(pictures))
    except subprocess.TimeoutExpired:
        raise FileRejected(RejectionReason.TOO_SLOW, "tesseract") from None
    except (OSError, subprocess.CalledProcessError) as error:
        raise FileRejected(RejectionReason.READER_FAILED, f"tesseract: {error}"[:200]) from error
    return out.with_suffix(".pdf")


def _run(command: Sequence[str], computing: int, seconds: float) -> str:
    """What a program says that runs without network, settings, and more than its limits; `seconds` by the clock."""
    bounds = (str(bound) for bound in (_MEMORY, computing, _FILE_BYTES))
    kept = {key: os.environ[key] for key in ("PATH", "LD_LIBRARY_PATH", "TESSDATA_PREFIX") if key in os.environ}
    return subprocess.run(  # noqa: S603 - our own interpreter, and paths of our own making
        [sys.executable, "-I", str(_CONFINEMENT), *bounds, *command], env={**kept, "OMP_THREAD_LIMIT": "1"},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=True, timeout=seconds,
    ).stdout  # fmt: skip
