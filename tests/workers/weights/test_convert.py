"""The conversion beside transformers' own reading of the same GGUF file, on a tiny Llama."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from workers.weights import convert, store

WIDTH, HEADS, KV_HEADS, LAYERS, FORWARD = 64, 4, 2, 2, 96
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A GGUF file as llama.cpp writes SmolLM2's, with the same kinds of quantisation."""
    from tokenizers.pre_tokenizers import ByteLevel

    path = tmp_path_factory.mktemp("gguf") / "tiny.gguf"
    tokens = [*SPECIAL, *sorted(ByteLevel.alphabet()), "Ġt", "he", "Ġthe", "12"]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(LAYERS)
    writer.add_context_length(128)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_rope_freq_base(100_000.0)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([3] * len(SPECIAL) + [1] * (len(tokens) - len(SPECIAL)))
    writer.add_token_merges(["Ġ t", "h e", "Ġt he", "1 2"])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_pad_token_id(2)
    writer.add_chat_template("{{ messages }}")
    random = np.random.default_rng(5)

    def add(name: str, shape: tuple[int, ...], kind: gguf.GGMLQuantizationType) -> None:
        weight = random.normal(0, 0.2, shape).astype(np.float32)
        quantised = gguf.quantize(weight, kind)
        writer.add_tensor(name, quantised, raw_dtype=kind)

    q4, f32 = gguf.GGMLQuantizationType.Q4_1, gguf.GGMLQuantizationType.F32
    add("token_embd.weight", (len(tokens), WIDTH), gguf.GGMLQuantizationType.Q8_0)
    add("output_norm.weight", (WIDTH,), f32)
    head = WIDTH // HEADS
    for layer in range(LAYERS):
        add(f"blk.{layer}.attn_norm.weight", (WIDTH,), f32)
        add(f"blk.{layer}.ffn_norm.weight", (WIDTH,), f32)
        add(f"blk.{layer}.attn_q.weight", (WIDTH, WIDTH), q4)
        add(f"blk.{layer}.attn_k.weight", (KV_HEADS * head, WIDTH), q4)
        add(f"blk.{layer}.attn_v.weight", (KV_HEADS * head, WIDTH), q4)
        add(f"blk.{layer}.attn_output.weight", (WIDTH, WIDTH), q4)
        add(f"blk.{layer}.ffn_gate.weight", (FORWARD, WIDTH), q4)
        add(f"blk.{layer}.ffn_up.weight", (FORWARD, WIDTH), q4)
        add(f"blk.{layer}.ffn_down.weight", (WIDTH, FORWARD), q4)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def converted(tiny: Path, folder: Path) -> Path:
    folder.mkdir()
    convert.smollm2(tiny, folder)
    return folder


def test_the_same_file_gives_the_same_bytes(tiny: Path, tmp_path: Path) -> None:
    first, second = (converted(tiny, tmp_path / name) for name in ("first", "second"))

    assert sorted(path.name for path in first.iterdir()) == sorted(convert.MEMBERS)
    for name in convert.MEMBERS:
        assert store.digest(first / name) == store.digest(second / name)


@pytest.mark.long
def test_its_logits_are_those_of_transformers_own_reading(tiny: Path, tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, GgufConfig

    folder = converted(tiny, tmp_path / "made")
    ours = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    theirs = AutoModelForCausalLM.from_pretrained(
        tiny.parent, gguf_file=tiny.name, quantization_config=GgufConfig(dequantize=True), dtype=torch.float32
    )
    tokens = torch.tensor([[1, 40, 90, 200, 7, 12, 2]])

    with torch.inference_mode():
        # float16 weights differ by at most 2⁻¹¹ of themselves; a wrong order of rows differs by all.
        torch.testing.assert_close(ours(tokens).logits, theirs(tokens).logits, rtol=0.01, atol=0.02)


def test_the_tokenizer_cuts_digits_one_by_one_and_loses_nothing(tiny: Path, tmp_path: Path) -> None:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(converted(tiny, tmp_path / "made") / "tokenizer.json"))
    text = "see the 12 猫 <|im_end|>"

    tokens = tokenizer.encode(text)
    assert "Ġthe" in tokens.tokens
    assert "12" not in tokens.tokens
    assert tokens.tokens[-1] == "<|im_end|>"
    assert tokenizer.decode(tokens.ids, skip_special_tokens=False) == text


def test_another_architecture_is_refused(tmp_path: Path) -> None:
    writer = gguf.GGUFWriter(tmp_path / "other.gguf", "gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()

    with pytest.raises(ValueError, match="not SmolLM2"):
        convert.smollm2(tmp_path / "other.gguf", tmp_path)


def test_a_torch_file_s_tensors_are_copied_bit_by_bit(tmp_path: Path) -> None:
    stored = {"conv.weight": torch.randn(2, 3).t(), "conv.bias": torch.tensor([0.1, -0.0])}
    torch.save(stored, tmp_path / "net.pt")
    convert.safetensors(tmp_path / "net.pt", tmp_path)
    read = load_file(tmp_path / "net.safetensors")
    assert read.keys() == stored.keys()
    assert all(read[name].tobytes() == stored[name].contiguous().numpy().tobytes() for name in stored)


class _Setting:
    """What a checkpoint of a library keeps beside its weights. Made anew, it would leave a file behind."""

    def __init__(self, mark: str) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (_make_file, (self.mark,))


def _make_file(mark: str) -> None:
    Path(mark).touch()


@pytest.mark.parametrize("key", ["state_dict", "model_state"])
@pytest.mark.parametrize("zipped", [True, False])
def test_of_a_checkpoint_weights_alone_are_read_and_nothing_is_called(
    key: str, zipped: bool, tmp_path: Path
) -> None:
    weights = {"a.weight": torch.arange(6.0).reshape(2, 3), "a.bias": torch.tensor([1.5])}
    content = {"settings": _Setting(str(tmp_path / "called")), key: weights, "epoch": 3}
    torch.save(content, tmp_path / "one.bin", _use_new_zipfile_serialization=zipped)

    convert.checkpoint(tmp_path / "one.bin", tmp_path)

    made = load_file(tmp_path / "one.safetensors")
    assert {name: value.tolist() for name, value in made.items()} == {
        name: value.tolist() for name, value in weights.items()
    }
    assert not (tmp_path / "called").exists()


def test_a_checkpoint_without_weights_is_refused(tmp_path: Path) -> None:
    torch.save({"epoch": 3}, tmp_path / "one.bin")

    with pytest.raises(ValueError, match="holds no weights"):
        convert.checkpoint(tmp_path / "one.bin", tmp_path)
