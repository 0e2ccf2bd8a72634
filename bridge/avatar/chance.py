"""People by chance: numbers near their defaults, colours that go together."""

import colorsys

import numpy as np

SKINS = ("#ffe9de", "#ffe6d9", "#fbdcc8", "#f3c9ad", "#e0a983", "#c58a63", "#9c6644", "#7a4c33")
"""Lit skin from fair to deep."""
BROAD_SHARE = 0.35
"""How many of all people are broad."""
SHOES = ("#6b4038", "#3a2f38", "#54433f", "#f4efe8")


def random_values(seed: int) -> dict[str, float | str]:
    """Values for every entry of `Params`: numbers near their defaults, choices evenly, colours in harmony.

    Cuts and clothes go round with the seed, so that a handful of neighbours shows them all.
    """
    from bridge.avatar.params import Params

    draw = np.random.default_rng(seed)
    values: dict[str, float | str] = {}
    for field in Params.fields():
        meta = field.metadata
        if "options" in meta:
            values[field.name] = str(draw.choice(meta["options"]))
            if field.name in ("hair_style", "outfit"):
                values[field.name] = meta["options"][(seed + seed // len(meta["options"])) % len(meta["options"])]
        elif "low" in meta:
            spread = 0.30 * (meta["high"] - meta["low"])
            value = float(np.clip(field.default + spread * draw.standard_normal(), meta["low"], meta["high"]))
            values[field.name] = round(value, 4)
    if draw.uniform() < BROAD_SHARE:
        values |= _broad(draw)
    return values | _colours(draw, values["outfit"] == "hoodie")


def _broad(draw: np.random.Generator) -> dict[str, float | str]:
    """What goes together with broad shoulders: a plainer eye, a stronger jaw and brow, shorter hair, no skirt."""
    from bridge.avatar.params import BANGS

    def near(low: float, high: float) -> float:
        return round(float(draw.uniform(low, high)), 4)

    return {
        "frame": near(0.6, 1.0), "shoulder_width": near(1.0, 1.14), "bust": 0.0, "height": near(1.0, 1.08),
        "hips": near(0.92, 1.0), "leg_thickness": near(0.95, 1.08), "head_size": near(0.93, 0.99),
        "face_length": near(1.0, 1.06), "jaw_width": near(1.0, 1.13), "chin_point": near(0.2, 0.6),
        "cheek_fullness": near(0.1, 0.45), "eye_height": near(0.76, 0.88), "iris_size": near(0.88, 0.98),
        "lash_length": near(0.0, 0.12), "brow_thickness": near(1.25, 1.65), "brow_tilt": near(0.0, 0.7),
        "lip_fullness": near(0.05, 0.3), "mouth_width": near(0.98, 1.16), "nose_length": near(1.1, 1.45),
        "blush": near(0.0, 0.2), "hair_style": "short", "bangs": str(draw.choice(BANGS)), "hair_volume": near(0.4, 1.0),
        "outfit": str(draw.choice(["hoodie", "blazer"])), "lower": "trousers",
    }  # fmt: skip


def _colours(draw: np.random.Generator, bright_top: bool) -> dict[str, str]:
    """Hair leads; eyes stand across or beside it on the wheel, clothes keep to one dark hue and one accent."""
    hair = float(draw.uniform())
    natural = draw.uniform() < 0.45
    if natural:
        hue, light, strength = (
            float(draw.uniform(0.03, 0.11)),
            float(draw.uniform(0.22, 0.78)),
            float(draw.uniform(0.2, 0.5)),
        )
        hair_colour, tips = _hex(hue, light, strength), _hex(hue + 0.02, min(light + 0.10, 0.9), strength)
        hair = hue
    else:
        light = float(draw.uniform(0.58, 0.84))
        garish = 0.2 * np.exp(-(((hair - 0.31) / 0.13) ** 2))  # greens look poisonous sooner than other hues
        hair_colour = _hex(hair, light, float(draw.uniform(0.38, 0.6) - garish))
        tips = _hex(hair + float(draw.choice([-0.14, -0.08, 0.08, 0.14])), min(light + 0.08, 0.88), 0.65)
    eye = hair + float(draw.choice([0.33, 0.42, 0.5, 0.58, 0.08]))
    dark = float(draw.choice([0.60, 0.64, 0.70, 0.96, 0.52]))
    accent = float(draw.choice([0.96, 0.99, 0.12, 0.90] if dark < 0.8 else [0.11, 0.58, 0.45, 0.0]))
    return {
        "skin_colour": str(draw.choice(SKINS, p=[0.2, 0.2, 0.16, 0.12, 0.1, 0.09, 0.07, 0.06])),
        "lip_colour": _hex(float(draw.uniform(0.97, 1.01)), float(draw.uniform(0.62, 0.74)), 0.6),
        "hair_colour": hair_colour,
        "hair_tips": tips,
        "eye_colour": _hex(eye, float(draw.uniform(0.38, 0.5)), 0.65),
        "eye_glow": _hex(eye + 0.06, 0.76, 0.75),
        "top_colour": _hex(accent + 0.1, float(draw.uniform(0.70, 0.86)), 0.55)
        if bright_top
        else _hex(dark, 0.965, 0.5),
        "skirt_colour": _hex(dark, float(draw.uniform(0.22, 0.36)), 0.35),
        "sock_colour": _hex(dark, float(draw.uniform(0.16, 0.3)), 0.3) if draw.uniform() < 0.7 else "#f6f2ee",
        "accent_colour": _hex(accent, 0.66, 0.75),
        "shoe_colour": str(draw.choice(SHOES)),
    }


def _hex(hue: float, light: float, strength: float) -> str:
    return "#" + "".join(f"{round(255 * c):02x}" for c in colorsys.hls_to_rgb(hue % 1, light, strength))
