"""The network that hears live audio."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import cast

from bridge.config import Config
from bridge.doctor.finding import Finding, State


async def check(config: Config) -> AsyncIterator[Finding]:
    """Whether live audio would be heard: the model is loaded as `serve` does, and hears the noise of a breath."""
    import numpy as np

    from bridge.face.hearing import hear_clip
    from bridge.face.model import Device, ModelError, load, locate
    from bridge.frames import AUDIO_RATE

    try:
        model = await asyncio.to_thread(load, locate(config.model), cast(Device, config.device))
    except ModelError as error:
        remedy = "texts are spoken without it, but live audio is refused; `rigcast models list` shows what there is"
        yield Finding("model", State.BROKEN if config.model else State.NOTE, str(error), remedy)
        return
    breath = np.random.default_rng(0).normal(0, 500, AUDIO_RATE).astype(np.int16)
    began = time.perf_counter()
    heard = await asyncio.to_thread(hear_clip, model, breath)
    took = time.perf_counter() - began
    name = f"{model.card.name} {model.card.version}, {model.card.look_ahead_ms:g} ms ahead, on {model.device}"
    if heard.failed:
        remedy = f"rigcast models check {model.card.file}"
        yield Finding("model", State.BROKEN, f"{name}: {heard.failed} of 60 frames could not be computed", remedy)
    elif took > 1:
        yield Finding(
            "model", State.NOTE, f"{name}: slower than live, {took:.1f} s for one second", "rigcast models bench"
        )
    else:
        yield Finding("model", State.OK, f"{name}: hears a second of sound in {took * 1000:.0f} ms")
