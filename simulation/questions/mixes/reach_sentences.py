"""The sentences of a search for the cheapest mix: what holds the deadline, how sure that is, what may be cheaper."""

from simulation.forecast.forecast import MOST_REPLICATIONS
from simulation.numbers import format_number
from simulation.questions.mixes.cheaper_mixes import Cheaper, Evaluated, count_telling_runs
from simulation.questions.mixes.cheapest_mix import Mix
from simulation.questions.mixes.trial import Trial
from simulation.questions.sentences import show
from workflow.text import Text

MOST_NAMED = 3
"""Cheaper mixes that a sentence names; the table has all."""


def say_best(trial: Trial, mix: Mix, further: Evaluated) -> Text:
    """The mix that was found, and what further runs say of it that the search has not seen."""
    title, wanted, found = trial.deadline.title, f"{100 * trial.probability:g} %", _show(trial.evaluated[mix])
    again = _say_further(further, trial.probability)
    if not any(mix):
        return Text(
            f"„{title.de}“ hält mit {wanted} auch ohne jede Änderung: {found.de}. {again.de}",
            f"“{title.en}” holds with {wanted} without any change: {found.en}. {again.en}",
        )
    changes, cost, unit = ", ".join(trial.write(mix)), f"{trial.get_price(mix):g}", trial.costs.unit
    nothing = trial.evaluated.get((0,) * len(mix))
    now = _show(nothing) if nothing else Text("–", "–")
    doubt = Text("", "") if further.is_enough(trial.probability) else Text(
        "Gefunden ist nichts, was weitere Durchläufe bestätigen. ", "Nothing was found that further runs bear out. "
    )  # fmt: skip
    return Text(
        f"{doubt.de}Am billigsten hält „{title.de}“ in den Durchläufen der Suche mit {changes} "
        f"(Kosten {cost} {unit.de}): {found.de} statt {now.de}. {again.de}",
        f"{doubt.en}Cheapest to hold “{title.en}” in the runs of the search is {changes} (cost {cost} {unit.en}): "
        f"{found.en} instead of {now.en}. {again.en}",
    )


def say_nothing(trial: Trial) -> Text:
    """That no mix holds the deadline, and whether the runs show it."""
    title, wanted = trial.deadline.title, f"{100 * trial.probability:g} %"
    most = trial.evaluated[tuple(cost.most for cost in trial.costs.levers.values())]
    found, telling = _show(most), _say_telling(most, trial.probability)
    doubt = Text("", "") if most.is_told(trial.probability) else Text(
        f" Das Intervall schließt {wanted} ein: dass nichts reicht, ist damit nicht gezeigt. {telling.de}",
        f" The interval includes {wanted}: that nothing is enough is not shown by this. {telling.en}",
    )  # fmt: skip
    return Text(
        f"Nichts innerhalb der Grenzen hält „{title.de}“ in diesen Durchläufen mit {wanted}. Mit dem Höchsten von "
        f"allem sind es {found.de}.{doubt.de}",
        f"Nothing within the bounds holds “{title.en}” with {wanted} in these runs. With the most of everything it is "
        f"{found.en}.{doubt.en}",
    )


def say_cheaper(trial: Trial, cheaper: Cheaper) -> Text:
    """What is known of the cheaper mixes: not enough, not told apart with so many runs, or never decided."""
    tried = len(trial.evaluated)
    begun = Text(
        f"{format_number(tried, 'de')} Mischungen wurden gerechnet.",
        f"{format_number(tried, 'en')} mixes were computed.",
    )
    if cheaper.all_refuted:
        known = Text(
            "Von jeder billigeren zeigen die Durchläufe, dass sie nicht reicht (95-%-Intervall ganz darunter).",
            "Of every cheaper one the runs show that it is not enough (95 % interval wholly below).",
        )
        if not cheaper.refuted:
            known = Text("Billigeres als das gibt es nicht.", "Nothing is cheaper than this.")
        return Text(f"{begun.de} {known.de}", f"{begun.en} {known.en}")
    counted, named = _say_counts(cheaper), _name_close(trial, cheaper)
    return Text(f"{begun.de} {counted.de}{named.de}", f"{begun.en} {counted.en}{named.en}")


def _say_counts(cheaper: Cheaper) -> Text:
    if cheaper.undecided < 0:
        return Text("Billigere gibt es zu viele, um jede zu entscheiden: es kann billiger gehen.",
                    "There are too many cheaper ones to decide each: it may be had for less.")  # fmt: skip
    numbers = (cheaper.refuted, cheaper.close_count, cheaper.undecided)
    (no, close, left), (no_en, close_en, left_en) = ([format_number(n, one) for n in numbers] for one in ("de", "en"))
    return Text(
        f"Billigere, gerechnet oder aus diesen erschlossen, die nicht reichen: {no}; mit so vielen Durchläufen "
        f"nicht zu unterscheiden: {close}; nicht entschieden: {left}. Es kann also billiger gehen.",
        f"Cheaper ones, computed or concluded from these, that are not enough: {no_en}; not told apart with so "
        f"many runs: {close_en}; undecided: {left_en}. So it may be had for less.",
    )


def _name_close(trial: Trial, cheaper: Cheaper) -> Text:
    """The surest of the cheaper mixes that are not told apart, and what would tell."""
    if not cheaper.close:
        return Text("", "")
    parts = [
        (trial.write(mix), trial.get_price(mix), _show(trial.evaluated[mix])) for mix in cheaper.close[:MOST_NAMED]
    ]
    de = "; ".join(f"{', '.join(of) or 'ohne Änderung'} (Kosten {cost:g}) mit {shown.de}" for of, cost, shown in parts)
    en = "; ".join(f"{', '.join(of) or 'no change'} (cost {cost:g}) with {shown.en}" for of, cost, shown in parts)
    telling = _say_telling(trial.evaluated[cheaper.close[0]], trial.probability)
    return Text(
        f" Nicht zu unterscheiden, die sichersten zuerst: {de}. {telling.de}",
        f" Not told apart, the surest first: {en}. {telling.en}",
    )


def _say_telling(one: Evaluated, wanted: float) -> Text:
    """About how many runs would tell a mix from what is wanted."""
    runs = count_telling_runs(one, wanted)
    if runs is None:
        most, most_en = format_number(MOST_REPLICATIONS, "de"), format_number(MOST_REPLICATIONS, "en")
        return Text(f"Bliebe es bei diesem Anteil, zeigten es auch {most} Durchläufe nicht.",
                    f"If its share stayed, not even {most_en} runs would tell.")  # fmt: skip
    return Text(
        f"Bliebe es bei diesem Anteil, zeigten es etwa {format_number(runs, 'de')} Durchläufe (--replications {runs}).",
        f"If its share stayed, about {format_number(runs, 'en')} runs would tell (--replications {runs}).",
    )


def _say_further(further: Evaluated, wanted: float) -> Text:
    shown = _show(further, more=True)
    if further.is_enough(wanted):
        doubt = Text("", "") if further.is_told(wanted) else Text(
            " Das Intervall reicht darunter: dass es so sicher ist wie gewünscht, ist damit nicht gezeigt.",
            " The interval reaches below: that it is as sure as wanted is not shown by this.",
        )  # fmt: skip
    else:
        doubt = Text(
            " Das ist weniger als gewünscht: nach diesen Durchläufen reicht es nicht.",
            " That is less than wanted: by these runs it is not enough.",
        ) if further.is_told(wanted) else Text(
            " Das ist weniger als gewünscht: ob es reicht, ist offen.",
            " That is less than wanted: whether it is enough is open.",
        )  # fmt: skip
    return Text(
        f"Nachgerechnet mit Durchläufen, die die Suche nicht kannte: {shown.de}.{doubt.de}",
        f"Computed again with runs that the search has not seen: {shown.en}.{doubt.en}",
    )


def _show(one: Evaluated, *, more: bool = False) -> Text:
    """A share with its 95 % interval and its runs."""
    (p, low, high), (p_en, low_en, high_en) = (
        [show(value, language, share=True) for value in (one.probability, *one.interval)] for language in ("de", "en")
    )
    word = Text("weitere Durchläufe" if more else "Durchläufe", "further runs" if more else "runs")
    return Text(
        f"{p} ({low} bis {high}, {format_number(one.runs, 'de')} {word.de})",
        f"{p_en} ({low_en} to {high_en}, {format_number(one.runs, 'en')} {word.en})",
    )
