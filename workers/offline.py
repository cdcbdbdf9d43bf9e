"""A worker makes no network call of its own: the libraries that would are told so here, and only here."""

from __future__ import annotations

import os
import sys

# Who used what for how long is told to nobody. onnxruntime, whose own way is to send that to its makers,
# reads its variable once, when it is loaded.
SILENT = {
    "ORT_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "PYANNOTE_METRICS_ENABLED": "0",
    "DO_NOT_TRACK": "1",
}
OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
}
VARIABLES = SILENT | OFFLINE


def silence() -> None:
    """Turn the libraries' telemetry off in this process; the package does so before any of them is loaded."""
    os.environ.update(SILENT)


def enforce() -> None:
    """Set the offline and telemetry variables of this process; call it as often as you like.

    `workers.weights` calls it before it hands out a file, so whoever loads a model is offline by then.
    """
    os.environ.update(VARIABLES)
    # The hub's client reads its variable once, when it is imported; it may have been by now.
    constants = sys.modules.get("huggingface_hub.constants")
    if constants is not None:
        constants.HF_HUB_OFFLINE = True  # type: ignore[attr-defined]
