"""One thread: tiny matrices gain nothing from two, and lose much where other work wants the cores."""

import torch

torch.set_num_threads(1)
