"""The three-year rule of the national list: its window on a day, and how far it reaches.

Rule: code de l'éducation, art. L. 632-6; its parameters are in ``law/national_list.yaml``.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from cesp_geo.dates import add_years, french_day, last_day_reached
from cesp_geo.errors import LawError
from cesp_geo.law import parameter, parameters
from cesp_geo.law.parameters import Dated


@dataclass(frozen=True, slots=True)
class ListRule:
    """The rule by which places that lost their class may be kept on a national list.

    Attributes
    ----------
    years : int
        Length of the window before the list's publication.
    window : str
        ``any``: eligible on some day of the window; ``throughout``: on every day.
    first_day_counts : bool
        Whether the first day of the window belongs to it.
    """

    years: int
    window: str = "any"
    first_day_counts: bool = True

    def start(self, published_on: date) -> date:
        """First day of the window of a list."""
        start = add_years(published_on, -self.years)
        return start if self.first_day_counts else start + timedelta(days=1)


def list_rule(published_on: date) -> ListRule | None:
    """Give the rule in force for a list published on a day, or None before there was one.

    Examples
    --------
    >>> list_rule(date(2024, 3, 15))
    ListRule(years=3, window='any', first_day_counts=True)
    >>> list_rule(date(2019, 7, 26)) is None
    True
    """
    years = parameter("national_list", "liste.duree", published_on)
    if years is None:
        return None
    window = parameter("national_list", "liste.fenetre", published_on)
    first = parameter("national_list", "liste.premier_jour_compris", published_on)
    return ListRule(years.value, window.value if window else "any", first.value if first else True)


def replayed_rule(published_on: date, years: int | None, window: str | None) -> ListRule | None:
    """Give the rule of a list with another length or window; None where nothing is replayed.

    Raises
    ------
    LawError
        If the window is no window, or there was no rule that day.
    """
    if window not in (None, "any", "throughout"):
        raise LawError(f"Fenêtre inconnue : « {window} ». Choisissez any ou throughout.")
    rule = list_rule(published_on)
    if years is not None and years < 1:
        raise LawError(f"Durée impossible : {years}. Donnez un nombre d'années, 1 au moins.")
    if not (years or window):
        return None
    if rule is None:
        raise LawError(
            f"Le {french_day(published_on)}, la règle du maintien n'existait pas : --duree et "
            "--fenetre n'y changent rien. Retirez-les, ou donnez un jour plus récent."
        )
    return replace(rule, years=years or rule.years, window=window or rule.window)


@lru_cache
def list_parameters(published_on: date) -> tuple[Dated, ...]:
    """Give the parameters of the list's rule on a day, with their confidence."""
    names = ("liste.duree", "liste.fenetre", "liste.premier_jour_compris")
    found = (parameter("national_list", name, published_on) for name in names)
    return tuple(item for item in found if item is not None)


def maintainable_until(last: date | None, rule: ListRule | None) -> date | None:
    """Give the last list that may keep a place by its last eligible day, None where none may.

    Without a rule yet, that of today: the day may lie in its time.
    """
    if last is None:
        return None
    if rule is None:
        latest = parameters("national_list")["liste.duree"].values[-1]
        rule = ListRule(latest.value)
    until = last_day_reached(last, rule.years)
    return until if list_rule(until) else None
