"""The rules of certificates, without a database."""

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personnel.certificates.rules import (
    BARS,
    MOVES,
    WHO,
    Event,
    Fault,
    Held,
    Order,
    State,
    Verb,
    bars_on,
    faults,
    may,
    months_later,
    new_certificate_faults,
    number_faults,
    state_on,
    tidy_number,
    verbs_on,
)

TODAY = date(2026, 11, 21)
HELD = Held(date(2022, 6, 6), date(2022, 6, 6), date(2027, 6, 6))

IN_STATE: dict[State, tuple[Held, tuple[Event, ...]]] = {
    State.NOT_STARTED: (Held(TODAY, TODAY + timedelta(days=10), date(2030, 1, 1)), ()),
    State.VALID: (HELD, ()),
    State.SUSPENDED: (HELD, (Event(Verb.SUSPEND, date(2026, 11, 1)),)),
    State.REVOKED: (HELD, (Event(Verb.REVOKE, date(2026, 11, 1)),)),
    State.CANCELLED: (HELD, (Event(Verb.CANCEL, date(2026, 11, 1)),)),
    State.LOST: (HELD, (Event(Verb.REPORT_LOST, date(2026, 11, 1)),)),
    State.EXPIRED: (Held(date(2020, 1, 1), date(2020, 1, 1), date(2026, 1, 1)), ()),
}
ALLOWED = {
    State.NOT_STARTED: {Verb.SUSPEND, Verb.REVOKE, Verb.CANCEL, Verb.REPORT_LOST},
    State.VALID: {Verb.SUSPEND, Verb.REVOKE, Verb.CANCEL, Verb.REPORT_LOST, Verb.RENEW},
    State.SUSPENDED: {Verb.REINSTATE, Verb.REVOKE, Verb.CANCEL, Verb.REPORT_LOST},
    State.REVOKED: set(),
    State.CANCELLED: set(),
    State.LOST: {Verb.REISSUE, Verb.SUSPEND, Verb.REVOKE, Verb.CANCEL},
    State.EXPIRED: {Verb.REVOKE, Verb.CANCEL},
}


@pytest.mark.parametrize("state", State)
def test_the_examples_are_in_the_state_they_stand_for(state: State) -> None:
    assert state_on(*IN_STATE[state], TODAY) is state


@pytest.mark.parametrize(("state", "verb"), list(product(State, Verb)))
def test_each_deed_is_allowed_in_the_states_of_the_table_and_in_no_other(state: State, verb: Verb) -> None:
    assert may(*IN_STATE[state], verb, TODAY) == (verb in ALLOWED[state]) == ((state, verb) in MOVES)


@pytest.mark.parametrize(("state", "verb"), sorted(MOVES))
def test_each_deed_leads_where_the_table_says(state: State, verb: Verb) -> None:
    held, events = IN_STATE[state]
    after = [
        event
        for event in events
        if (verb, event.verb) not in {(Verb.REINSTATE, Verb.SUSPEND), (Verb.REISSUE, Verb.REPORT_LOST)}
    ]
    after.append(Event(verb, TODAY))
    assert state_on(held, after, TODAY) is MOVES[state, verb]


def test_every_deed_names_its_permission() -> None:
    assert set(WHO) == set(Verb)


def test_the_last_valid_day_is_the_day_before_the_end() -> None:
    assert [state_on(HELD, (), day) for day in (date(2022, 6, 5), date(2022, 6, 6), date(2027, 6, 5))] == [
        State.NOT_STARTED,
        State.VALID,
        State.VALID,
    ]
    assert state_on(HELD, (), date(2027, 6, 6)) is State.EXPIRED


def test_a_suspension_that_lies_ahead_cannot_be_doubled_by_an_earlier_one() -> None:
    ahead = (Event(Verb.SUSPEND, TODAY + timedelta(days=30)),)
    assert state_on(HELD, ahead, TODAY) is State.VALID
    assert not may(HELD, ahead, Verb.SUSPEND, TODAY)


def test_a_suspended_certificate_that_is_also_lost_is_reported_as_suspended() -> None:
    both = (Event(Verb.SUSPEND, date(2026, 11, 1)), Event(Verb.REPORT_LOST, date(2026, 11, 5)))
    assert state_on(HELD, both, TODAY) is State.SUSPENDED
    assert verbs_on(HELD, both, TODAY) == (Verb.REINSTATE, Verb.REVOKE, Verb.CANCEL)


WHOLE = {"reason": "过错", "document_no": "司〔2026〕1号"}


@pytest.mark.parametrize(
    ("verb", "order", "found"),
    [
        (Verb.SUSPEND, Order(TODAY, due_on=date(2027, 5, 21), **WHOLE), {}),
        (
            Verb.SUSPEND,
            Order(TODAY, due_on=date(2027, 5, 22), **WHOLE),
            {"due_on": Fault.SUSPENSION_TOO_LONG},
        ),
        (Verb.SUSPEND, Order(TODAY, due_on=TODAY, **WHOLE), {"due_on": Fault.NOT_AFTER}),
        (
            Verb.SUSPEND,
            Order(TODAY, reason="  "),
            {"due_on": Fault.MISSING, "reason": Fault.MISSING, "document_no": Fault.MISSING},
        ),
        (Verb.REVOKE, Order(date(2022, 6, 5), **WHOLE), {"from": Fault.BEFORE_ISSUE}),
        (Verb.REVOKE, Order(date(2022, 6, 6), **WHOLE), {}),
        (Verb.REVOKE, Order(TODAY + timedelta(days=367), **WHOLE), {"from": Fault.TOO_FAR_AHEAD}),
        (Verb.REPORT_LOST, Order(TODAY + timedelta(days=1), reason="遗失"), {"from": Fault.AHEAD}),
        (Verb.REISSUE, Order(TODAY, number="32041212048", **WHOLE), {"number": Fault.NUMBER_THE_SAME}),
        (Verb.REISSUE, Order(TODAY, number="苏1", **WHOLE), {"number": Fault.NUMBER_MALFORMED}),
        (Verb.RENEW, Order(TODAY, until=date(2027, 6, 6), **WHOLE), {"to": Fault.NOT_LONGER}),
        (Verb.RENEW, Order(TODAY, until=date(2033, 6, 6), **WHOLE), {}),
        (Verb.RENEW, Order(TODAY, until=date(2033, 6, 7), **WHOLE), {"to": Fault.TERM_TOO_LONG}),
        (Verb.RENEW, Order(TODAY, until=date(9999, 12, 31), **WHOLE), {"to": Fault.TERM_TOO_LONG}),
    ],
)
def test_what_is_wrong_with_an_order_is_told_by_its_input(
    verb: Verb, order: Order, found: dict[str, Fault]
) -> None:
    assert faults(verb, order, HELD, "32041212048", TODAY) == found


def test_a_new_certificate_needs_a_number_a_field_and_days_in_order() -> None:
    assert new_certificate_faults("", (), TODAY, TODAY - timedelta(days=1), TODAY - timedelta(days=2)) == {
        "number": Fault.MISSING,
        "fields": Fault.NO_FIELD,
        "from": Fault.BEFORE_ISSUE,
        "to": Fault.NOT_AFTER,
    }


def test_numbers_are_kept_narrow_and_capital() -> None:
    assert tidy_number(" ３２04ab－ 12") == "3204AB-12"
    assert number_faults("3204ab12") == {}


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 11, 21), 1, date(2026, 12, 21)),
        (date(9999, 12, 1), 1, date.max),
    ],
)
def test_months_later_stays_within_the_month(day: date, months: int, later: date) -> None:
    assert months_later(day, months) == later


DAYS = st.dates(date(2022, 1, 1), date(2028, 12, 31))
EVENTS = st.builds(
    lambda verb, start, length: Event(
        verb, start, None if length is None else start + timedelta(days=length)
    ),
    st.sampled_from(Verb),
    DAYS,
    st.none() | st.integers(1, 400),
)


@given(st.lists(EVENTS, max_size=6), DAYS)
def test_a_day_is_valid_exactly_when_nothing_bars_it_and_it_lies_within(
    events: list[Event], day: date
) -> None:
    free = not bars_on(events, day) and HELD.valid_from <= day < HELD.valid_to
    assert (state_on(HELD, events, day) is State.VALID) == free


@given(st.lists(EVENTS, max_size=6), DAYS)
def test_what_says_nothing_against_it_changes_no_state(events: list[Event], day: date) -> None:
    only_bars = [event for event in events if event.verb in BARS]
    assert state_on(HELD, events, day) is state_on(HELD, only_bars, day)
