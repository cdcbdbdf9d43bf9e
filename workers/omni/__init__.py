"""The omni model: towers, connectors and a language model that scores labels and writes its reasons."""

from workers.omni.config import TINY, OmniConfig
from workers.omni.infer import STAGES, StageNotAligned, choose_device, infer, infer_together, load
from workers.omni.model import OmniModel, new_model, with_connector

__all__ = [
    "STAGES",
    "TINY",
    "OmniConfig",
    "OmniModel",
    "StageNotAligned",
    "choose_device",
    "infer",
    "infer_together",
    "load",
    "new_model",
    "with_connector",
]
