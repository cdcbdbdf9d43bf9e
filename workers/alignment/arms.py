"""What going step by step is worth: staged, direct and balanced mixing of three tasks, on cached features.

The tasks are pictures, recordings and clips, each finding its caption among others, and the picture of a clip
its sound. What is trained are heads into one space; clips alone are read with a low-rank addition, unless the
gate is open (*ungated*). The hypothesis and the measure were written into docs/model-log.md before this ran.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from workers.alignment.ear import contrast
from workers.omni.space import Head

ARMS = ("staged", "direct", "balanced", "ungated")
STEPS, BATCH, SEEDS = 240, 128, (1, 2, 3)
FRACTIONS = (0.1, 0.25, 0.5, 1.0)
WIDTH, HIDDEN, RANK = 256, 512, 16
RATE, WEIGHT_DECAY = 1.5e-3, 0.05
TASKS = ("pictures", "recordings", "clips")
FIRST = 5
DRAWS = 2000


@dataclass(frozen=True)
class Data:
    """Features side by side. Rows of `pictures`, `texts` and `clips` are subjects; recordings name theirs."""

    pictures: Tensor  # [subjects, eye's width]
    texts: Tensor  # [subjects, text's width]
    captions: Tensor  # [subjects], one number for captions that are the same
    recordings: Tensor  # [recordings, ear's width]
    subject: Tensor  # [recordings]
    clips: Tensor  # [subjects, eye's width], the picture of a clip

    def of(self, subjects: Sequence[int]) -> Data:
        """Of these subjects alone, numbered anew."""
        number = {subject: row for row, subject in enumerate(subjects)}
        rows = [row for row, subject in enumerate(self.subject.tolist()) if subject in number]
        new = torch.tensor([number[int(self.subject[row])] for row in rows])
        chosen = list(subjects)
        return Data(
            self.pictures[chosen],
            self.texts[chosen],
            self.captions[chosen],
            self.recordings[rows],
            new,
            self.clips[chosen],
        )


class Sides(nn.Module):
    """Eye, ear and text side, and what is added to eye and ear where a clip is read."""

    def __init__(self, data: Data) -> None:
        super().__init__()
        eye, ear, text = data.pictures.shape[1], data.recordings.shape[1], data.texts.shape[1]
        self.eye, self.ear, self.text = (Head(width, HIDDEN, WIDTH) for width in (eye, ear, text))
        self.added = nn.ModuleDict(
            {
                name: nn.Sequential(nn.LayerNorm(width), nn.Linear(width, RANK), nn.Linear(RANK, WIDTH))
                for name, width in (("eye", eye), ("ear", ear))
            }
        )
        for name in ("eye", "ear"):
            last = self.added[name][2]  # type: ignore[index]
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)

    def see(self, features: Tensor, *, clip: bool = False) -> Tensor:
        """[rows, width of the features] -> units [rows, WIDTH]"""
        found = self.eye(features)
        return functional.normalize(found + self.added["eye"](features) if clip else found, dim=-1)

    def hear(self, features: Tensor, *, clip: bool = False) -> Tensor:
        found = self.ear(features)
        return functional.normalize(found + self.added["ear"](features) if clip else found, dim=-1)

    def say(self, states: Tensor) -> Tensor:
        return functional.normalize(self.text(states), dim=-1)


@dataclass(frozen=True)
class Found:
    """Of one arm and seed, of each held-out item whether it was right; what it cost."""

    arm: str
    seed: int
    picture: list[bool]
    recording: list[bool]
    clip: list[bool]
    bound: list[bool]
    """The question of clips: each with its own recording, then each with another's."""
    alone: dict[str, list[bool]]
    kept: bool | None
    """Whether pictures and recordings are read by the same numbers as before the third stage."""

    @property
    def shares(self) -> dict[str, float]:
        every = {"picture": self.picture, "recording": self.recording, "clip": self.clip, "bound": self.bound}
        return {name: sum(each) / len(each) for name, each in every.items()}

    @property
    def mean(self) -> float:
        return sum(self.shares.values()) / 4


def run(
    arm: str,
    seed: int,
    training: Data,
    development: Data,
    held_out: Data,
    said: Callable[[str], None],
    *,
    heard: float = 1.0,
    steps: int = STEPS,
    batch: int = BATCH,
) -> Found:
    """Train and measure one arm. `heard` is the share of subjects whose recordings the second stage has."""
    torch.manual_seed(seed)
    random = torch.Generator().manual_seed(seed)
    sides = Sides(training)
    rows = _heard(training, heard, random)
    before: list[Tensor] = []
    if arm in ("staged", "ungated"):
        for number, (task, trained) in enumerate(_stages(sides)):
            if number == 2:
                before = _read(sides, held_out, clip=False)
            _train(
                sides, trained, training, rows, {task: batch}, steps // 3, random, ungated=arm == "ungated"
            )
    else:
        counts = {"pictures": len(training.pictures), "recordings": len(rows), "clips": len(training.clips)}
        shares = {task: 1 / 3 if arm == "balanced" else counts[task] / sum(counts.values()) for task in TASKS}
        parts = {task: max(2, round(batch * shares[task])) for task in TASKS}
        _train(sides, list(sides.parameters()), training, rows, parts, steps, random)
    sides.eval()
    open_ = arm == "ungated"
    after = _read(sides, held_out, clip=open_)
    kept = all(map(torch.equal, before, after)) if before else None
    found = measure(sides, arm, seed, development, held_out, kept=kept, ungated=open_)
    shares_said = ", ".join(f"{name} {share:.3f}" for name, share in found.shares.items())
    said(f"{arm}, seed {seed}, {heard:.0%} of the recordings: {shares_said}")
    return found


def _stages(sides: Sides) -> list[tuple[str, list[nn.Parameter]]]:
    return [
        ("pictures", [*sides.eye.parameters(), *sides.text.parameters()]),
        ("recordings", list(sides.ear.parameters())),
        ("clips", list(sides.added.parameters())),
    ]


def _heard(data: Data, share: float, random: torch.Generator) -> Tensor:
    """Rows of recordings, of a share of the subjects."""
    subjects = torch.randperm(len(data.pictures), generator=random)
    chosen = subjects[: max(1, round(share * len(subjects)))]
    return torch.isin(data.subject, chosen).nonzero()[:, 0]


def _train(
    sides: Sides,
    trained: Sequence[nn.Parameter],
    data: Data,
    rows: Tensor,
    parts: dict[str, int],
    steps: int,
    random: torch.Generator,
    *,
    ungated: bool = False,
) -> None:
    sides.requires_grad_(False).train()
    for weight in trained:
        weight.requires_grad_(True)
    optimiser = torch.optim.AdamW(trained, RATE, weight_decay=WEIGHT_DECAY)
    whole = sum(parts.values())
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = RATE * (0.02 + 0.98 * (1 + math.cos(math.pi * step / steps)) / 2)
        loss = sum(
            (count / whole * _loss(sides, task, data, rows, count, random) for task, count in parts.items()),
            torch.zeros(()),
        )
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
    sides.requires_grad_(False).eval()


def _loss(sides: Sides, task: str, data: Data, rows: Tensor, count: int, random: torch.Generator) -> Tensor:
    if task == "pictures":
        drawn = torch.randint(len(data.pictures), (count,), generator=random)
        found = sides.see(data.pictures[drawn])
        return contrast(found, sides.say(data.texts[drawn]), _same(data.captions[drawn]))
    picked = rows[torch.randint(len(rows), (count,), generator=random)]
    subject = data.subject[picked]
    if task == "recordings":
        found = sides.hear(data.recordings[picked])
        return contrast(found, sides.say(data.texts[subject]), _same(data.captions[subject]))
    seen, heard = (
        sides.see(data.clips[subject], clip=True),
        sides.hear(data.recordings[picked], clip=True),
    )
    both = functional.normalize(seen + heard, dim=-1)
    of_caption = contrast(both, sides.say(data.texts[subject]), _same(data.captions[subject]))
    return of_caption + contrast(seen, heard, _same(data.captions[subject]))


def _same(numbers: Tensor) -> Tensor:
    return numbers[:, None] == numbers[None, :]


@torch.no_grad()
def _read(sides: Sides, data: Data, *, clip: bool) -> list[Tensor]:
    """Pictures and recordings as they are read; with `clip` as if each were one."""
    return [sides.see(data.pictures, clip=clip), sides.hear(data.recordings, clip=clip)]


@torch.no_grad()
def measure(
    sides: Sides, arm: str, seed: int, development: Data, held_out: Data, *, kept: bool | None, ungated: bool
) -> Found:
    pictures, recordings = _read(sides, held_out, clip=ungated)
    texts = sides.say(held_out.texts)
    own = held_out.captions
    first = _first_recordings(held_out)
    seen, heard = (
        sides.see(held_out.clips, clip=True),
        sides.hear(held_out.recordings[first], clip=True),
    )
    of_pairs, bound = {}, list[bool]()
    for name, scores in _pair_scores(sides, held_out).items():
        edge = _edge(_pair_scores(sides, development)[name])
        of_pairs[name] = _answered(scores, edge)
    bound = of_pairs.pop("both")
    of_pairs["blind"] = [True] * len(seen) + [False] * len(seen)  # always yes
    return Found(
        arm,
        seed,
        picture=_among_first(pictures, texts, own, own),
        recording=_among_first(recordings, texts, own[held_out.subject], own),
        clip=_among_first(functional.normalize(seen + heard, dim=-1), texts, own, own),
        bound=bound,
        alone=of_pairs,
        kept=kept,
    )


def _first_recordings(data: Data) -> Tensor:
    """Of each subject its first recording. Every subject has one."""
    first: dict[int, int] = {}
    for row, subject in enumerate(data.subject.tolist()):
        first.setdefault(subject, row)
    return torch.tensor([first[subject] for subject in range(len(data.pictures))])


@torch.no_grad()
def _pair_scores(sides: Sides, data: Data) -> dict[str, tuple[Tensor, Tensor]]:
    """Of each clip a score with its own recording and with another subject's, and of each side alone."""
    first = _first_recordings(data)
    seen = sides.see(data.clips, clip=True)
    heard = sides.hear(data.recordings[first], clip=True)
    other = _others(data.captions)
    texts = sides.say(data.texts)
    own_pictures = (seen @ texts.T).amax(1)
    sounds = (heard @ texts.T).amax(1)
    return {
        "both": ((seen * heard).sum(1), (seen * heard[other]).sum(1)),
        "picture alone": (own_pictures, own_pictures),
        "sound alone": (sounds, sounds[other]),
    }


def _others(captions: Tensor) -> Tensor:
    """For each subject another one, with another caption: each is another's once, as far as captions let."""
    count = len(captions)
    order = torch.randperm(count, generator=torch.Generator().manual_seed(5))
    other = torch.empty(count, dtype=torch.long)
    for place in range(count):
        for further in range(1, count):
            candidate = int(order[(place + further) % count])
            if captions[candidate] != captions[order[place]]:
                other[order[place]] = candidate
                break
    return other


def _edge(scores: tuple[Tensor, Tensor]) -> float:
    """The score above which *yes* is right most often."""
    own, other = scores
    edges = torch.cat([own, other]).sort().values
    right = [(own >= edge).sum() + (other < edge).sum() for edge in edges]
    return float(edges[int(torch.stack(right).argmax())])


def _answered(scores: tuple[Tensor, Tensor], edge: float) -> list[bool]:
    own, other = scores
    answered: list[bool] = [*(own >= edge).tolist(), *(other < edge).tolist()]
    return answered


def _among_first(found: Tensor, texts: Tensor, own: Tensor, captions: Tensor) -> list[bool]:
    """Whether a caption like one's own is among the nearest FIRST different ones."""
    distinct = torch.tensor([captions.tolist().index(c) for c in dict.fromkeys(captions.tolist())])
    near = (found @ texts[distinct].T).topk(min(FIRST, len(distinct)), dim=1).indices
    right: list[bool] = (captions[distinct][near] == own[:, None]).any(1).tolist()
    return right


def difference(one: Sequence[Found], other: Sequence[Found], measure_of: str) -> tuple[float, float, float]:
    """By how much one arm is better, with 95 % by bootstrap over the items, the seeds of an item together.

    `measure_of` is a field of `Found`, or "mean" of the four.
    """
    names = ("picture", "recording", "clip", "bound") if measure_of == "mean" else (measure_of,)
    generator = torch.Generator().manual_seed(0)
    middle, drawn = 0.0, torch.zeros(DRAWS)
    for name in names:
        pairs = zip(one, other, strict=True)
        gained = [
            torch.tensor(getattr(a, name)).float() - torch.tensor(getattr(b, name)).float() for a, b in pairs
        ]
        change = torch.stack(gained).mean(0)
        picks = torch.randint(len(change), (DRAWS, len(change)), generator=generator)
        middle += float(change.mean()) / len(names)
        drawn += change[picks].mean(1) / len(names)
    low, high = drawn.quantile(torch.tensor([0.025, 0.975])).tolist()
    return middle, low, high
