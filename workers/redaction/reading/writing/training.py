"""Teaches the network that tells strange letters, and writes what it reaches beside it.

    python -m workers.redaction.reading.writing.training train --fonts /usr/share/fonts --minutes 10
    python -m workers.redaction.reading.writing.training measure --fonts /usr/share/fonts

Which fonts were learned from, and which were kept for the test, stands in the card: a font is held out by its
file's name (`HELD_OUT`), so that what is measured is another hand's drawing of the same letters.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from workers.redaction.reading.writing.network import ALONG, HIGH, WIDTHS
from workers.redaction.reading.writing.samples import Face, Painter, faces
from workers.redaction.reading.writing.tell import FILE, SURELY, Network, inked, likely, loaded, stretches

# The files of these families are never learned from.
HELD_OUT = re.compile(
    r"DejaVu|Free(Sans|Serif|Mono)|Lohit|Garuda|Kinnari|Loma|Norasi|Purisa|Umpush|Un(Batang|Dotum)|BPG|Kacst"
    r"|Carlito|OpenSans|MTLc3m|motoya|seto|ipae|NotoSans.*CJK|NotoSerif.*CJK",
    re.IGNORECASE,
)
NO_LETTERS = re.compile(r"symbol|emoji|awesome|icons|math|SignWriting|Tangut", re.IGNORECASE)
WORDS = re.compile(r"[A-Za-z]+|[^\x00-\x7f]+")
BATCH = 256
PEAK = 3e-3  # learning rate
TEST = 200  # lines of each kind, each for each writing system


class StrangeLetters(nn.Module):
    """[lines, 1, `HIGH`, width] to [lines, width / `STRIDE`]: logits of "a strange letter stands here"."""

    def __init__(self) -> None:
        super().__init__()
        one, two, three, four = WIDTHS
        self.see = nn.Sequential(
            *_layer(1, one, stride=2),
            *_layer(one, two),
            nn.MaxPool2d(2),
            *_layer(two, three),
            *_layer(three, three),
            nn.MaxPool2d((2, 1)),
            *_layer(three, four),
            *_layer(four, four),
        )
        self.judge = nn.Sequential(
            nn.Conv1d(four * HIGH // 8, four, 1, bias=False),
            nn.BatchNorm1d(four),
            nn.ReLU(inplace=True),
            nn.Conv1d(four, four, ALONG, padding=ALONG // 2, bias=False),
            nn.BatchNorm1d(four),
            nn.ReLU(inplace=True),
            nn.Conv1d(four, four, ALONG, padding=ALONG // 2, bias=False),
            nn.BatchNorm1d(four),
            nn.ReLU(inplace=True),
            nn.Conv1d(four, 1, 1),
        )

    def forward(self, lines: Tensor) -> Tensor:
        seen = self.see(lines)  # [lines, channels, HIGH / 8, width / STRIDE]
        answer: Tensor = self.judge(seen.flatten(1, 2))
        return answer.squeeze(1)


def _layer(entering: int, leaving: int, stride: int = 1) -> list[nn.Module]:
    return [
        nn.Conv2d(entering, leaving, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(leaving),
        nn.ReLU(inplace=True),
    ]


class Lines(IterableDataset[tuple[np.ndarray, np.ndarray, np.ndarray]]):
    """Lines without end; each process of a loader draws its own."""

    def __init__(self, fonts: list[Face], words: list[str], seed: int) -> None:
        self._made_of = (fonts, words)
        self._seed = seed

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        worker = get_worker_info()
        painter = Painter(*self._made_of, seed=self._seed * 1000 + (worker.id if worker else 0))
        while True:
            yield from map(tuple, painter.samples())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("step", choices=("train", "measure"))
    parser.add_argument("--fonts", type=Path, required=True, help="a folder, searched to its bottom")
    parser.add_argument(
        "--manual", type=Path, default=Path("docs"), help="a folder of texts to take words from"
    )
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--workers", type=int, default=2, help="processes that draw lines")
    parser.add_argument("--out", type=Path, default=FILE)
    given = parser.parse_args()
    paths = [path for kind in ("ttf", "otf", "ttc") for path in given.fonts.rglob(f"*.{kind}")]
    wanted = [
        path
        for path in paths
        if not NO_LETTERS.search(path.name) and bool(HELD_OUT.search(path.name)) == (given.step == "measure")
    ]
    fonts = list(faces(wanted))
    texts = [path.read_text(encoding="utf-8") for path in sorted(given.manual.glob("*.md"))]
    words = WORDS.findall(" ".join(texts))
    names = sorted({Path(face.path).name for face in fonts})
    print(f"{len(fonts)} fonts, {len(words)} words", flush=True)
    if given.step == "train":
        state, seen = trained(fonts, words, given)
        half = {name: part.half() if part.is_floating_point() else part for name, part in state.items()}
        save_file(half, given.out, {"learned_from": json.dumps(names), "lines": str(seen)})
        return
    with safe_open(given.out, "pt") as opened:
        told = opened.metadata()
    card = {
        "reached": measured(loaded(given.out), fonts, words, given.seed),
        "lines_learned_from": int(told["lines"]),
        "measured_on": names,
        "learned_from": json.loads(told["learned_from"]),
    }
    text = json.dumps(card, indent=1, ensure_ascii=False)
    given.out.with_suffix(".json").write_text(f"{text}\n", encoding="utf-8")
    print(json.dumps(card["reached"], indent=1))


def trained(
    learned: list[Face], words: list[str], given: argparse.Namespace
) -> tuple[dict[str, Tensor], int]:
    """The network's parts after so many minutes, and how many lines it saw."""
    torch.manual_seed(given.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network = StrangeLetters().to(device)
    better = torch.optim.AdamW(network.parameters(), lr=PEAK, weight_decay=0.01)
    loader = DataLoader(
        Lines(learned, words, given.seed), BATCH, num_workers=given.workers, prefetch_factor=4
    )
    begun, seen, mean = time.monotonic(), 0, 0.0
    for step, batch in enumerate(loader):
        passed = (time.monotonic() - begun) / (60 * given.minutes)
        if passed >= 1:
            break
        for group in better.param_groups:
            group["lr"] = PEAK * min(1.0, (step + 1) / 200) * 0.5 * (1 + np.cos(np.pi * passed))
        entering, strange, counts = (part.to(device) for part in batch)
        loss = _loss(network(entering[:, None]), strange, counts)
        better.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        better.step()
        seen += len(entering)
        mean = loss.item() if not step else 0.98 * mean + 0.02 * loss.item()
        if step % 200 == 0:
            print(f"{seen} lines, loss {mean:.4f}, {100 * passed:.0f} % of the time", flush=True)
    print(f"{seen} lines", flush=True)
    return network.cpu().state_dict(), seen


def _loss(answers: Tensor, strange: Tensor, counts: Tensor) -> Tensor:
    each = nn.functional.binary_cross_entropy_with_logits(answers, strange, reduction="none")
    return (each * counts).sum() / counts.sum().clamp(min=1)


def measured(network: Network, kept: list[Face], words: list[str], seed: int) -> dict[str, object]:
    """On fonts that were held out: known lines that are called strange, and strange ones that are seen.

    A line counts by what hides it whatever OCR reads: any part of it that is surely strange.
    """
    painter = Painter(kept, words, seed + 1)
    wrong = sum(_is_hidden(network, painter.samples(strange=False)[0].line) for _ in range(10 * TEST))
    seen: dict[str, float] = {}
    for system in painter.systems:
        lines = [painter.samples(strange=True, system=system)[0] for _ in range(TEST)]
        # A piece cut from a long line may hold none of the letters.
        hits = [_is_hidden(network, each.line) for each in lines if (each.strange * each.counts).sum() >= 6]
        seen[system] = round(float(np.mean(hits)), 4)
    return {"known_lines": 10 * TEST, "called_strange": wrong, "strange_lines_seen": seen}


def _is_hidden(network: Network, line: np.ndarray) -> bool:
    (answers,) = likely(network, [line])
    return any(stretch.likely > SURELY for stretch in stretches(answers, inked(line)))


if __name__ == "__main__":
    main()
