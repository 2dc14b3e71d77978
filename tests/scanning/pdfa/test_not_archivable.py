"""A file that keeps breaking the rules of PDF/A after its pages were rebuilt is refused, and the refusal says which."""

from pathlib import Path

import pytest

from scanning.limits import Limits, ignore_page
from scanning.pdfa.convert_pdf import convert_pdf
from scanning.rejection import FileRejected
from tests.scanning.papers import born_digital, pdf_file

VIOLATION = "6.2.11.4.1: /Root/Pages/Kids[0]: font is not embedded"


@pytest.mark.parametrize("data", [pdf_file(2), born_digital()], ids=["scanned", "born-digital"])
def test_what_breaks_the_rules_when_rebuilt_is_refused(
    data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, out, pages = tmp_path / "bescheid.pdf", tmp_path / "bescheid.pdfa", []
    path.write_bytes(data)
    assert convert_pdf(path, out, Limits(), ignore_page).pages  # as long as it keeps them
    written = []

    def find_violations(file: Path) -> tuple[str, ...]:
        written.append(file)
        return (VIOLATION + "!" * 300, "6.1.3: another")

    monkeypatch.setattr("scanning.pdfa.convert_pdf.find_violations", find_violations)
    with pytest.raises(FileRejected) as rejected:
        convert_pdf(path, out, Limits(), lambda: pages.append(1))
    assert rejected.value.reason == "not_archivable"
    assert rejected.value.detail == (VIOLATION + "!" * 300)[:200]
    assert "lässt sich nicht als PDF/A-2b schreiben" in rejected.value.de
    assert "drucken und scannen" in rejected.value.de
    assert pages, "it is refused only after its pages were rebuilt"
    assert set(written) == {out}
    assert not out.with_name("bescheid.pdfa.normal").exists()
