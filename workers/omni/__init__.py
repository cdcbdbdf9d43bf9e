"""The omni model: towers, connectors and a language model that scores labels and writes its reasons."""

from workers.omni.config import TINY, OmniConfig
from workers.omni.headed import by_head
from workers.omni.infer import STAGES, StageNotAligned, choose_device, infer, infer_together, load
from workers.omni.model import OmniModel, new_model, with_connector
from workers.omni.seen import LONGEST, Page, Seen, Window, listen, listen_to_clip, pages_seen, watch

__all__ = [
    "LONGEST",
    "STAGES",
    "TINY",
    "OmniConfig",
    "OmniModel",
    "Page",
    "Seen",
    "StageNotAligned",
    "Window",
    "by_head",
    "choose_device",
    "infer",
    "infer_together",
    "listen",
    "listen_to_clip",
    "load",
    "new_model",
    "pages_seen",
    "watch",
    "with_connector",
]
