"""The third look: dlib's two face detectors, a network (mmod, CC0) and the older one from gradients (HOG).

Neither has anything in common with those that redact. Asked `{"files": [{"path", "turn", "scale", "crop"}]}`:
each picture is turned by so many degrees anticlockwise, cut to the box `crop` of the turned picture and
scaled, so that faces stand upright at a size at which these detectors are at their best. Answers
`{"files": [[[left, top, right, bottom], …], …]}` in pixels of the cut picture before scaling.
"""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path

import dlib
import numpy as np
from PIL import Image

MODEL = "models/mmod_human_face_detector.dat"


def main() -> None:
    asked = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    package = find_spec("face_recognition_models")
    assert package is not None
    assert package.origin is not None
    network = dlib.cnn_face_detection_model_v1(str(Path(package.origin).parent / MODEL))
    gradients = dlib.get_frontal_face_detector()
    files = []
    for file in asked["files"]:
        picture = Image.open(file["path"]).convert("RGB")
        picture = picture.rotate(file["turn"], Image.Resampling.BICUBIC, expand=True, fillcolor=(127,) * 3)
        picture = picture.crop(tuple(file["crop"]))
        size = tuple(max(32, round(side * file["scale"])) for side in picture.size)
        seen = np.asarray(picture.resize(size, Image.Resampling.BICUBIC))
        found = [face.rect for face in network(seen, 0)] + list(gradients(seen, 0))
        files.append(
            [
                [edge / file["scale"] for edge in (face.left(), face.top(), face.right(), face.bottom())]
                for face in found
            ]
        )
    Path(sys.argv[2]).write_text(json.dumps({"files": files}), encoding="utf-8")


main()
