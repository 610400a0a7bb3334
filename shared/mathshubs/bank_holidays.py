"""Bank holidays in England; the library knows substitute days and those given once, such as for a coronation."""

from datetime import date
from functools import lru_cache

from holidays import country_holidays


def is_bank_holiday(day: date) -> bool:
    """Say whether `day` is a bank holiday in England, be it a substitute day or the weekend on which one falls."""
    return day in _of_year(day.year)


@lru_cache(maxsize=200)
def _of_year(year: int) -> frozenset[date]:
    return frozenset(country_holidays("GB", subdiv="ENG", years=year))
