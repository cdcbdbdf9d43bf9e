"""What a policy's head adds to a score: its log-odds of a label against another, over what it reads itself.

A head is linear in the blocks of features that it reads, so its log-odds are

    asks × (the model's own score of the label less the other's) + Σ over blocks vector · block + constant

over its temperature: in nats, as it was joined when it decided. The first term is what the rest of this room
takes apart. The others are taken apart here, down to the places of the tower's levels and the tokens of sound
and text: a small thing that only the early levels see gets its credit where it lies. Along a straight path
attributions of sums add up, so both are put together patch by patch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from workers.attribution.asked import GREY, Contents, blank_picture, empty_lines, hearing_of
from workers.attribution.modalities import Members
from workers.attribution.parts import ground_of
from workers.attribution.path import along
from workers.omni.features import NEAR, TEXTS, levels, over_places, over_time
from workers.omni.features import heard as heard_in
from workers.omni.heads import FittedHead
from workers.omni.model import OmniModel
from workers.omni.prompt import Prompt
from workers.omni.seen import Seen
from workers.omni.space import Space

FIRST, MOST, AT_ONCE = 16, 128, 8
"""Points over the tower's levels: they cost no more than some sums."""
NEXT_TO_NOTHING = 1e-12


@dataclass(frozen=True)
class HeadMargin:
    """A head's log-odds of a label against another, as a function of what it reads; nats."""

    asks: float  # how much the model's own margin counts
    reads: Mapping[str, Tensor]  # block -> [width]
    constant: float
    space: Space | None = None  # where it reads what lies in it

    def pages(self, of_levels: Sequence[Tensor], *, root: bool = True) -> Tensor:
        """What it reads of pages: each level [batch, pages, places, width] -> [batch].

        Without `root` the pooled features are left out.
        """
        found = of_levels[0].new_zeros(len(of_levels[0]))
        if "pooled" in self.reads and root:
            means = of_levels[-1].mean((1, 2))
            found = found + means.clamp_min(0).sqrt() @ self.reads["pooled"].to(means)
        if "local" in self.reads:
            each = [over_places(level.flatten(0, 1)).view(*level.shape[:2], -1) for level in of_levels]
            local = torch.cat(each, -1).mean(1)
            found = found + local @ self.reads["local"].to(local)
        if NEAR in self.reads and self.space is not None:
            last = of_levels[-1]
            near = self.space.pictures(last.flatten(0, 1)).view(*last.shape[:2], -1).mean(1)
            found = found + near @ self.reads[NEAR].to(near)
            # A path over all levels wants each of them to have a part, if none.
            found = found + 0 * sum(level.sum((1, 2, 3)) for level in of_levels)
        return found

    def sound(self, tokens: Tensor) -> Tensor:
        """The sound tower's vectors, [batch, tokens, width] -> [batch]."""
        return over_time(tokens) @ self.reads["heard"].to(tokens)

    @property
    def reads_text(self) -> bool:
        return not self.reads.keys().isdisjoint(TEXTS)

    def text(self, model: OmniModel, embedded: Tensor) -> Tensor:
        """Embedded texts, [batch, tokens, language width] -> [batch]."""
        found = embedded.new_zeros(len(embedded))
        for name, state in TEXTS.items():
            if name in self.reads:
                read = state(model, embedded)
                found = found + read @ self.reads[name].to(read)
        return found


def head_margin(fitted: FittedHead, label: str, against: str, space: Space | None = None) -> HeadMargin:
    """The head's own numbers, its parts and its temperature put together."""
    side = np.zeros(len(fitted.labels))
    side[fitted.labels.index(label)] = 1
    if against:
        side[fitted.labels.index(against)] -= 1
    asks, constant, reads = 0.0, 0.0, dict[str, np.ndarray]()
    for share, part in fitted.parts:
        counts = share / fitted.temperature
        asks += counts * part.asked
        constant += counts * float(part.bias @ side)
        for name, weight in part.weight.items():
            vector = counts * (weight @ side) / part.scale[name]
            constant -= float(vector @ part.centre[name])
            reads[name] = reads.get(name, 0.0) + vector
    return HeadMargin(asks, {n: torch.from_numpy(v).float() for n, v in reads.items()}, constant, space)


@dataclass(frozen=True)
class Read:
    """What the head reads of a medium, in nats: at the path's ends, and each patch's and token's part."""

    start: float  # of the grey picture, where there are pages, and of no text
    pages: tuple[float, float]  # blank, actual
    sound: tuple[float, float]
    text: tuple[float, float]
    contents: tuple[Tensor, ...]  # [pages × grid²], [sound tokens], [text tokens]: as a prompt's contents

    @property
    def blank(self) -> float:
        return self.pages[0] + self.sound[0] + self.text[0]

    @property
    def actual(self) -> float:
        return self.pages[1] + self.sound[1] + self.text[1]

    def of(self, members: Members) -> float:
        """Where those who are no members are blank."""
        return (
            self.pages["pictures" in members] + self.sound["sound" in members] + self.text["text" in members]
        )


def read_of(
    model: OmniModel,
    prompt: Prompt,
    seen: Seen,
    head: HeadMargin,
    *,
    heard: Callable[[int], None],
    most: int,
    noise: Callable[[Tensor], Tensor] | None = None,
) -> Read:
    """`most` points for the text, which takes the language model. `noise` is added to what is actual."""
    shake = noise or (lambda given: given)
    contents: list[Tensor] = []
    pages = start = sound = text = (0.0, 0.0)
    if seen.pages:
        side = model.config.grid
        of_pages = _read_pages(model, [page.pixels for page in seen.pages])
        actual = [shake(level) for level in of_pages]
        blank = _read_pages(model, [blank_picture(model, ground_of(p.pixels)) for p in seen.pages])
        grey = _read_pages(model, [blank_picture(model, GREY)])
        with torch.no_grad():
            pages = (float(head.pages(blank)[0]), float(head.pages(actual)[0]))
            start = (float(head.pages(grey)[0]), 0.0)
        contents.append(_over_patches(head, actual, blank, pages[1] - pages[0], side))
    if prompt.sounds:
        sound, found = _over_sound(model, prompt, seen, head, shake)
        contents.append(found)
    if prompt.text:
        tokens = model.embed(model.ids(prompt.text.tokens)).unsqueeze(0)
        if not head.reads_text:
            contents.append(torch.zeros(tokens.shape[1], dtype=torch.double))
        else:
            both = Contents((shake(tokens),), (empty_lines(model, tokens.shape[1]),))

            def score(given: Tensor) -> Tensor:
                return head.text(model, given)

            with torch.no_grad():
                text = (float(score(both.blank[0])[0]), float(score(both.actual[0])[0]))
            path = along(
                score, both, text[1] - text[0], first=min(8, most), most=most, at_once=4, heard=heard
            )
            contents.append(path.found[0].cpu())
    return Read(start[0], pages, sound, text, tuple(contents))


def _over_sound(
    model: OmniModel, prompt: Prompt, seen: Seen, head: HeadMargin, shake: Callable[[Tensor], Tensor]
) -> tuple[tuple[float, float], Tensor]:
    """What the head reads of silence and of what is heard, and each token's part: [sound tokens]."""
    if "heard" not in head.reads:
        return (0.0, 0.0), torch.zeros(sum(len(each.places) for each in prompt.sounds), dtype=torch.double)
    windows = [window.samples for window in seen.windows]
    ends = [
        heard_in(hearing_of(model), each).clone() for each in (windows, list(map(np.zeros_like, windows)))
    ]
    both = Contents((shake(ends[0].unsqueeze(0)),), (ends[1].unsqueeze(0),))
    with torch.no_grad():
        read = (float(head.sound(both.blank[0])[0]), float(head.sound(both.actual[0])[0]))
    path = along(head.sound, both, read[1] - read[0], first=FIRST, most=MOST, at_once=AT_ONCE)
    return read, path.found[0].cpu()


@torch.no_grad()
def _read_pages(model: OmniModel, pictures: list[np.ndarray]) -> list[Tensor]:
    """The tower's levels of the pages: [1, pages, places, width] each."""
    return [level.float().unsqueeze(0) for level in levels(model.tower, model.pixels(pictures))]


def _over_patches(
    head: HeadMargin, actual: Sequence[Tensor], blank: Sequence[Tensor], change: float, side: int
) -> Tensor:
    """Each patch's part of what the head reads of pages: [pages × side²]."""
    count = actual[0].shape[1]
    found = torch.zeros(count, side * side, dtype=torch.double)
    if "pooled" in head.reads:
        rooted = _pooled(actual[-1][0], blank[-1][0], head.reads["pooled"])  # [pages, places]
        change -= float(rooted.sum())
        found += _in_patches(rooted, side)
    if not head.reads.keys().isdisjoint(("local", NEAR)):
        flat = Contents(*(tuple(level.flatten(1, 2) for level in given) for given in (actual, blank)))

        def score(*given: Tensor) -> Tensor:
            return head.pages(
                [level.view(len(level), count, -1, level.shape[-1]) for level in given], root=False
            )

        path = along(score, flat, change, first=FIRST, most=MOST, at_once=AT_ONCE)
        for each in path.found:
            found += _in_patches(each.view(count, -1), side)
    return found.flatten()


def _pooled(actual: Tensor, blank: Tensor, vector: Tensor) -> Tensor:
    """The root of a mean, taken apart exactly: the mean is linear on the path. [pages, places]"""
    change, ends = actual - blank, [each.mean((0, 1)).clamp_min(0) for each in (actual, blank)]
    moved = ends[0] - ends[1]
    # Where the mean stands still the slope is the root's own.
    still = 0.5 / ends[0].clamp_min(NEXT_TO_NOTHING).sqrt()
    slope = torch.where(moved.abs() > NEXT_TO_NOTHING, (ends[0].sqrt() - ends[1].sqrt()) / moved, still)
    return (change.double() @ (vector.to(slope) * slope).double()) / (change.shape[0] * change.shape[1])


def _in_patches(places: Tensor, side: int) -> Tensor:
    """[pages, places] -> [pages, side²]: each place in the patch that its middle lies in."""
    own = round(places.shape[1] ** 0.5)
    line = ((torch.arange(own) + 0.5) * side / own).long()
    patch = (line[:, None] * side + line[None]).flatten()
    found = torch.zeros(len(places), side * side, dtype=torch.double)
    return found.index_add_(1, patch, places.detach().double().cpu())
