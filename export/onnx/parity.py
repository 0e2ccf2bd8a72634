"""Does the exported file say what the trained network says?"""

from pathlib import Path

import numpy as np
import torch

from bridge.face.emotion import EMOTIONS
from bridge.face.model import load
from export.speech2face.model import WINDOW, Server

FRAMES, BATCH, SEED = 120, 5, 3


@torch.no_grad()
def difference(server: Server, path: Path) -> float:
    """The largest difference of any output between torch and onnxruntime with the bridge's own session options.

    Over some frames of noisy sound of many levels. The state counts too, as a share of its largest number: it is in
    hundreds, where float32 itself is no finer than 3e-5.
    """
    model = load(path, "cpu")
    draw = np.random.default_rng(SEED)
    state = np.zeros((BATCH, server.network.states), np.float32)
    other, worst = torch.from_numpy(state), 0.0
    for _ in range(FRAMES):
        audio = (draw.standard_normal((BATCH, WINDOW)) * 10.0 ** draw.uniform(-4, 0, (BATCH, 1))).astype(np.float32)
        strength = draw.uniform(0, 2, (BATCH, 1)).astype(np.float32)
        emotion = draw.uniform(0, 1, (BATCH, len(EMOTIONS))).astype(np.float32)
        served = model.run(audio, strength, emotion, state)
        trained = server(*map(torch.from_numpy, (audio, strength, emotion)), other)
        *apart, drift = (float(np.abs(a - b.numpy()).max()) for a, b in zip(served, trained, strict=True))
        worst = max(worst, *apart, drift / max(float(np.abs(served.state).max()), 1))
        state, other = served[3], trained[3]
    return worst
