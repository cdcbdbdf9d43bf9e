"""The sound tower beside transformers' own, and its weights as they are taken out of CTranslate2's file."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import WhisperConfig, WhisperFeatureExtractor
from transformers.models.whisper.modeling_whisper import WhisperEncoder as Theirs

from workers.omni.log_mel import log_mel
from workers.omni.whisper import WhisperEncoder, load_whisper
from workers.weights import convert, ctranslate2

WIDTH, HEADS, BLOCKS, LONGEST = 32, 4, 2, 1500


def noise(seconds: float) -> np.ndarray:
    return (np.random.default_rng(2).standard_normal(int(16_000 * seconds)) * 0.1).astype(np.float32)


def theirs() -> Theirs:
    torch.manual_seed(3)
    config = WhisperConfig(
        d_model=WIDTH,
        encoder_layers=BLOCKS,
        encoder_attention_heads=HEADS,
        encoder_ffn_dim=4 * WIDTH,
        num_mel_bins=80,
        pad_token_id=0,
        bos_token_id=0,
        eos_token_id=0,
        decoder_start_token_id=0,
        vocab_size=8,
    )
    return Theirs(config).eval()


def named(encoder: Theirs) -> dict[str, np.ndarray]:
    """Its tensors as CTranslate2 names and joins them, in float16."""
    state = {name: tensor.numpy() for name, tensor in encoder.state_dict().items()}
    found = {f"conv{n}/{part}": state[f"conv{n}.{part}"] for n in (1, 2) for part in ("weight", "bias")}
    found["position_encodings/encodings"] = state["embed_positions.weight"]
    norm = (("gamma", "weight"), ("beta", "bias"))
    found |= {f"layer_norm/{a}": state[f"layer_norm.{b}"] for a, b in norm}
    for i in range(BLOCKS):
        here = f"layers.{i}."
        query, key, value = (f"{here}self_attn.{part}_proj" for part in "qkv")
        found[f"layer_{i}/self_attention/linear_0/weight"] = np.concatenate(
            [state[f"{one}.weight"] for one in (query, key, value)]
        )
        found[f"layer_{i}/self_attention/linear_0/bias"] = np.concatenate(
            [state[f"{query}.bias"], np.zeros(WIDTH, np.float32), state[f"{value}.bias"]]
        )
        for a, b in (
            ("self_attention/linear_1", "self_attn.out_proj"),
            ("ffn/linear_0", "fc1"),
            ("ffn/linear_1", "fc2"),
        ):
            found |= {f"layer_{i}/{a}/{part}": state[f"{here}{b}.{part}"] for part in ("weight", "bias")}
        for a, b in (("self_attention", "self_attn_layer_norm"), ("ffn", "final_layer_norm")):
            found |= {f"layer_{i}/{a}/layer_norm/{p}": state[f"{here}{b}.{q}"] for p, q in norm}
    return {name: tensor.astype(np.float16) for name, tensor in found.items()}


def written(tensors: dict[str, np.ndarray], file: Path, model: str = "WhisperSpec") -> Path:
    def text(name: str) -> bytes:
        return struct.pack("<H", len(name) + 1) + name.encode() + b"\0"

    body = struct.pack("<I", 6) + text(model) + struct.pack("<II", 3, len(tensors) + 1)
    body += text("decoder/embeddings/weight") + struct.pack("<BIBI", 1, 2, 0, 8) + bytes(8)
    for name, tensor in tensors.items():
        body += text(f"encoder/{name}") + struct.pack(f"<B{tensor.ndim}I", tensor.ndim, *tensor.shape)
        body += struct.pack("<BI", 4, tensor.nbytes) + tensor.tobytes()
    file.write_bytes(body + struct.pack("<I", 0))
    return file


def test_bands_are_those_that_whisper_was_trained_with() -> None:
    samples = noise(30)
    expected = WhisperFeatureExtractor()(samples, sampling_rate=16_000, return_tensors="pt").input_features
    assert torch.allclose(log_mel(torch.from_numpy(samples)[None]), expected, atol=1e-4)


def test_the_file_of_the_recogniser_gives_the_encoder_that_transformers_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = theirs()
    convert.whisper_encoder(written(named(encoder), tmp_path / "model.bin"), tmp_path)
    shape = (WIDTH, HEADS, BLOCKS, LONGEST)
    monkeypatch.setitem(load_whisper.__globals__, "WhisperEncoder", lambda: WhisperEncoder(*shape))
    ours = load_whisper(tmp_path / "encoder.safetensors")
    samples = torch.from_numpy(noise(30))[None]
    with torch.inference_mode():
        expected = encoder(log_mel(samples)).last_hidden_state
        assert torch.allclose(ours(samples), expected, atol=5e-3)  # float16 keeps 11 bits


def test_a_short_window_has_a_vector_every_20_milliseconds() -> None:
    encoder = WhisperEncoder(WIDTH, HEADS, BLOCKS, LONGEST).eval()
    with torch.inference_mode():
        assert encoder(torch.from_numpy(noise(1.28))[None]).shape == (1, 64, WIDTH)


def test_another_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not Whisper"):
        ctranslate2.tensors(written({}, tmp_path / "model.bin", "TransformerSpec"), "encoder/")
    short = written({"conv1/bias": np.zeros(4, np.float16)}, tmp_path / "short.bin")
    short.write_bytes(short.read_bytes()[:60])
    with pytest.raises(ValueError, match=r"no file of CTranslate2's"):
        ctranslate2.tensors(short, "encoder/")
    with pytest.raises(ValueError, match="has no"):
        convert.whisper_encoder(written({}, tmp_path / "model.bin"), tmp_path)
