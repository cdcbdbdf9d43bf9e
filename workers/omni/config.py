"""What an omni model is made of, by name. Kept inside the connector's file, so its digest covers it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from omnigov.contracts import Frozen, Stage


class OmniConfig(Frozen):
    """Which tower, which language model, and the shape of the connector between them."""

    name: str = "smollm2-135m-lite0"
    stage: Stage = Stage.IMAGE_TEXT
    tower: Literal["efficientnet-lite0", "tiny"] = "efficientnet-lite0"
    language: Literal["smollm2-135m-instruct", "tiny"] = "smollm2-135m-instruct"
    picture_side: int = Field(
        default=224, gt=0, description="pixels; the whole picture is scaled to this square"
    )
    grid: int = Field(default=7, gt=0, description="patches a side, as the tower gives them")
    tower_width: int = Field(default=1280, gt=0)
    connector_width: int = Field(default=512, gt=0, description="between the connector's two layers")
    pool: int = Field(default=2, gt=0, description="patches a side that share one picture token")
    language_width: int = Field(default=576, gt=0)

    @property
    def picture_tokens(self) -> int:
        """How many embeddings a picture takes in the prompt: ⌈grid / pool⌉²."""
        side = -(-self.grid // self.pool)
        return side * side


TINY = OmniConfig(
    name="tiny",
    tower="tiny",
    language="tiny",
    picture_side=32,
    grid=4,
    tower_width=24,
    connector_width=16,
    pool=2,
    language_width=32,
)
"""A model that tests build in milliseconds, with random weights and no file."""
