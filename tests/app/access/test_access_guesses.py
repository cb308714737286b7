"""Wrong tokens make their sender wait."""

import pytest

from app.access.guesses import FREE, LONGEST, MOST_SENDERS, Guesses


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.mark.parametrize(
    ("wrong", "seconds"), [(0, 0), (FREE - 1, 0), (FREE, 1), (FREE + 1, 2), (FREE + 4, 16), (FREE + 40, LONGEST)]
)
def test_the_wait_doubles_with_each_wrong_token_up_to_a_minute(wrong, seconds):
    guesses = Guesses(Clock())
    for _ in range(wrong):
        guesses.wrong("10.0.0.1")
    assert guesses.wait("10.0.0.1") == seconds
    assert guesses.wait("10.0.0.2") == 0


def test_waiting_or_a_right_token_ends_it():
    clock = Clock()
    guesses = Guesses(clock)
    for _ in range(FREE):
        guesses.wrong("10.0.0.1")
    clock.now += 1
    assert guesses.wait("10.0.0.1") == 0
    guesses.wrong("10.0.0.1")
    assert guesses.wait("10.0.0.1") == 2
    guesses.right("10.0.0.1")
    assert guesses.wait("10.0.0.1") == 0


def test_however_many_send_wrong_tokens_no_more_than_a_thousand_are_remembered():
    guesses = Guesses(Clock())
    for at in range(MOST_SENDERS + 50):
        guesses.wrong(str(at))
    assert len(guesses._wrong) == MOST_SENDERS
