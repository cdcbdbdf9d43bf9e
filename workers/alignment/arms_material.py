"""What the arms learn from: of each stamp picture, caption, recordings and one clip, as features."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor

from workers import weights
from workers.alignment.arms import Data
from workers.alignment.features import draw, pooled_features
from workers.alignment.gathered import captioned
from workers.alignment.hearing_material import SOUND, read_rows
from workers.alignment.moving import Scene, frames_of, trimmed
from workers.alignment.recordings import Apart
from workers.alignment.spacing import VIEWS_SEED
from workers.alignment.stamps import Stamp
from workers.alignment.states import kept_states
from workers.omni.hearing import SoundConfig, new_hearing
from workers.omni.joined import space_of
from workers.omni.model import OmniModel
from workers.weights import datasets

LANGUAGES = (SOUND, "fr", "es", "ru")
SECONDS = 0.04  # one frame
SIZE = (0.4, 0.9)  # of a frame's height
SEED = 41
BLOCK = 64
AT_ONCE = 16
Said = Callable[[str], None]


@dataclass(frozen=True)
class Material:
    """The three sides, subjects and backgrounds apart."""

    training: Data
    development: Data
    held_out: Data


def backgrounds(side: str, file: Path) -> list[np.ndarray]:
    """Photographs of a side of `gate_clips.json`."""
    told = json.loads(file.read_text(encoding="utf-8"))[side]["backgrounds"]
    return [
        np.asarray(Image.open(datasets.path(entry["data"]) / entry["file"]).convert("RGB")) for entry in told
    ]


def gather(
    model: OmniModel, stamps: Sequence[Stamp], apart: Apart, told: Path, kept: Path, said: Said
) -> Material:
    """`told` names the backgrounds; features are kept in `kept`. The model has a space: its layer is read."""
    hearing = new_hearing(SoundConfig())
    rows = read_rows(
        hearing, weights.sha256("whisper-base-encoder"), stamps, LANGUAGES, kept / "recordings", said
    )
    captions = [stamp.caption.rstrip(".").lower() for stamp in stamps]
    distinct = list(dict.fromkeys(captions))
    states = kept_states(model, distinct, space_of(model).config.layer, kept / "states", said).float()
    features, drawn = pooled_features(model, captioned(stamps), 1, VIEWS_SEED, kept / "features", said)
    numbers = torch.tensor([distinct.index(caption) for caption in captions])
    held_out = torch.tensor([stamp.name in apart.held_out for stamp in stamps])
    clips = _clips(model, stamps, held_out.tolist(), told, kept / "clips", said)
    every = Data(
        pictures=features[0].float(),
        texts=states[numbers],
        captions=numbers,
        recordings=rows.heard.means(),
        subject=rows.stamp,
        clips=clips.float(),
    )
    heard = set(rows.stamp.tolist())
    out = apart.held_out | apart.left_out | apart.development

    def of(wanted: Callable[[Stamp], bool]) -> Data:
        chosen = [n for n, stamp in enumerate(stamps) if n in heard and drawn[n] and wanted(stamp)]
        return every.of(chosen)

    return Material(
        training=of(lambda stamp: stamp.name not in out),
        development=of(lambda stamp: stamp.name in apart.development),
        held_out=of(lambda stamp: stamp.name in apart.held_out),
    )


def _clips(
    model: OmniModel, stamps: Sequence[Stamp], held_out: Sequence[bool], told: Path, folder: Path, said: Said
) -> Tensor:
    """float16 features of clips' frames: [stamps, tower width]. Held-out subjects have held-out grounds."""
    folder.mkdir(parents=True, exist_ok=True)
    key = hashlib.sha256(told.read_bytes()).hexdigest()[:12]
    grounds: dict[bool, list[np.ndarray]] = {}
    blocks = []
    for begin in range(0, len(stamps), BLOCK):
        some = stamps[begin : begin + BLOCK]
        names = "\n".join([key, str(SEED), *(stamp.name for stamp in some)])
        kept = folder / f"{hashlib.sha256(names.encode()).hexdigest()[:24]}.safetensors"
        if not kept.is_file():
            grounds = grounds or {
                out: backgrounds("held_out" if out else "development", told) for out in (False, True)
            }
            random = np.random.default_rng(SEED + begin)
            pictures = []
            for one, out in zip(captioned(some), held_out[begin : begin + BLOCK], strict=True):
                among = grounds[out]
                scene = Scene(
                    among[int(random.integers(len(among)))],
                    trimmed(np.asarray(draw(one))),
                    SIZE,
                    whole_time=True,
                )
                pages, _ = frames_of(scene, SECONDS, random)
                pictures.append(pages[0].pixels)
            means = [
                model.patches(pictures[i : i + AT_ONCE]).mean(1) for i in range(0, len(pictures), AT_ONCE)
            ]
            partial = kept.with_suffix(".partial")
            save_file({"features": torch.cat(means).half().clone()}, partial)
            partial.replace(kept)
            said(f"clips: {begin + len(some)} of {len(stamps)}")
        blocks.append(load_file(kept)["features"])
    return torch.cat(blocks)
