"""Videos: how much of known faces is covered in which frames, beside deface on the same clips; and speed.

A face-frame is covered where 95 % of the face's pixels are hidden. Inside a track means: between the
first and the last frame of one shot in which this face was covered. In vain is what is hidden beside the
heads, as a share of all pixels: beside the boxes about them, which are 1.24 times the faces'. Tune on
`--video-split development`, or on `looked-at`: that was held out until 30 November 2026.

Speed is of the copy on disk, from the file's bytes to the copy's; deface's by its own command, with solid
boxes.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import peers
from measure import share
from tqdm import tqdm
from video_clips import HEIGHT, WIDTH, Made, Mask, made, scenes

from omnigov.contracts import Limits, RedactionProfile, Tracks
from workers.redaction.detectors.ensemble import ready
from workers.redaction.kinds import video
from workers.redaction.kinds.redactors import Beside
from workers.weights import datasets

COVERED = 0.95
HEAD = 0.12  # of a face's box: how far the head goes beyond it, on each side
FACES = {"text": False, "codes": False, "seals": False, "screens": False}
FIRST = {**FACES, "second_look": False}
LARGE = Limits(max_bytes=1_000_000_000)


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--video-split",
        choices=("held-out", "looked-at", "development"),
        default="held-out",
        help="video: scenes",
    )
    parser.add_argument("--video-scenes", nargs="+", default=None, help="video: scenes by name")
    parser.add_argument("--video-no-peer", action="store_true", help="video: leave the peer out")
    parser.add_argument("--video-parts", nargs="+", choices=("cover", "speed"), default=("cover", "speed"))
    parser.add_argument("--video-first", action="store_true", help="video: cover by the first look alone")
    parser.add_argument(
        "--video-frames", type=int, default=0, help="video: frames of vtest for speed, 0 = all"
    )


def run(options: argparse.Namespace) -> dict[str, Any]:
    said: dict[str, Any] = {"load_average_before": round(os.getloadavg()[0], 1), "cores": os.cpu_count()}
    if "cover" in options.video_parts:
        said["cover"] = cover(options)
    if "speed" in options.video_parts:
        said["speed"] = speed(options)
    return said | {"load_average_after": round(os.getloadavg()[0], 1)}


def cover(options: argparse.Namespace) -> dict[str, Any]:
    chosen = [
        one
        for one in scenes(options.video_split)
        if not options.video_scenes or one.name in options.video_scenes
    ]
    systems = {"omnigov, first look alone": FIRST, "omnigov, both looks": FACES}
    counted: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in (*systems, "deface")}
    with tempfile.TemporaryDirectory() as scratch:
        for scene in tqdm(chosen, unit="scene"):
            clip = made(scene)
            for name, profile in systems.items():
                if options.video_first and profile is not FIRST:
                    continue
                counted[name][scene.name] = counts(clip, ours(clip, RedactionProfile(**profile)))
            if not options.video_no_peer:
                file = Path(scratch) / "clip.mp4"
                file.write_bytes(clip.content)
                boxes = peers.ask("deface", {"videos": [str(file)]})["videos"][0]
                counted["deface"][scene.name] = counts(clip, [_ellipses(each, clip) for each in boxes])
    return {"split": options.video_split} | {
        name: summed(each) | {"scenes": each} for name, each in counted.items() if each
    }


def ours(clip: Made, profile: RedactionProfile) -> list[Mask]:
    """What is hidden in each frame, by the tracks that lie beside the copy: it was seen to be black there."""
    beside = Beside()
    video.redact_to(clip.content, io.BytesIO(), profile, LARGE, beside=beside)
    tracks = Tracks.model_validate_json(beside.tracks)
    hidden = [np.zeros((tracks.height, tracks.width), np.bool_) for _ in tracks.times]
    for track in tracks.tracks:
        for box in track.boxes:
            hidden[box.frame][box.top : box.bottom, box.left : box.right] = True
    return hidden


def _ellipses(boxes: Sequence[Sequence[int]], clip: Made) -> Mask:
    canvas = np.zeros(clip_size(), np.uint8)
    for left, top, right, bottom in boxes:
        middle = (left + right) // 2, (top + bottom) // 2
        cv2.ellipse(canvas, middle, ((right - left) // 2, (bottom - top) // 2), 0, 0, 360, 1, -1)
    return canvas > 0


def clip_size() -> tuple[int, int]:
    return HEIGHT, WIDTH


def counts(clip: Made, hidden: Sequence[Mask]) -> dict[str, Any]:
    """Face-frames of one clip: all, uncovered, uncovered inside a track; the worst share; what is in vain."""
    length = clip.scene.cuts or clip.scene.frames
    shares: dict[tuple[int, int], list[tuple[int, float]]] = {}
    vain = {HEAD: 0.0, 0.0: 0.0}
    for number, (faces, boxes, mask) in enumerate(zip(clip.faces, clip.boxes, hidden, strict=True)):
        for grown in (HEAD, 0.0):
            beside = mask.copy()
            for left, top, right, bottom in boxes:
                x, y = round(grown * (right - left)), round(grown * (bottom - top))
                beside[max(0, top - y) : max(0, bottom + y), max(0, left - x) : max(0, right + x)] = False
            vain[grown] += float(beside.mean())
        for head, face in faces.items():
            shares.setdefault((number // length, head), []).append((number, float(mask[face].mean())))
    every = [value for each in shares.values() for _, value in each]
    inside, bare = 0, list[int]()
    for each in shares.values():
        covered = [at for at, (_, value) in enumerate(each) if value >= COVERED]
        bare += [number for number, value in each if value < COVERED]
        if covered:
            inside += sum(value < COVERED for _, value in each[covered[0] : covered[-1] + 1])
    return {
        "face_frames": len(every),
        "uncovered": sum(value < COVERED for value in every),
        "uncovered_inside": inside,
        "unseen": sum(value < 0.5 for value in every),
        "mean_area": round(float(np.mean(every)), 4) if every else 1.0,
        "in_vain": round(vain[HEAD] / len(hidden), 4),
        "beside_the_faces": round(vain[0.0] / len(hidden), 4),
        "bare_frames": bare[:20],
    }


def summed(scenes: dict[str, dict[str, Any]]) -> dict[str, Any]:
    every = sum(each["face_frames"] for each in scenes.values())
    return {
        "uncovered": share(sum(each["uncovered"] for each in scenes.values()), every),
        "uncovered_inside_a_track": sum(each["uncovered_inside"] for each in scenes.values()),
        "least_mean_area_of_a_scene": min(each["mean_area"] for each in scenes.values()),
        "mean_area": round(
            sum(each["mean_area"] * each["face_frames"] for each in scenes.values()) / max(1, every), 4
        ),
        "in_vain": round(float(np.mean([each["in_vain"] for each in scenes.values()])), 4),
        "beside_the_faces": round(float(np.mean([each["beside_the_faces"] for each in scenes.values()])), 4),
    }


def speed(options: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "vtest.mp4"
        source = datasets.path("opencv-doc") / "data" / "vtest.avi"
        subprocess.run(
            [
                "ffmpeg",
                "-v",
                "error",
                "-i",
                source,
                "-vf",
                "scale=640:360",
                "-c:v",
                "libx264",
                "-crf",
                "18",
                *(["-frames:v", str(options.video_frames)] if options.video_frames else []),
                file,
            ],
            check=True,
        )
        said: dict[str, Any] = {}
        if not options.video_no_peer:
            command = [
                str(peers.python("deface").with_name("deface")),
                str(file),
                "--replacewith",
                "solid",
                "--output",
                str(Path(scratch) / "theirs.mp4"),
            ]
            began, spent = time.perf_counter(), _of_children()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            said["deface"] = {
                "seconds": round(time.perf_counter() - began, 1),
                "processor_seconds": round(_of_children() - spent, 1),
            }
            print("deface", said["deface"], file=sys.stderr, flush=True)
        for name, profile in (
            ("faces, first look", FIRST),
            ("faces, both looks", FACES),
            ("all kinds, both looks", {}),
        ):
            said[name] = _timed(file, profile)
            print(name, said[name], file=sys.stderr, flush=True)
    for each in said.values():
        each["frames_a_second"] = round(said["all kinds, both looks"]["frames"] / each["seconds"], 1)
    if "deface" in said:
        for each in said.values():
            each["times_as_fast_as_deface"] = round(said["deface"]["seconds"] / each["seconds"], 2)
            ratio = said["deface"]["processor_seconds"] / each["processor_seconds"]
            each["times_by_processor_seconds"] = round(ratio, 2)
    return said


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _timed(file: Path, profile: dict[str, Any]) -> dict[str, Any]:
    """A process of its own: seconds from the file's bytes to the copy's, models loaded before; and memory."""
    asked = (
        "import sys, json; sys.path.insert(0, sys.argv[1]); import video; "
        "print(json.dumps(video.once(sys.argv[2], json.loads(sys.argv[3]))))"
    )
    process = subprocess.run(
        [sys.executable, "-c", asked, str(Path(__file__).parent), str(file), json.dumps(profile)],
        check=True,
        capture_output=True,
        text=True,
    )
    result: dict[str, Any] = json.loads(process.stdout.splitlines()[-1])
    return result


def once(file: str, profile: dict[str, Any]) -> dict[str, Any]:
    """Redacts one file; called in a process of its own."""
    asked = RedactionProfile(**profile)
    ready(asked)
    content = Path(file).read_bytes()
    with tempfile.TemporaryFile() as out:
        began, spent = time.perf_counter(), time.process_time()
        result = video.redact_to(content, out, asked, LARGE)  # type: ignore[arg-type]
        seconds, processor = time.perf_counter() - began, time.process_time() - spent
    if result.video is None:
        raise ValueError("A video was redacted as something else.")
    return {
        "seconds": round(seconds, 1),
        "processor_seconds": round(processor, 1),
        "frames": result.video.frames,
        "tracks": result.video.tracks,
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
