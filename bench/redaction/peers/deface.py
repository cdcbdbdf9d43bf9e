"""deface as it is shipped: CenterFace on onnxruntime, threshold .2, masks 1.3 times the face, ellipses.

Asked `{"files": [path]}`; answers `{"files": [[[left, top, right, bottom], …], …], "seconds": [s, …]}`: what
bounds each ellipse that deface's command would blur. The picture's reading is in the time, as in its command.
Asked `{"videos": [path]}` it answers `{"videos": [[boxes of a frame, …], …]}`.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import imageio.v2 as iio
from deface.centerface import CenterFace
from deface.deface import scale_bb

THRESHOLD, MASK_SCALE = 0.2, 1.3  # defaults of its command line


def _boxes(finder: CenterFace, frame: object) -> list[list[int]]:
    found, _ = finder(frame, threshold=THRESHOLD)
    boxes = [scale_bb(*(int(edge) for edge in face[:4]), MASK_SCALE) for face in found]
    return [[int(edge) for edge in box] for box in boxes]


def main() -> None:
    asked = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    finder = CenterFace(in_shape=None, backend="auto")
    files, seconds = [], []
    if "videos" in asked:
        videos = [[_boxes(finder, frame) for frame in iio.get_reader(path)] for path in asked["videos"]]
        Path(sys.argv[2]).write_text(json.dumps({"videos": videos}), encoding="utf-8")
        return
    for path in asked["files"]:
        began = time.perf_counter()
        found, _ = finder(iio.imread(path), threshold=THRESHOLD)
        seconds.append(time.perf_counter() - began)
        boxes = [scale_bb(*(int(edge) for edge in face[:4]), MASK_SCALE) for face in found]
        files.append([[int(edge) for edge in box] for box in boxes])
    Path(sys.argv[2]).write_text(json.dumps({"files": files, "seconds": seconds}), encoding="utf-8")


main()
