"""Identity numbers: what is accepted, what is mended, what is refused and why."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personnel.identity import (
    PROVINCES,
    Fault,
    IdNumber,
    Repair,
    check_character,
    mask,
    mask_phone,
    parse_id_number,
)


@st.composite
def id_numbers(draw: st.DrawFn) -> str:
    province = draw(st.sampled_from(sorted(PROVINCES)))
    born = draw(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
    body = f"{province}{draw(st.integers(0, 9999)):04}{born:%Y%m%d}{draw(st.integers(0, 999)):03}"
    return body + check_character(body)


def test_a_number_says_who_was_born_when_and_where() -> None:
    assert parse_id_number("320412197206034446") == IdNumber(
        "320412197206034446", date(1972, 6, 3), "female", "320412"
    )


@given(id_numbers())
def test_every_valid_number_is_accepted(number: str) -> None:
    parsed = parse_id_number(number)
    assert isinstance(parsed, IdNumber)
    assert (parsed.number, parsed.repairs) == (number, ())
    assert parsed.sex == ("male" if number[16] in "13579" else "female")


@given(id_numbers(), st.integers(0, 17), st.sampled_from("0123456789"))
def test_one_wrong_digit_is_always_noticed(number: str, place: int, digit: str) -> None:
    wrong = number[:place] + digit + number[place + 1 :]
    assert isinstance(parse_id_number(wrong), IdNumber) == (wrong == number)


@given(id_numbers(), st.integers(0, 16))
def test_two_digits_exchanged_are_always_noticed(number: str, place: int) -> None:
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert isinstance(parse_id_number(swapped), IdNumber) == (swapped == number)


@given(id_numbers())
def test_spaces_lower_case_and_full_width_are_mended_and_named(number: str) -> None:
    wide = number.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
    spaced = f" {number[:6]} {number[6:14]}　{number[14:]}".lower()
    expected = [((Repair.FULL_WIDTH,), wide), ((Repair.LOWER_CASE_OR_SPACES,), spaced)]
    for repairs, text in expected:
        parsed = parse_id_number(text)
        assert isinstance(parsed, IdNumber)
        assert (parsed.number, parsed.repairs) == (number, repairs)


@given(id_numbers())
def test_a_number_that_was_a_number_is_lost(number: str) -> None:
    assert parse_id_number(float(number.replace("X", "0"))) is Fault.LOST_PRECISION


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", Fault.EMPTY),
        (" 　", Fault.EMPTY),
        ("3204121972060344", Fault.LENGTH),
        ("3204121972060344461", Fault.LENGTH),
        ("320412720603444", Fault.FIFTEEN_DIGITS),
        (320412720603444, Fault.FIFTEEN_DIGITS),
        ("3204121972O6034446", Fault.CHARACTERS),
        ("32041219720603444Y", Fault.CHARACTERS),
        ("见身份证复印件", Fault.CHARACTERS),
        ("320412197202304446", Fault.BIRTH_DATE),
        ("320412187206034446", Fault.BIRTH_DATE),
        ("990412197206034446", Fault.REGION),
        ("320412197206034447", Fault.CHECK_DIGIT),
        ("320412197206034000", Fault.LOST_PRECISION),
        ("3.20412E+17", Fault.LOST_PRECISION),
        (3.20412200003087e17, Fault.LOST_PRECISION),
    ],
)
def test_each_fault_has_its_name(text: str | float, fault: Fault) -> None:
    assert parse_id_number(text) is fault


@given(st.text(max_size=40))
def test_no_text_breaks_it(text: str) -> None:
    assert isinstance(parse_id_number(text), Fault | IdNumber)


def test_masks() -> None:
    assert mask("320412197206034446") == "3204**********4446"
    assert [mask_phone(number) for number in ("13800001234", "8655123", "")] == ["138****1234", "*****23", ""]
    assert mask("320412") == "******"


@given(id_numbers())
def test_a_mask_hides_the_day_of_birth(number: str) -> None:
    assert mask(number)[4:14] == "*" * 10
