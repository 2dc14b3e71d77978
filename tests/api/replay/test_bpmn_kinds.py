"""What the name of a task asks for: terms of art are sure, looser words are guesses, two terms are a doubt."""

import pytest

from api.replay.bpmn.kinds import guess_kinds

SURE = {
    "Mitzeichnung": "co_sign",
    "Mitzeichnung\nReferat 12": "co_sign",
    "mitzeichnen lassen": "co_sign",
    "Co-sign the draft": "co_sign",
    "Schlusszeichnung": "final_sign",
    "Schluss-Zeichnung durch AL": "final_sign",
    "Final signature": "final_sign",
    "Kenntnisnahme": "acknowledge",
    "zur Kenntnis": "acknowledge",
    "Acknowledge receipt": "acknowledge",
    "Stellungnahme Naturschutz": "comment",
    "Comment on the draft": "comment",
    "Freigabe": "approve",
    "Bescheid freigeben": "approve",
    "Approve payment": "approve",
    "Versand": "dispatch",
    "Bescheid versenden": "dispatch",
    "Dispatch": "dispatch",
    "z.d.A.": "close",
    "z. d. A. verfügen": "close",
    "zdA": "close",
    "zu den Akten": "close",
    "Wiedervorlage": "resubmit",
}
LOOSE = {
    "Unterzeichnen": "co_sign",
    "Rechnung prüfen": "co_sign",
    "Review": "co_sign",
    "Antrag genehmigen": "approve",
    "Antrag bearbeiten": "comment",
    "Bürger anhören": "comment",
    "Brief absenden": "dispatch",
    "Personalrat informieren": "acknowledge",
}
DOUBTFUL = {
    "Kenntnisnahme und Mitzeichnung": {"acknowledge", "co_sign"},
    "Freigabe oder Stellungnahme": {"approve", "comment"},
    "prüfen und absenden": {"co_sign", "dispatch"},
}
SILENT = ["Kaffee kochen", "Task 1", "", "Design", "Assign to somebody", "Finale Runde", "Enclose the letter"]


@pytest.mark.parametrize("name", SURE)
def test_a_term_of_art_is_understood(name: str) -> None:
    assert guess_kinds(name) == ([SURE[name]], True)


@pytest.mark.parametrize("name", LOOSE)
def test_a_looser_word_is_a_guess(name: str) -> None:
    assert guess_kinds(name) == ([LOOSE[name]], False)


@pytest.mark.parametrize("name", DOUBTFUL)
def test_two_terms_are_a_doubt(name: str) -> None:
    assert set(guess_kinds(name).kinds) == DOUBTFUL[name]


@pytest.mark.parametrize("name", SILENT)
def test_a_part_of_another_word_says_nothing(name: str) -> None:
    assert guess_kinds(name).kinds == []
