"""Held-out pictures asked with words that nothing was trained with; the shared space beside simpler ways.

Asked are the held-out stamps with the shipped words, three sets of other words and Japanese ones, and twelve
label sets from taxonomies. Beside the joined score stand the likelihood of the label with its end, that less
its prior, and the cosine alone; of the shipped words a linear probe on the tower's features, too. The space
is the manifest's, or the one that `omnigov align --stage image_text` wrote.

A question that was asked stands in --out and is not asked again: a run that was stopped, or that asked some
questions alone (--ask), goes on from there. Questions whose words were asked before are for development.

    python bench/model/words.py --out F.json [--space image_text.space.safetensors] [--kept var/align]
        [--ask "new words" "emoji: food" …]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import numpy as np
import torch
from few_shot import tower_regression
from torch import Tensor
from words_sets import KINDS, Question, stamps_asked, taxonomies_asked, without_twins

from workers import weights
from workers.alignment.captioned import Captioned
from workers.alignment.development import Asked, ask, seen_patches
from workers.alignment.examples import Known
from workers.alignment.features import pooled_features
from workers.alignment.gathered import gather
from workers.alignment.report import wilson_interval
from workers.alignment.sides import HELD_OUT, read_sides
from workers.alignment.spacing import VIEWS, VIEWS_SEED
from workers.omni.joined import prior_of, space_of, with_ends
from workers.omni.model import OmniModel, with_connector
from workers.omni.prompt import build_prompt
from workers.omni.score import label_scores, read_media, read_question
from workers.omni.space import phrase_vectors
from workers.weights.manifest import manifest

DRAWS = 2000
ORDERS = 10
SMALL = 50  # pictures: of fewer a share says little
AT_ONCE = 16
JOINED = "joined"
WAYS = ("likelihood", "likelihood − prior", "dual", JOINED)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--space", type=Path, help="the space's file; else the shipped one")
    parser.add_argument("--kept", type=Path, default=Path("var/align"), help="where features are kept")
    parser.add_argument("--ask", nargs="+", metavar="NAME", help="these questions alone; else all")
    options = parser.parse_args()
    torch.set_num_threads(1)
    space = options.space or _shipped_space()
    began = time.process_time()
    shipped = manifest().models[0]
    stage = shipped.stage
    model = with_connector(weights.path(shipped.config.connector), space)
    pictures, sides = gather(), read_sides()
    features, _ = pooled_features(model, pictures, VIEWS, VIEWS_SEED, options.kept / "features", _say)
    found = _begun(options.out, {"stage": str(stage), "space": sha256(space), **weights_of(model)})
    stamps, taxonomies = stamps_asked(pictures, sides), taxonomies_asked(pictures, sides)
    wanted = set(options.ask or (question.name for question in (*stamps, *taxonomies)))
    if unknown := wanted - {question.name for question in (*stamps, *taxonomies)}:
        print(f"There is no question {sorted(unknown)[0]}.", file=sys.stderr)
        return 1
    clean = without_twins(pictures, features[0], stamps[0].rows)
    if "retrieval" not in found:
        found["retrieval"] = retrieval(model, pictures, sides, features[0])
    patches: Tensor | None = None
    for question in stamps:
        if question.name not in wanted - found["stamps"].keys():
            continue
        if patches is None:
            patches = seen_patches(model, [pictures[i] for i in question.rows])
        asked = ask(model, question.policy, question.name, patches, question.truth)
        if question is stamps[0]:
            found["orders"] = orders(model, question, patches, asked)
            found["linear probe"] = probe(pictures, features, question, clean, chosen(model, asked))
        found["stamps"][question.name] = {
            "for": "development" if question.spent else "held out",
            **of_stamps(model, asked, clean),
        }
        _keep(options.out, found, began)
    for question in taxonomies:
        if question.name in wanted - found["taxonomies"].keys():
            found["taxonomies"][question.name] = of_taxonomy(model, pictures, question)
            _keep(options.out, found, began)
    found["mean of taxonomies"] = means_of(taxonomies, found["taxonomies"])
    _keep(options.out, found, began)
    return 0


def _begun(out: Path, about: dict[str, Any]) -> dict[str, Any]:
    """What was found before with the same space, or a beginning."""
    if out.is_file():
        found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
        if {key: found.get(key) for key in about} == about:
            return found
        raise SystemExit(f"{out} is of another space; name another file.")
    return {**about, "stamps": {}, "taxonomies": {}}


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _shipped_space() -> Path:
    named = manifest().models[0].config.space
    if named is None:
        raise SystemExit("No space is shipped: name one with --space.")
    return weights.path(named)


def weights_of(model: OmniModel) -> dict[str, float]:
    config = space_of(model).config
    return {"likelihood": config.likelihood, "similarity": config.similarity}


def ways(model: OmniModel, asked: Asked) -> dict[str, Tensor]:
    return asked.ways(**weights_of(model))


def chosen(model: OmniModel, asked: Asked) -> Tensor:
    return ways(model, asked)[JOINED].argmax(1) == asked.truth


def share(right: Tensor) -> dict[str, Any]:
    count, of = int(right.sum()), len(right)
    return {"right": count, "of": of, "share": count / max(1, of), "interval": wilson_interval(count, of)}


def better_by(ours: Tensor, theirs: Tensor) -> dict[str, Any]:
    """Paired: the difference of two shares over the same pictures, by bootstrap."""
    change = ours.double().numpy() - theirs.double().numpy()
    drawn = np.random.default_rng(0).choice(change, (DRAWS, len(change))).mean(1)
    return {"mean": float(change.mean()), "interval": np.quantile(drawn, (0.025, 0.975)).tolist()}


def of_stamps(model: OmniModel, asked: Asked, clean: Tensor) -> dict[str, Any]:
    """Each way on all stamps and on those without a twin in training, and how much better joining is."""
    right = {way: scores.argmax(1) == asked.truth for way, scores in ways(model, asked).items()}
    found: dict[str, Any] = {
        way: {"all": share(one), "without twins": share(one[clean])} for way, one in right.items()
    }
    found["joined better by"] = {
        way: better_by(right[JOINED], one) for way, one in right.items() if way != JOINED
    }
    _say(f"{asked.name}: { ({way: int(one.sum()) for way, one in right.items()}) } of {len(asked.truth)}")
    return found


@torch.no_grad()
def orders(model: OmniModel, question: Question, patches: Tensor, asked: Asked) -> dict[str, Any]:
    """How many decisions change with the order in which a policy names its labels, and asked backwards.

    The question names them in the alphabet's order: that ten orders give one question is checked, not
    believed. Asked backwards is what the product does of each decision.
    """
    mixed = random.Random(17)
    first = build_prompt(question.policy, model.words)
    same = 0
    for _ in range(ORDERS):
        labels = mixed.sample(question.policy.labels, len(question.policy.labels))
        other = build_prompt(question.policy.model_copy(update={"labels": tuple(labels)}), model.words)
        same += (other.before, other.after) == (first.before, first.after)
    turned = build_prompt(question.policy, model.words, backwards=True)
    ended = with_ends(turned)
    asked_so = read_question(model, ended)
    scores = []
    for begin in range(0, len(patches), AT_ONCE):
        read = read_media(model, model.connector(patches[begin : begin + AT_ONCE]), ended, asked_so)
        scores.append(label_scores(model, read, ended))
    backwards = Asked("backwards", torch.cat(scores), prior_of(model, turned), asked.similarity, asked.truth)
    there, back = ways(model, asked), ways(model, backwards)
    changed = {way: share(there[way].argmax(1) != back[way].argmax(1)) for way in there}
    return {
        "orders": ORDERS,
        "orders that ask the same question": same,
        "changed when asked backwards": changed,
    }


def probe(
    pictures: Sequence[Captioned], features: Tensor, question: Question, clean: Tensor, ours: Tensor
) -> dict[str, Any]:
    """Regression on the tower's features of the stamps that the connector was trained on."""
    keys = [label.key for label in question.policy.labels]
    out = set(question.rows)
    rows = [i for i, one in enumerate(pictures) if one.source == "stamps" and i not in out]
    names = tuple(pictures[i].name for i in rows)
    examples = Known(
        labels=tuple(keys),
        truth=np.array([keys.index(pictures[i].classes[KINDS]) for i in rows]),
        blocks={"plain": features[0][rows].float().numpy()},
        marks=names,
        groups=tuple(pictures[i].group for i in rows),
        slices=tuple(() for _ in rows),
    )
    shown = {"plain": features[0][list(question.rows)].float().numpy()}
    right = torch.from_numpy(tower_regression(examples, 0).logits(shown).argmax(1)) == question.truth
    _say(f"linear probe: {int(right.sum())} of {len(right)}")
    return {
        "all": share(right),
        "without twins": share(right[clean]),
        "joined better by": better_by(ours, right),
        "joined better by, without twins": better_by(ours[clean], right[clean]),
    }


def retrieval(
    model: OmniModel, pictures: Sequence[Captioned], sides: dict[str, str], features: Tensor
) -> dict[str, Any]:
    """Held-out pictures find their caption among all held-out captions, and captions their pictures."""
    rows = [i for i, one in enumerate(pictures) if sides.get(one.name) == HELD_OUT]
    captions = list(dict.fromkeys(pictures[i].texts[0] for i in rows))
    own = torch.tensor([captions.index(pictures[i].texts[0]) for i in rows])
    with torch.inference_mode():
        seen = space_of(model).pictures(features[rows].float())
        near = seen @ phrase_vectors(model, captions).T  # [pictures, captions]
    right = torch.nn.functional.one_hot(own, len(captions)).bool()
    found: dict[str, Any] = {"pictures": len(rows), "captions": len(captions)}
    for name, scores, wanted in (
        ("caption of a picture", near, right),
        ("picture of a caption", near.T, right.T),
    ):
        for most in (1, 10):
            hit = wanted.gather(1, scores.topk(most, dim=1).indices).any(1)
            found[f"{name}, among the first {most}"] = share(hit)
    return found


def of_taxonomy(model: OmniModel, pictures: Sequence[Captioned], question: Question) -> dict[str, Any]:
    """Each way's share of one label set, chance-corrected too: (share − 1/labels) / (1 − 1/labels)."""
    patches = seen_patches(model, [pictures[i] for i in question.rows])
    asked = ask(model, question.policy, question.name, patches, question.truth)
    right = {way: scores.argmax(1) == question.truth for way, scores in ways(model, asked).items()}
    chance = 1 / len(question.policy.labels)
    shares = {way: round(float(one.double().mean()), 3) for way, one in right.items()}
    _say(f"{question.name}: {shares}")
    return {
        "labels": len(question.policy.labels),
        "counts": question.counts,
        "small": len(question.rows) < SMALL,
        **{
            way: {**share(one), "corrected": _corrected(one, chance), "each": one.int().tolist()}
            for way, one in right.items()
        },
    }


def means_of(questions: Sequence[Question], sets: Mapping[str, Any]) -> dict[str, Any]:
    """Over the sets that were asked, and over those of them with enough pictures."""
    asked = [question for question in questions if question.name in sets]
    found = {}
    for name, some in (
        ("all", asked),
        (f"{SMALL} pictures or more", [question for question in asked if len(question.rows) >= SMALL]),
    ):
        rights = [
            {way: torch.tensor(one["each"]).bool() for way, one in sets[question.name].items() if way in WAYS}
            for question in some
        ]
        if rights:
            found[name] = _means(rights, [1 / len(question.policy.labels) for question in some])
    return found


def _corrected(right: Tensor, chance: float) -> float:
    return (float(right.double().mean()) - chance) / (1 - chance)


def _means(rights: Sequence[dict[str, Tensor]], chances: Sequence[float]) -> dict[str, Any]:
    """Over the sets, each way and how much better joining is; by bootstrap over each set's pictures."""
    drawn: dict[str, list[np.ndarray]] = {way: [] for way in rights[0]}
    generator = np.random.default_rng(0)
    for right, chance in zip(rights, chances, strict=True):
        count = len(right[JOINED])
        picked = generator.integers(count, size=(DRAWS, count))
        for way, one in right.items():
            drawn[way].append((one.double().numpy()[picked].mean(1) - chance) / (1 - chance))
    means = {way: np.mean(some, axis=0) for way, some in drawn.items()}
    found: dict[str, Any] = {"sets": len(rights)}
    for way, spread in means.items():
        value = float(np.mean([_corrected(r[way], c) for r, c in zip(rights, chances, strict=True)]))
        found[way] = {"mean": value, "interval": np.quantile(spread, (0.025, 0.975)).tolist()}
        if way != JOINED:
            apart = np.quantile(means[JOINED] - spread, (0.025, 0.975)).tolist()
            found[way]["joined better by"] = apart
    return found


def _keep(out: Path, found: dict[str, Any], began: float) -> None:
    found["cpu_seconds"] = round(time.process_time() - began, 1)
    out.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
