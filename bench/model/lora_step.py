"""What one step of low-rank adaptation of the language model costs: one example, forward and back.

    omnigov bench model --only lora_step [--rank 8] [--steps 5]

Weights of the given rank (Hu et al., LoRA, 2021) stand beside queries and values of each layer; all else is
frozen. The example is the stamps' question with noise in a picture's place, as the cost is the same for any
picture. JSON: processor seconds a step, one thread, the first left out, and how many weights are learned.
Nothing is adapted to anything: of what it would be worth this says nothing.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import torch
from torch import Tensor, nn

from omnigov.contracts import PolicySpec
from workers import omni
from workers.alignment.command import POLICY_FILE
from workers.omni.model import OmniModel
from workers.omni.prompt import build_prompt

PLACES = 16
ADAPTED = ("q_proj", "v_proj")
NOISE = 0.05


class LowRank(nn.Module):
    """A frozen linear map and one of low rank beside it, which begins at nothing."""

    def __init__(self, frozen: nn.Linear, rank: int) -> None:
        super().__init__()
        self.frozen = frozen
        self.down = nn.Linear(frozen.in_features, rank, bias=False)
        self.up = nn.Linear(rank, frozen.out_features, bias=False)
        nn.init.zeros_(self.up.weight)

    def forward(self, rows: Tensor) -> Tensor:
        found: Tensor = self.frozen(rows) + self.up(self.down(rows))
        return found


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--steps", type=int, default=5)
    options = parser.parse_args(argv)
    torch.set_num_threads(1)
    torch.manual_seed(0)
    policy = PolicySpec.model_validate_json(POLICY_FILE.read_text(encoding="utf-8"))
    model = omni.load(device="cpu")
    prompt = build_prompt(policy, model.words)
    learned = adapt(model, options.rank)
    width = model.embed(model.ids(prompt.before)).shape[-1]
    picture = torch.randn(1, PLACES, width) * NOISE
    before, after = (model.embed(model.ids(words)).unsqueeze(0) for words in (prompt.before, prompt.after))
    example = torch.cat([before, picture, after], 1)
    spent = []
    for _ in range(1 + options.steps):
        begun = time.process_time()
        step(model, example, prompt.labels[0][0])
        spent.append(time.process_time() - begun)
    found = {
        "tokens": example.shape[1],
        "weights": sum(weight.numel() for weight in learned),
        "rank": options.rank,
        "step_cpu_seconds": round(statistics.median(spent[1:]), 3),
        "each": [round(each, 3) for each in spent],
    }
    text = json.dumps(found, indent=2) + "\n"
    options.out.write_text(text)
    print(text, end="")
    return 0


def adapt(model: OmniModel, rank: int) -> list[nn.Parameter]:
    """Puts the low-rank maps into the model; what is learned of it."""
    learned: list[nn.Parameter] = []
    for layer in model.language.model.layers:
        for name in ADAPTED:
            beside = LowRank(getattr(layer.self_attn, name), rank)
            setattr(layer.self_attn, name, beside)
            learned += [beside.down.weight, beside.up.weight]
    return learned


def step(model: OmniModel, example: Tensor, token: int) -> None:
    """The loss of the label's first token and its gradients, without the optimiser's own part."""
    logits = model.language(inputs_embeds=example, use_cache=False, logits_to_keep=1).logits[:, -1]
    (-logits.log_softmax(-1)[:, token].sum()).backward()


if __name__ == "__main__":
    sys.exit(main())
