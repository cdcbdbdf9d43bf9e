"""Redacted examples of a policy as numbers: what heads are fitted to and measured on."""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter, defaultdict
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from omnigov.contracts import Hook, LeftOut, ModelVersion, PolicySpec
from workers import weights
from workers.alignment.twins import kept_together
from workers.omni.features import Features, features_of, keyed, mark
from workers.omni.heads import asked_from, stacked
from workers.omni.infer import infer_together, load
from workers.omni.joined import label_vectors
from workers.omni.model import OmniModel
from workers.omni.seen import Seen

AT_ONCE = 16
ONCE = secrets.token_bytes(32)
"""Keys the marks of examples that have no key of their own: they mean nothing after this process."""


class NotEnough(Exception):
    """Nothing can be fitted or measured; the text says what is missing."""


@dataclass(frozen=True, eq=False)
class Example:
    """What the model may see of a redacted medium, and the label that a person gave it.

    Examples of one `group` (several pictures of one thing) stay on one side wherever examples are split.
    `slices` are names of parts that it belongs to, as `hidden:much`. `key` keys the mark by which a head
    knows it again: where it is destroyed with the medium, what a head holds names nobody's medium any more.
    """

    seen: Seen
    label: str
    group: str = ""
    slices: tuple[str, ...] = ()
    key: bytes = field(default=ONCE, repr=False)


@dataclass(frozen=True, eq=False)
class Known:
    """Examples as numbers: blocks [n, width], the model's own scores among them as `asked` [n, labels].

    `marks` are keyed. `plain` ones are here only to know examples of heads again that were fitted before
    marks had keys; they are written nowhere. `twins` have one that looks like a copy, in the same group.
    """

    labels: tuple[str, ...]
    truth: np.ndarray  # [n]
    blocks: dict[str, np.ndarray]
    marks: tuple[str, ...]
    groups: tuple[str, ...]
    slices: tuple[tuple[str, ...], ...]
    left_out: tuple[LeftOut, ...] = ()
    plain: tuple[str, ...] = field(default=(), repr=False)
    twins: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))  # [n], where they were looked for
    words: np.ndarray | None = field(default=None, repr=False)
    """The labels' vectors in the shared space, [labels, width], where the model has one."""

    def __len__(self) -> int:
        return len(self.marks)

    @property
    def counts(self) -> tuple[int, ...]:
        return tuple(int((self.truth == index).sum()) for index in range(len(self.labels)))

    @property
    def digest(self) -> str:
        lines = sorted(
            f"{mark} {self.labels[label]}\n" for mark, label in zip(self.marks, self.truth, strict=True)
        )
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def rows(self, chosen: np.ndarray) -> Known:
        numbers = np.arange(len(self))[chosen]
        return replace(
            self,
            truth=self.truth[numbers],
            blocks={name: block[numbers] for name, block in self.blocks.items()},
            marks=tuple(self.marks[number] for number in numbers),
            plain=tuple(self.plain[number] for number in numbers) if self.plain else (),
            twins=self.twins[numbers] if len(self.twins) else self.twins,
            groups=tuple(self.groups[number] for number in numbers),
            slices=tuple(self.slices[number] for number in numbers),
        )


Cache = MutableMapping[str, Features]
"""Features by a medium's keyed mark; with the policy's own scores as the block `asked`."""


def known(
    examples: Sequence[Example],
    policy: PolicySpec,
    hook: Hook,
    *,
    left_out: Sequence[LeftOut] = (),
    cache: Cache | None = None,
    model: OmniModel | None = None,
    version: ModelVersion | None = None,
) -> Known:
    """What the model makes of the examples; the same medium twice counts once.

    `hook` hears `features`. Raises `NotEnough` where an example has a label that the policy does not, or
    where there is none.
    """
    labels = tuple(label.key for label in policy.labels)
    strange = sorted({each.label for each in examples} - set(labels))
    if strange:
        raise NotEnough(f"The policy has no label {strange[0]}; its labels are {', '.join(labels)}.")
    kept, refused = _each_once(examples)
    if not kept:
        raise NotEnough("There is no example that can be used.")
    model = model or load(policy.stage)
    version = version or weights.model_version(policy.stage)
    made = _features(kept, policy, model, version, hook, {} if cache is None else cache)
    widths = {name: len(block) for each in made for name, block in each.blocks.items()}
    truth = np.array([labels.index(each.label) for each in kept.values()])
    blocks = stacked([each.blocks for each in made], widths)
    marks = tuple(each.mark for each in made)
    said = [each.group or name for name, each in zip(marks, kept.values(), strict=True)]
    groups, twins = kept_together(said, truth, blocks)
    return Known(
        labels=labels,
        truth=truth,
        blocks=blocks,
        marks=marks,
        groups=groups,
        slices=tuple(each.slices for each in kept.values()),
        left_out=(*left_out, *refused),
        plain=tuple(kept),
        twins=twins,
        words=words_of(model, policy),
    )


def words_of(model: OmniModel, policy: PolicySpec) -> np.ndarray | None:
    """The labels' vectors in the shared space, [labels, width]; None where the model has none."""
    return None if model.space is None else label_vectors(model, policy.labels).cpu().numpy()


def _each_once(examples: Sequence[Example]) -> tuple[dict[str, Example], list[LeftOut]]:
    """Each medium once, by its mark; those that were given two labels are left out."""
    by_mark: dict[str, list[Example]] = defaultdict(list)
    for each in examples:
        by_mark[mark(each.seen)].append(each)
    contradicting = [name for name, some in by_mark.items() if len({each.label for each in some}) > 1]
    twice = sum(len(some) - 1 for name, some in by_mark.items() if name not in contradicting)
    empty = [
        name
        for name, some in by_mark.items()
        if not some[0].seen.pages and not some[0].seen.windows and not some[0].seen.text.strip()
    ]
    reasons = {
        "contradicting": ("The same medium was given two labels.", len(contradicting)),
        "twice": ("The same medium was given more than once; it counts once.", twice),
        "empty": ("Nothing is left of it to look at.", len(empty)),
    }
    kept = {name: some[0] for name, some in by_mark.items() if name not in {*contradicting, *empty}}
    return kept, [
        LeftOut(code=code, sentence=sentence, n=count) for code, (sentence, count) in reasons.items() if count
    ]


def _features(
    kept: dict[str, Example],
    policy: PolicySpec,
    model: OmniModel,
    version: ModelVersion,
    hook: Hook,
    cache: Cache,
) -> list[Features]:
    named = {name: keyed(name, example.key) for name, example in kept.items()}
    missing = [name for name in kept if named[name] not in cache]
    for begin in range(0, len(missing), AT_ONCE):
        names = missing[begin : begin + AT_ONCE]
        media = [kept[name].seen for name in names]
        asked = asked_of(model, version, media, policy)
        for features, scores in zip(features_of(model, media, policy, _silent), asked, strict=True):
            mark = named[features.mark]
            cache[mark] = Features(mark, {**features.blocks, "asked": scores})
        hook("features", None, (begin + len(names)) / len(missing))
    return [cache[named[name]] for name in kept]


def asked_of(
    model: OmniModel, version: ModelVersion, media: Sequence[Seen], policy: PolicySpec
) -> list[np.ndarray]:
    """What the model itself makes of the policy's labels, as logarithms of shares; [labels] each."""
    quiet = policy.model_copy(update={"reasons_max_tokens": 0})
    results = infer_together(model, version, media, quiet, seeds=[0] * len(media), hook=_silent)
    return [asked_from(result.scores, policy) for result in results]


def _silent(step: str, artefact: object = None, progress: float | None = None) -> None:
    """Nobody listens to each of many."""


def label_counts(examples: Sequence[Example]) -> Counter[str]:
    return Counter(each.label for each in examples)
