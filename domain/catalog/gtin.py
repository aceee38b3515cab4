"""Global Trade Item Numbers, GTIN-8, -12, -13 and -14 (GS1 General Specifications, 7.9)."""

from domain.kernel.refusals import Invalid

LENGTHS = (8, 12, 13, 14)


class GtinInvalid(Invalid):
    """A GTIN has 8, 12, 13 or 14 digits, the last of which checks the others."""

    code = "catalog.gtin_invalid"


def check_digit(digits: str) -> str:
    """Give the digit that follows: weights 3, 1, 3 … from the right, up to the next ten."""
    weighted = sum(
        int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(digits[::-1])
    )
    return str(-weighted % 10)


def checked(text: str) -> str:
    """Give a GTIN as it is known everywhere: of the lengths there are, the shortest that holds it.

    Zeros in front make it no other number, so 0012345678905 is 012345678905.
    """
    if len(text) not in LENGTHS or not (text.isascii() and text.isdigit()):
        raise GtinInvalid("a GTIN has 8, 12, 13 or 14 digits")
    if check_digit(text[:-1]) != text[-1]:
        raise GtinInvalid("the last digit does not fit the others: a digit was mistaken")
    significant = text.lstrip("0")
    if not significant:
        raise GtinInvalid("zeros alone are no GTIN")
    return significant.zfill(next(size for size in LENGTHS if size >= len(significant)))
