"""What a telephone number is here: a possible one of ITU-T E.164, written with + and digits."""

import phonenumbers

PHONE_LENGTH_MAX = 40


def number_of(text: str) -> str:
    """Read a number with its country code, such as `+90 532 123 45 67`.

    Raises ValueError for what is none.
    """
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException as wrong:
        raise ValueError("a number begins with + and its country code") from wrong
    if not phonenumbers.is_valid_number(number) or number.extension:
        raise ValueError("there is no such telephone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
