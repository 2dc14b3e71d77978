"""Numbers and days are written as the readers of each language write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.numbers import (
    MINUS,
    format_as_given,
    format_day,
    format_difference,
    format_number,
    format_points,
    format_share,
)

LANGUAGES = st.sampled_from(["de", "en"])


@pytest.mark.parametrize(
    ("value", "digits", "de", "en"),
    [
        (1234.6, 0, "1.235", "1,235"),
        (1234567.25, 1, "1.234.567,2", "1,234,567.2"),
        (0, 0, "0", "0"),
        (-7, 0, "−7", "−7"),
        (-0.4, 0, "0", "0"),
        (-0.04, 2, "−0,04", "−0.04"),
        (-0.004, 2, "0,00", "0.00"),
        (None, 0, "–", "–"),
    ],
)
def test_numbers_have_the_marks_of_the_language(value: float | None, digits: int, de: str, en: str) -> None:
    assert (format_number(value, "de", digits), format_number(value, "en", digits)) == (de, en)


@pytest.mark.parametrize(
    ("value", "text"), [(3, "+3"), (-3, "−3"), (0, "0"), (0.4, "0"), (-0.4, "0"), (1200, "+1.200"), (None, "–")]
)
def test_a_difference_has_a_sign_unless_it_rounds_to_nothing(value: float | None, text: str) -> None:
    assert format_difference(value, "de") == text


@pytest.mark.parametrize(
    ("value", "digits", "de", "en"),
    [(0.125, 1, "12,5 %", "12.5 %"), (1, 0, "100 %", "100 %"), (0, 0, "0 %", "0 %"), (None, 0, "–", "–")],
)
def test_shares_are_percentages(value: float | None, digits: int, de: str, en: str) -> None:
    found = [
        format_share(value, language, digits).replace("\N{NARROW NO-BREAK SPACE}", " ") for language in ("de", "en")
    ]
    assert found == [de, en]


def test_differences_of_shares_are_points() -> None:
    texts = [format_points(-0.12, language).split("\N{NARROW NO-BREAK SPACE}") for language in ("de", "en")]
    assert texts == [["−12", "Punkte"], ["−12", "points"]]
    assert format_points(None, "de") == "–"


def test_days_of_both_languages() -> None:
    assert format_day(date(2021, 7, 1), "de") == format_day("2021-07-01", "de") == "01.07.2021"
    assert format_day(date(2021, 7, 1), "en") == format_day("2021-07-01T08:00:00+02:00", "en") == "1 Jul 2021"
    assert format_day(None, "de") == "–"


@pytest.mark.parametrize(("value", "de"), [(0.25, "0,25"), (1200, "1200"), ("2022.07", "2022.07"), (True, "True")])
def test_figures_keep_the_digits_of_their_file(value: object, de: str) -> None:
    assert format_as_given(value, "de") == de
    assert format_as_given(value, "en") == str(value)


@given(st.floats(-1e12, 1e12), LANGUAGES, st.integers(0, 4))
def test_a_written_number_reads_back_as_the_rounded_one(value: float, language: str, digits: int) -> None:
    thousands, decimal = (".", ",") if language == "de" else (",", ".")
    text = format_number(value, language, digits).replace(thousands, "").replace(decimal, ".").replace(MINUS, "-")
    assert float(text) == float(f"{value:.{digits}f}")


@given(st.dates(), LANGUAGES)
def test_a_day_is_the_same_from_a_date_and_from_its_text(day: date, language: str) -> None:
    assert format_day(day, language) == format_day(day.isoformat(), language)
