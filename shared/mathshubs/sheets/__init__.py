"""Files of CSV that people bring: any encoding of Windows or UTF-8, mapped by header, bad rows set aside."""

from mathshubs.sheets.files import Layout, MissingColumns, Progress, RepeatedColumns, Row, Sheet, unseen
from mathshubs.sheets.lines import CODEC

__all__ = ["CODEC", "Layout", "MissingColumns", "Progress", "RepeatedColumns", "Row", "Sheet", "unseen"]
