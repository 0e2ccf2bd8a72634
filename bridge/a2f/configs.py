"""What GetConfigs tells: the limits, the frame rate, what hears, and every parameter with its default, as files."""

import json
from collections.abc import Iterator
from typing import Any

from bridge import __version__
from bridge.a2f import clip, request
from bridge.a2f.emotions import NAMES, Treatment
from bridge.face.model import Model

YAML, JSON = 0, 1
SERVICE = "rigcast"
"""By which `rigcast doctor` knows one of us."""


def configs(kind: int, rate: int, model: Model | None) -> Iterator[tuple[str, str]]:
    """Names and contents. kind: YAML or JSON; `rate` in frames a second. Raises RefusedError for another kind."""
    if kind not in (YAML, JSON):
        raise request.bad("config_type", f"is {kind}; there are YAML (0) and JSON (1)")
    for name, tables in (("advanced_config", _advanced(rate)), ("stylization_config", _stylization(model))):
        if kind == JSON:
            yield f"{name}.json", json.dumps(tables, indent=2) + "\n"
        else:
            yield f"{name}.yaml", "".join(_yaml(tables))


def _advanced(rate: int) -> dict[str, dict[str, Any]]:
    low, high = request.RATES
    return {
        "input_sanitization": {
            "min_sample_rate": low,
            "max_sample_rate": high,
            "max_audio_buffer_size_second": clip.LONGEST_SOUND_S,
            "max_audio_clip_size_second": clip.LONGEST_CLIP_S,
        },
        "output": {"fps": rate},
        "service": {"name": SERVICE, "version": __version__},
    }


def _stylization(model: Model | None) -> dict[str, dict[str, Any]]:
    hears = f"{model.card.name} {model.card.version}" if model else ""
    return {
        "default_beginning_emotions": dict.fromkeys(NAMES, 0.0),
        "a2e": {"enabled": False, "live_transition_time": Treatment().transition},
        "a2f": {
            "inference_model_id": hears,
            "face_params": {name: default for name, (_, _, default) in request.FACE.items()},
            "blendshape_params": {
                "enable_clamping_bs_weight": False,
                "weight_multipliers": dict.fromkeys(request.BLEND_SHAPES, 1.0),
                "weight_offsets": dict.fromkeys(request.BLEND_SHAPES, 0.0),
            },
        },
    }


def _yaml(table: dict[str, Any], depth: int = 0) -> Iterator[str]:
    """Tables as blocks; a scalar is written as in JSON, which is YAML too."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield f"{'  ' * depth}{key}:\n"
            yield from _yaml(value, depth + 1)
        else:
            yield f"{'  ' * depth}{key}: {json.dumps(value)}\n"
