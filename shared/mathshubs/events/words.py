"""Checks of what people and programs write; what is wrong is said without quoting any of it."""

import re

from email_validator import EmailNotValidError, validate_email

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE)


def rfc_3339(instant: str) -> str:
    """Return `instant` in capitals, since RFC 3339 takes `t` and `z` as well.

    Raises:
        ValueError: if it is another spelling: ISO 8601 knows many more, and readers differ in which they take.
    """
    if not _RFC_3339.fullmatch(instant):
        raise ValueError("an instant is written as 2026-09-14T15:04:05Z, with its offset")
    return instant.upper()


def deliverable(address: str) -> str:
    """Return `address` in its normal form.

    Raises:
        ValueError: if no mail could be sent to it.
    """
    try:
        return validate_email(address, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        raise ValueError("an e-mail address is one that mail can reach, such as a.name@school.example") from None


def one_line(words: str) -> str:
    """Return `words`, which a mail header or a calendar line may carry as they are.

    Raises:
        ValueError: if a control character or a line break is among them.
    """
    if any(not letter.isprintable() for letter in words):
        raise ValueError("control characters and line breaks are not allowed")
    return words


def plain_digits(number: str) -> str:
    r"""Return `number`, whose digits are 0 to 9: `\d` in a pattern takes those of every script.

    Raises:
        ValueError: if one is of another script.
    """
    if not number.isascii():
        raise ValueError("digits are 0 to 9")
    return number
