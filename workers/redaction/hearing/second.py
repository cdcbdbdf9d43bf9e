"""The second look's recogniser: whisper-small on onnxruntime. Another net, another library, no times."""

from __future__ import annotations

from importlib.metadata import version

from workers import weights
from workers.media.sound import RATE, Samples
from workers.redaction.core import runtime

NAME = "whisper-small"
VERSION = f"{NAME}, onnx-asr {version('onnx-asr')}"


class SecondRecogniser:
    """Used from one thread."""

    def __init__(self) -> None:
        import onnx_asr
        import onnxruntime

        # Not `runtime.session`: without an arena of its own this decoder takes twice the time and nearly
        # twice the memory, and all of it goes back when the session does.
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = runtime.threads()
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 4
        self._model = onnx_asr.load_model(
            "whisper",
            weights.directory("whisper-small"),
            quantization="quantized",
            sess_options=options,
            providers=["CPUExecutionProvider"],
        )

    def hear(self, samples: Samples, language: str | None = None) -> str:
        """The text of at most 30 s of sound, in this language, or else in the one that it takes it for."""
        heard = self._model.recognize(samples, sample_rate=RATE, language=language)
        return str(heard).strip()
