from __future__ import annotations

import io

from workers.weights.progress import Bars, Lines, report_to


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_bars_and_a_pipe_gets_lines() -> None:
    assert isinstance(report_to(Terminal()), Bars)
    assert isinstance(report_to(io.StringIO()), Lines)


def test_lines_tell_each_quarter_once_and_have_no_control_characters() -> None:
    stream = io.StringIO()
    lines = Lines(stream)

    for have in range(0, 1001, 10):
        lines.moved("one", have * 1_000_000, 1_000_000_000)
    lines.said("one: verified")
    lines.close()

    told = ["one: 25 % of 1000 MB", "one: 50 % of 1000 MB", "one: 75 % of 1000 MB", "one: verified"]
    assert stream.getvalue().splitlines() == told


def test_bars_follow_a_download_that_starts_again() -> None:
    stream = Terminal()
    bars = Bars(stream)

    for have in (400, 800, 200, 1000):
        bars.moved("one", have, 1000)
    bars.moved("two", 10, None)
    bars.said("one: verified")
    bars.close()

    assert "one" in stream.getvalue()
    assert "one: verified\n" in stream.getvalue()
