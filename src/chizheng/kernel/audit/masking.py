"""What people write freely may hold numbers that the log must not keep whole (个人信息保护法 6).

The identity number of a party in a reason, say, or a phone number in a title.
"""

import re
from typing import Any, Final

_ID_NUMBER: Final = re.compile(r"(?<![0-9A-Za-z])(\d{4})\d{10}(\d{3}[\dXx])(?![0-9A-Za-z])")
_PHONE: Final = re.compile(r"(?<![0-9A-Za-z])(1[3-9]\d)\d{4}(\d{4})(?![0-9A-Za-z])")
_NUMBERS: Final = ("number", "numbers")  # of certificates and cases, which may look like either


def masked(value: Any) -> Any:
    """The same, JSON-shaped, with identity and phone numbers masked in every text but numbers of certificates."""
    if isinstance(value, str):
        return _PHONE.sub(r"\1****\2", _ID_NUMBER.sub(r"\1**********\2", value))
    if isinstance(value, list):
        return [masked(one) for one in value]
    if isinstance(value, dict):
        return {key: one if key in _NUMBERS else masked(one) for key, one in value.items()}
    return value
