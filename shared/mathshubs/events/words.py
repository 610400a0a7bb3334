"""Checks of what people write: addresses that mail can reach, names that stay on one line."""

from email_validator import EmailNotValidError, validate_email


def deliverable(address: str) -> str:
    """Return `address` in its normal form.

    Raises:
        ValueError: if no mail could be sent to it, with the reason.
    """
    try:
        return validate_email(address, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as reason:
        raise ValueError(str(reason)) from None


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
