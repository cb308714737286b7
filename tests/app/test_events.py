"""The log says what happened, and never what was in the data."""

import json
import subprocess
import sys

import pytest

from app import events

CANARY = "Canary-4711"

NOISE = f"""
import logging, threading, warnings
from app import events

logging.basicConfig(format="%(message)s", level=logging.INFO)
from streamlit.logger import get_logger
early = get_logger("streamlit.early")
events.to_stderr()
logging.getLogger("httpx2").info("GET {CANARY}")
get_logger("streamlit.late").info("{CANARY}")

def fails(cell):
    raise ValueError(f"could not convert string to float: {{cell}}")

def caught(log):
    try:
        fails("{CANARY}")
    except ValueError:
        log.exception("page failed with {CANARY}")

events.say("review finished", rows=150)
caught(logging.getLogger("whysure"))
caught(early)
caught(get_logger("streamlit.late"))
logging.getLogger("uvicorn.error").error("%s", "{CANARY}", stack_info=True)
warnings.warn("{CANARY}")
try:
    with events.timed("review", rows=1):
        fails("{CANARY}")
except ValueError:
    pass
thread = threading.Thread(target=fails, args=["{CANARY}"])
thread.start()
thread.join()
fails("{CANARY}")
"""


@pytest.fixture(scope="module")
def lines():
    done = subprocess.run([sys.executable, "-P", "-c", NOISE], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    return done.stderr.splitlines()


def test_every_line_is_json_with_a_time_and_an_event(lines):
    found = [json.loads(line) for line in lines]
    assert [item["event"] for item in found] == [
        "review finished", "error", "error", "error", "log", "log", "review started", "review failed", "error", "error",
    ]  # fmt: skip
    assert all(item["time"].endswith("+00:00") for item in found)


def test_no_message_of_an_error_a_warning_or_a_library_is_kept(lines):
    assert CANARY not in "\n".join(lines)


def test_an_error_is_its_kind_and_its_place(lines):
    failed = json.loads(lines[7])
    assert (failed["error"], failed["rows"]) == ("ValueError", 1)
    assert failed["at"] == "<string>:13"
    assert json.loads(lines[4])["logger"] == "uvicorn.error"


def test_the_place_is_the_innermost_line_of_our_own():
    from explain.decisions.room import parse_size

    with pytest.raises(Exception) as raised:  # noqa: PT011 - which one is not the point
        parse_size(None)
    assert events.about(raised.value)["at"].startswith("explain/decisions/room.py:")


def test_without_being_asked_nothing_is_logged(capfd, caplog):
    events.say("review finished", rows=150)
    assert capfd.readouterr().err == ""
    assert caplog.text == ""


class Stop(BaseException):
    pass


@pytest.mark.parametrize(("error", "last"), [(ValueError, "failed"), (Stop, "stopped"), (None, "finished")])
def test_what_started_ends_in_one_of_three_ways(monkeypatch, error, last):
    said = []
    monkeypatch.setattr(events, "say", lambda event, **facts: said.append((event, facts)))
    try:
        with events.timed("review", rows=3) as found:
            if error:
                raise error
            found["run"] = "abc"
    except (ValueError, Stop):
        pass
    assert [event for event, _ in said] == ["review started", f"review {last}"]
    assert said[1][1]["rows"] == 3
    assert said[1][1]["seconds"] < 1
    assert said[1][1].get("run") == (None if error else "abc")
