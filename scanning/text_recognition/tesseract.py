"""Tesseract (Apache 2.0), found when it is needed: what it takes is a program beside ours, and no part of it.

On Debian and Ubuntu: `apt-get install tesseract-ocr tesseract-ocr-deu`.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from scanning.limits import Limits
from scanning.rejection import FileRejected, RejectionReason
from workflow.text import Text

PROGRAM = "tesseract"
LANGUAGE = "deu"
REMEDY = "apt-get install tesseract-ocr tesseract-ocr-deu"
_MEMORY = 3 * 2**30
"""Bytes of address space; a page of A3 takes a third of it."""
_FILE_BYTES = 64 * 2**20
_CONFINEMENT = Path(__file__).parents[1] / "readers" / "confinement.py"
"""Run, and not imported: there is none of it on Windows."""


def find_obstacle() -> Text | None:
    """Why no text can be recognised here, with what to do; None where it can."""
    path = shutil.which(PROGRAM)
    if path is None:
        return Text(f"tesseract ist nicht installiert ({REMEDY})", f"tesseract is not installed ({REMEDY})")
    return _try_program(path)


@lru_cache(maxsize=8)
def _try_program(path: str) -> Text | None:
    try:
        found = subprocess.run(  # noqa: S603 - no input of anybody
            [path, "--list-langs"], capture_output=True, text=True, timeout=60, check=True
        ).stdout.split()  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
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
    seconds = limits.cpu_seconds * len(pictures)
    command = [
        sys.executable, "-I", str(_CONFINEMENT), str(_MEMORY), str(seconds), str(_FILE_BYTES),
        path, str(listed), str(out), "-l", LANGUAGE, "--dpi", str(dpi), "-c", "textonly_pdf=1", "pdf",
    ]  # fmt: skip
    kept = {key: os.environ[key] for key in ("PATH", "LD_LIBRARY_PATH", "TESSDATA_PREFIX") if key in os.environ}
    try:
        subprocess.run(  # noqa: S603 - our own interpreter, and paths of our own making
            command, env={**kept, "OMP_THREAD_LIMIT": "1"}, stdin=subprocess.DEVNULL, capture_output=True, check=True,
            timeout=limits.seconds * len(pictures),
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise FileRejected(RejectionReason.TOO_SLOW, "tesseract") from None
    except (OSError, subprocess.CalledProcessError) as error:
        raise FileRejected(RejectionReason.READER_FAILED, f"tesseract: {error}"[:200]) from error
    return out.with_suffix(".pdf")
