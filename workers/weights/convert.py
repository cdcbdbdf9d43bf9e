"""Model files that are made here from others.

SmolLM2-135M-Instruct as transformers loads it, from its GGUF file: only gguf, numpy and safetensors take
part, so that the same GGUF gives the same bytes whatever torch or transformers is installed: dequantisation
multiplies and adds float32 numbers one by one, and rounding to float16 is IEEE's. The digests in
manifest.json were seen with gguf 0.19.0, numpy 2.x and safetensors 0.8.0.

float16 keeps 11 significant bits, far finer than the 4-bit steps that the file was quantised with, at half
the bytes to hash and read; `config.json` says float32, so `from_pretrained` computes in float32.
"""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import IO, Any

MEMBERS = (
    "config.json",
    "generation_config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
)


def smollm2(gguf_file: Path, folder: Path) -> None:
    """Write `MEMBERS` into `folder`. Raises `ValueError` where the file isn't the Llama that is expected."""
    import gguf
    import numpy as np
    from safetensors.numpy import save_file

    reader = gguf.GGUFReader(gguf_file)
    fields = {name: field.contents() for name, field in reader.fields.items()}
    if fields["general.architecture"] != "llama" or fields["tokenizer.ggml.pre"] != "smollm":
        raise ValueError(f"{gguf_file.name} is not SmolLM2: {fields['general.architecture']}")
    config = _config(fields)
    weights = {}
    for tensor in reader.tensors:
        name = _weight_name(tensor.name)
        # GGUF names the innermost axis first; dequantize gives rows × columns as torch has them.
        weight = gguf.dequantize(tensor.data, tensor.tensor_type).reshape(
            [int(n) for n in reversed(tensor.shape)]
        )
        if name.endswith("q_proj.weight"):
            weight = _rows_for_rotate_half(weight, config["num_attention_heads"])
        elif name.endswith("k_proj.weight"):
            weight = _rows_for_rotate_half(weight, config["num_key_value_heads"])
        weights[name] = np.ascontiguousarray(weight.astype(np.float16))
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    _write(folder / "config.json", config)
    _write(
        folder / "generation_config.json",
        {key: config[key] for key in ("bos_token_id", "eos_token_id", "pad_token_id")},
    )
    _write(folder / "tokenizer.json", _tokenizer(fields))
    _write(folder / "tokenizer_config.json", _tokenizer_config(fields))


def safetensors(torch_file: Path, folder: Path) -> None:
    """Write a torch file's weights into `folder`, under its own name as `.safetensors`.

    Tensors alone are read of it (`weights_only`). They are copied bit by bit, so any torch gives these bytes.
    """
    import torch
    from safetensors.numpy import save_file

    stored = torch.load(torch_file, map_location="cpu", weights_only=True)
    tensors = {name: tensor.contiguous().numpy() for name, tensor in stored.items()}
    save_file(tensors, folder / f"{torch_file.stem}.safetensors")


def checkpoint(torch_file: Path, folder: Path) -> None:
    """Write the weights of a training checkpoint into `folder`, under its own name as `.safetensors`.

    What else it keeps (options, the optimiser's state, settings of libraries that need not be here) is
    stepped over: of its pickle nothing is called but what joins tensors. Raises `ValueError` where it holds
    no weights.
    """
    import torch
    from safetensors.numpy import save_file

    # Not `weights_only`: it stops at the first object that is no tensor. `_TensorsAlone` makes none of them.
    stored = torch.load(torch_file, map_location="cpu", weights_only=False, pickle_module=_TensorsAlone)
    for key in _STATES:
        if key in stored:
            break
    else:
        raise ValueError(f"{torch_file.name} holds no weights under {' or '.join(_STATES)}")
    tensors = {name: tensor.contiguous().numpy() for name, tensor in stored[key].items()}
    save_file(tensors, folder / f"{torch_file.stem}.safetensors")


_STATES = ("state_dict", "model_state")  # as Lightning and as Resemblyzer name their weights
_JOINS = {
    ("collections", "OrderedDict"),
    ("torch._utils", "_rebuild_tensor_v2"),
    ("torch._utils", "_rebuild_parameter"),
    ("torch", "FloatStorage"),
    ("torch", "LongStorage"),
}


class _Passed:
    """What stands for each object of a checkpoint that is no tensor. It does nothing, whatever is asked."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __setstate__(self, _: object) -> None:
        pass

    def __setitem__(self, _: object, __: object) -> None:
        pass

    def append(self, _: object) -> None:
        pass

    def extend(self, _: object) -> None:
        pass


class _TensorsAlone:
    """What `torch.load` takes for the module pickle: one that can make tensors and nothing else."""

    class Unpickler(pickle.Unpickler):
        def find_class(self, module: str, name: str) -> Any:
            return super().find_class(module, name) if (module, name) in _JOINS else _Passed

    @classmethod
    def load(cls, stream: IO[bytes], **options: Any) -> Any:
        return cls.Unpickler(stream, **options).load()


def whisper_encoder(model_file: Path, folder: Path) -> None:
    """Write `encoder.safetensors` into `folder`: the encoder of Whisper, under the names of our own module.

    float16 as it is stored, copied bit by bit. Raises `ValueError` where the file is no Whisper.
    """
    import numpy as np
    from safetensors.numpy import save_file

    from workers.weights import ctranslate2

    stored = ctranslate2.tensors(model_file, "encoder/")
    blocks = {name.split("/")[0] for name in stored if name.startswith("layer_") and name[6].isdigit()}
    names = {f"layer_norm/{theirs}": f"norm.{ours}" for theirs, ours in _NORM}
    names |= {f"{conv}/{part}": f"{conv}.{part}" for conv in ("conv1", "conv2") for part in _LINEAR}
    names["position_encodings/encodings"] = "positions"
    for block in sorted(blocks):
        ours = f"blocks.{block.removeprefix('layer_')}"
        for theirs, called in _IN_WHISPER:
            parts = _NORM if theirs.endswith("layer_norm") else [(part, part) for part in _LINEAR]
            names |= {f"{block}/{theirs}/{part}": f"{ours}.{called}.{of_ours}" for part, of_ours in parts}
    missing = sorted(set(names) - set(stored))
    if missing:
        raise ValueError(f"{model_file.name} has no {missing[0]}")
    tensors = {names[name]: np.ascontiguousarray(stored[name].astype(np.float16)) for name in sorted(names)}
    save_file(tensors, folder / "encoder.safetensors")


LABELS = "Person\n"
"""Is among the first bytes of MediaPipe's packed assets: its classes, a line each."""


def objects(packed_file: Path, folder: Path) -> None:
    """Write `objects.safetensors` into `folder`: MediaPipe's detector of objects, out of its packed assets.

    Weights in float16 as they are stored, in torch's order of axes, and in the metadata the classes and the
    steps of the network. Raises `ValueError` where the file is another.
    """
    import numpy as np
    from safetensors.numpy import save_file

    from workers.weights import tflite

    content = packed_file.read_bytes()
    begin = content.find(tflite.MARK) - 4
    if begin < 0 or LABELS.encode() not in content[:begin]:
        raise ValueError(f"{packed_file.name} holds no detector of objects with its classes")
    network = tflite.read(content[begin:])
    widened = {step.output: step.inputs[0] for step in network.steps if step.kind == "widen"}
    steps, tensors = [], {}
    for step in network.steps:
        if step.kind == "widen":
            continue
        settings = {"kind": step.kind, "stride": step.stride, "same": step.same, "relu6": step.relu6}
        given = list(step.inputs)
        if step.kind in ("conv", "depthwise"):
            weight = network.constants[widened.get(given[1], given[1])]
            axes = (0, 3, 1, 2) if step.kind == "conv" else (3, 0, 1, 2)
            tensors[f"{step.output}.weight"] = np.ascontiguousarray(weight.transpose(axes))
            bias = network.constants[widened.get(given[2], given[2])]
            tensors[f"{step.output}.bias"] = np.ascontiguousarray(bias)
            given = given[:1]
        given = given[:1] if step.kind == "reshape" else given
        steps.append({**settings, "inputs": given, "output": step.output})
    told = {
        "classes": content[:begin].decode().split("\n")[:-1],
        "inputs": network.inputs,
        "outputs": network.outputs,
        "steps": steps,
    }
    # One entry alone: safetensors writes several in another order each time, which is another digest.
    metadata = {"network": json.dumps(told, sort_keys=True)}
    save_file(tensors, folder / "objects.safetensors", metadata=metadata)


_LINEAR = ("weight", "bias")
_NORM = (("gamma", "weight"), ("beta", "bias"))
_IN_WHISPER = (
    ("self_attention/layer_norm", "attention_norm"),
    ("self_attention/linear_0", "query_key_value"),
    ("self_attention/linear_1", "attention_out"),
    ("ffn/layer_norm", "norm"),
    ("ffn/linear_0", "widen"),
    ("ffn/linear_1", "narrow"),
)


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(
        json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )


def _config(fields: dict[str, Any]) -> dict[str, Any]:
    heads, width = fields["llama.attention.head_count"], fields["llama.embedding_length"]
    return {
        "architectures": ["LlamaForCausalLM"],
        "attention_bias": False,
        "attention_dropout": 0.0,
        "bos_token_id": fields["tokenizer.ggml.bos_token_id"],
        "dtype": "float32",
        "eos_token_id": fields["tokenizer.ggml.eos_token_id"],
        "head_dim": width // heads,
        "hidden_act": "silu",
        "hidden_size": width,
        "initializer_range": 0.041666666666666664,
        "intermediate_size": fields["llama.feed_forward_length"],
        "max_position_embeddings": fields["llama.context_length"],
        "mlp_bias": False,
        "model_type": "llama",
        "num_attention_heads": heads,
        "num_hidden_layers": fields["llama.block_count"],
        "num_key_value_heads": fields["llama.attention.head_count_kv"],
        "pad_token_id": fields["tokenizer.ggml.padding_token_id"],
        # The file stores float32's nearest to 1e-5.
        "rms_norm_eps": round(fields["llama.attention.layer_norm_rms_epsilon"], 9),
        "rope_parameters": {"rope_theta": fields["llama.rope.freq_base"], "rope_type": "default"},
        "rope_theta": fields["llama.rope.freq_base"],
        "tie_word_embeddings": True,
        "use_cache": True,
        "vocab_size": fields["llama.vocab_size"],
    }


_TOP = {"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight"}
_IN_BLOCK = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


def _weight_name(name: str) -> str:
    """transformers' name of a GGUF tensor, so of `blk.3.attn_q.weight`: `model.layers.3.self_attn…`."""
    if name in _TOP:
        return _TOP[name]
    block, layer, part, kind = name.split(".")
    if block != "blk" or part not in _IN_BLOCK or kind != "weight":
        raise ValueError(f"{name} has no place in a Llama")
    return f"model.layers.{layer}.{_IN_BLOCK[part]}.weight"


def _rows_for_rotate_half(weight: Any, heads: int) -> Any:
    """Undo llama.cpp's order of rows: it turns neighbouring rows, transformers turns the two halves.

    `weight` is [heads × head_dim, width]; within each head rows (0, 1, 2, 3 …) become (0, 2, 4 … 1, 3, 5 …).
    Source: `LlamaModel.permute` in llama.cpp's convert_hf_to_gguf.py, whose inverse this is.
    """
    rows, width = weight.shape
    return weight.reshape(heads, rows // heads // 2, 2, width).swapaxes(1, 2).reshape(rows, width)


_CONTROL = 3  # gguf.TokenType.CONTROL: a token that text never spells


def _tokenizer(fields: dict[str, Any]) -> dict[str, Any]:
    """A byte-level BPE in the form of the `tokenizers` library; SmolLM2 cuts digits one by one first."""
    tokens, kinds = fields["tokenizer.ggml.tokens"], fields["tokenizer.ggml.token_type"]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {
                "id": index,
                "content": tokens[index],
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
                "special": True,
            }
            for index in range(len(tokens))
            if kinds[index] == _CONTROL
        ],
        "normalizer": None,
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                {"type": "Digits", "individual_digits": True},
                {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
            ],
        },
        "post_processor": None,
        "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": {token: index for index, token in enumerate(tokens)},
            "merges": [merge.split(" ") for merge in fields["tokenizer.ggml.merges"]],
        },
    }


def _tokenizer_config(fields: dict[str, Any]) -> dict[str, Any]:
    tokens = fields["tokenizer.ggml.tokens"]
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": tokens[fields["tokenizer.ggml.bos_token_id"]],
        "eos_token": tokens[fields["tokenizer.ggml.eos_token_id"]],
        "unk_token": tokens[fields["tokenizer.ggml.unknown_token_id"]],
        "pad_token": tokens[fields["tokenizer.ggml.padding_token_id"]],
        "add_prefix_space": False,
        "clean_up_tokenization_spaces": False,
        "model_max_length": fields["llama.context_length"],
        "chat_template": fields["tokenizer.chat_template"],
    }
