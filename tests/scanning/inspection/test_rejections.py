"""Each reason for which a file is rejected says what to do about it, in German and English."""

import pytest

from scanning.rejection import REMEDIES, SENTENCES, FileRejected, RejectionReason


@pytest.mark.parametrize("reason", RejectionReason)
def test_a_rejection_names_the_remedy(reason: RejectionReason) -> None:
    rejected = FileRejected(reason, "Seite 3")
    assert str(rejected) == f"{SENTENCES[reason].en} (Seite 3); {REMEDIES[reason].en}"
    assert rejected.de == f"{SENTENCES[reason].de} (Seite 3); {REMEDIES[reason].de}"
    assert rejected.de != str(rejected)


def test_what_can_be_saved_anew_need_not_be_scanned_again() -> None:
    assert "PDF/A" in FileRejected(RejectionReason.ACTIVE_CONTENT).de
    assert "Kennwort" in FileRejected(RejectionReason.ENCRYPTED).de
    assert "neu scannen" in FileRejected(RejectionReason.DAMAGED).de
