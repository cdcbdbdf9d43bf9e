"""The language model SmolLM2-135M-Instruct (Llama architecture, 30 layers, 576 wide)."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import LlamaForCausalLM
from transformers.utils import logging

from workers.omni.language import Language


def load_smollm2(folder: Path) -> Language:
    """From a folder with `config.json`, `model.safetensors` and `tokenizer.json`, in float32."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.encode_special_tokens = True
    logging.disable_progress_bar()  # A worker's log is no place for it: loading takes half a second.
    model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32, local_files_only=True)
    return Language(model=model.eval().requires_grad_(False), tokenizer=tokenizer)
