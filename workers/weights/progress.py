"""How a long fetch shows that it moves: bars on a terminal, plain lines anywhere else."""

from __future__ import annotations

import sys
import threading
from typing import Any, Protocol, TextIO

from tqdm import tqdm


class Report(Protocol):
    """Told what happens to each file; called from several threads."""

    def moved(self, name: str, have: int, total: int | None) -> None: ...

    def said(self, sentence: str) -> None: ...

    def close(self) -> None: ...


class Lines:
    """A line for each event, and one for each quarter of a large file: for logs and pipes."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self._quarters: dict[str, int] = {}
        self._lock = threading.Lock()

    def moved(self, name: str, have: int, total: int | None) -> None:
        if not total:
            return
        quarter = 4 * have // total
        with self._lock:
            if quarter > self._quarters.get(name, 0) and quarter < 4:
                self._quarters[name] = quarter
                print(f"{name}: {25 * quarter} % of {total / 1e6:.0f} MB", file=self.stream, flush=True)

    def said(self, sentence: str) -> None:
        with self._lock:
            print(sentence, file=self.stream, flush=True)

    def close(self) -> None:
        self.stream.flush()


class Bars:
    """A bar for each file that is on its way."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self._bars: dict[str, tqdm[Any]] = {}
        self._lock = threading.Lock()

    def moved(self, name: str, have: int, total: int | None) -> None:
        with self._lock:
            bar: tqdm[Any] | None = self._bars.get(name)
            if bar is None:
                bar = tqdm(total=total, desc=name, unit="B", unit_scale=True, file=self.stream, leave=False)
                self._bars[name] = bar
            bar.update(have - bar.n)
            if total is not None and have >= total:
                bar.close()

    def said(self, sentence: str) -> None:
        with self._lock:
            tqdm.write(sentence, file=self.stream)

    def close(self) -> None:
        for bar in self._bars.values():
            bar.close()


def report_to(stream: TextIO = sys.stderr) -> Report:
    return Bars(stream) if stream.isatty() else Lines(stream)
