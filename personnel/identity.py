"""Citizen identity numbers (GB 11643-1999) and phone numbers: read, checked, masked.

Eighteen characters: six for the region, eight for the day of birth, three for the order within the day (the last
of them odd for men, even for women), one check character (ISO 7064, MOD 11-2).
"""

import re
import unicodedata
from datetime import date
from enum import StrEnum
from typing import Final, Literal

import msgspec

WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS: Final = "10X98765432"
PROVINCES: Final = frozenset(
    (
        *range(11, 16),
        *range(21, 24),
        *range(31, 38),
        *range(41, 47),
        *range(50, 55),
        *range(61, 66),
        71,
        81,
        82,
        83,
        91,
    )
)
EXACT: Final = 10**15
"""From here on a spreadsheet's number has lost its last digits."""
STRAY: Final = re.compile(r"[\s'’‘`\u200b-\u200f\u2060\ufeff-]+")
SCIENTIFIC: Final = re.compile(r"\d(\.\d+)?E\+?\d+", re.IGNORECASE)

Sex = Literal["male", "female"]


class Fault(StrEnum):
    """Why an identity number cannot be accepted."""

    EMPTY = "id_missing"
    LENGTH = "id_length"
    FIFTEEN_DIGITS = "id_fifteen_digits"
    CHARACTERS = "id_characters"
    REGION = "id_region_unknown"
    BIRTH_DATE = "id_birth_date"
    CHECK_DIGIT = "id_check_digit_wrong"
    LOST_PRECISION = "id_lost_precision"


class Repair(StrEnum):
    """What was set right in the writing of a number; the number itself is as it was meant."""

    LOWER_CASE_OR_SPACES = "id_lower_case_x_or_spaces"
    FULL_WIDTH = "full_width_digits"


class IdNumber(msgspec.Struct, frozen=True):
    """A valid identity number and what it says. `region` is the six-digit code of where it was first issued."""

    number: str
    born: date
    sex: Sex
    region: str
    repairs: tuple[Repair, ...] = ()


def parse_id_number(text: str | float) -> IdNumber | Fault:
    """Reads a number as people and spreadsheets write it, or says what is wrong with it. A number (not a text)
    from a spreadsheet has always lost its last three digits.
    """
    if isinstance(text, int | float):
        return Fault.LOST_PRECISION if abs(text) >= EXACT else parse_id_number(f"{text:.0f}")
    narrow = unicodedata.normalize("NFKC", text)
    cleaned = STRAY.sub("", narrow)
    number = cleaned.upper()
    fault = _fault(number)
    if fault:
        return fault
    repairs = []
    if any(unicodedata.east_asian_width(character) == "F" and not character.isspace() for character in text):
        repairs.append(Repair.FULL_WIDTH)
    if number != narrow:
        repairs.append(Repair.LOWER_CASE_OR_SPACES)
    return IdNumber(
        number=number,
        born=date.fromisoformat(f"{number[6:10]}-{number[10:12]}-{number[12:14]}"),
        sex="male" if int(number[16]) % 2 else "female",
        region=number[:6],
        repairs=tuple(repairs),
    )


def _fault(number: str) -> Fault | None:
    if not number:
        return Fault.EMPTY
    if SCIENTIFIC.fullmatch(number):
        return Fault.LOST_PRECISION
    if not re.fullmatch(r"[0-9A-Z]+", number) or not number[:17].isdigit() or number[-1] not in "0123456789X":
        return Fault.CHARACTERS
    if len(number) == 15:
        return Fault.FIFTEEN_DIGITS
    if len(number) != 18:
        return Fault.LENGTH
    return _fault_of_eighteen(number)


def _fault_of_eighteen(number: str) -> Fault | None:
    wrong_check = number[17] != check_character(number)
    if wrong_check and number.endswith("000"):
        return Fault.LOST_PRECISION
    if int(number[:2]) not in PROVINCES:
        return Fault.REGION
    if _born(number) is None:
        return Fault.BIRTH_DATE
    return Fault.CHECK_DIGIT if wrong_check else None


def _born(number: str) -> date | None:
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return born if 1900 <= born.year < 2100 else None


def check_character(number: str) -> str:
    """The eighteenth character that belongs to the first seventeen digits."""
    return CHECKS[sum(weight * int(digit) for weight, digit in zip(WEIGHTS, number, strict=False)) % 11]


def mask(number: str) -> str:
    """3204**********4446: enough to tell two people apart, too little to use. Anything odd is hidden whole."""
    return f"{number[:4]}{'*' * (len(number) - 8)}{number[-4:]}" if len(number) >= 15 else "*" * len(number)


def mask_phone(number: str) -> str:
    """138****1234; of a shorter number only the last two digits stay."""
    if len(number) >= 11:
        return f"{number[:-8]}****{number[-4:]}"
    return "*" * max(0, len(number) - 2) + number[-2:]
