"""What `words` asks: held-out pictures, with words and label sets written down before any training."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from omnigov.contracts import Label, PolicySpec
from workers.alignment.captioned import Captioned
from workers.alignment.command import POLICY_FILE
from workers.alignment.development import reworded
from workers.alignment.sides import HELD_OUT, TWIN

HERE = Path(__file__).parent
KINDS = "kind"  # the stamps' own taxonomy
MOST = 150  # pictures of a taxonomy that are asked about; of more, those whose names' digests come first


@dataclass(frozen=True)
class Question:
    """A policy and the pictures that it is asked about, each with the number of its label."""

    name: str
    policy: PolicySpec
    rows: tuple[int, ...]  # of all pictures
    truth: Tensor
    spent: bool = False  # asked before: what it says is for development

    @property
    def counts(self) -> dict[str, int]:
        return {
            label.phrase: int((self.truth == index).sum()) for index, label in enumerate(self.policy.labels)
        }


def stamps_asked(pictures: Sequence[Captioned], sides: Mapping[str, str]) -> list[Question]:
    """The held-out stamps with the shipped words, with others, and in Japanese with and without English."""
    written = json.loads((HERE / "held_out_words.json").read_text(encoding="utf-8"))
    kinds = written["kinds"]
    shipped = PolicySpec.model_validate_json(POLICY_FILE.read_text(encoding="utf-8"))
    rows = tuple(
        i for i, one in enumerate(pictures) if one.source == "stamps" and sides.get(one.name) == HELD_OUT
    )
    truth = torch.tensor([kinds.index(pictures[i].classes[KINDS]) for i in rows])
    if [label.key for label in shipped.labels] != kinds:
        raise SystemExit("The shipped policy's kinds are not those that were written down.")
    asked = {"shipped words": shipped}
    words_of = {**written["held_out"], **written["spent"]}
    asked |= {name: reworded(shipped, kinds, words) for name, words in words_of.items()}
    asked["Japanese, with English names"] = shipped.model_copy(
        update={
            "labels": tuple(
                label.model_copy(update={"phrase": word, "name_ja": word})
                for label, word in zip(shipped.labels, written["held_out"]["Japanese"], strict=True)
            )
        }
    )
    spent = {"shipped words", *written["spent"]}
    return [Question(name, policy, rows, truth, name in spent) for name, policy in asked.items()]


def taxonomies_asked(pictures: Sequence[Captioned], sides: Mapping[str, str]) -> list[Question]:
    """The twelve label sets, each about the held-out pictures that one of its labels is true of."""
    written = json.loads((HERE / "held_out_taxonomies.json").read_text(encoding="utf-8"))
    shipped = PolicySpec.model_validate_json(POLICY_FILE.read_text(encoding="utf-8"))
    found = []
    for name, chosen in written["sets"].items():
        classes = list(chosen["labels"])
        labels = tuple(
            Label(key=f"label_{i}", phrase=words, name_en=words, name_ja=words)
            for i, words in enumerate(chosen["labels"].values())
        )
        rows = tuple(
            i
            for i, one in enumerate(pictures)
            if one.source == chosen["source"]
            and sides.get(one.name) == HELD_OUT
            and one.classes.get(chosen["class"]) in classes
        )
        if len(rows) > MOST:
            turn = {i: hashlib.sha256(f"words:{pictures[i].name}".encode()).digest() for i in rows}
            rows = tuple(sorted(sorted(rows, key=lambda i: turn[i])[:MOST]))
        truth = torch.tensor([classes.index(pictures[i].classes[chosen["class"]]) for i in rows])
        policy = shipped.model_copy(update={"question": written["question"], "labels": labels})
        found.append(Question(name, policy, rows, truth))
    return found


def without_twins(pictures: Sequence[Captioned], features: Tensor, rows: Sequence[int]) -> Tensor:
    """Which of these stamps no stamp that the connector was trained on looks like: [rows]."""
    centred = functional.normalize(features.float() - features.float().mean(0), dim=-1)
    out = set(rows)
    learned = torch.tensor([one.source == "stamps" and i not in out for i, one in enumerate(pictures)])
    return (centred[list(rows)] @ centred[learned].T).amax(1) <= TWIN
