"""What people should know of a model before they use it: its card, written from its metadata."""

import json
from pathlib import Path

from bridge.face.card import read_card
from export.speech2face.evaluate import table

LIMITS = """\
- English is what it knows best. Of other languages it has heard espeak-ng alone, whose voices are no people.
- One reader, 90 speakers of English as a second language (many of them children) and 126 native speakers, the latter
  with guessed words: other accents, singing, whispering and shouting are untried.
- Phone times come from forced alignment and are 20 to 30 ms uncertain, more with children; so are the scores.
- It moves mouth and tongue and says how prominent a syllable is. Brows, head and expression are the bridge's."""


def write_card(path: Path) -> Path:
    """Write the card of an .onnx file beside it; returns where."""
    found = read_card(path)
    about, figures = found.about, json.loads(found.about["figures"] or "{}")
    text = f"""# {found.name} {found.version}

{about["description"]} Licence: {found.licence}.

- Look-ahead: {found.look_ahead_ms:.0f} ms. Curves: {len(found.curves)}. Size: {found.bytes / 1e6:.1f} MB, fp32.
- Made with: {about["command"]} (seed {about["seed"]}).
- Data: {about["data"]}.

## Figures

On speakers kept out of training; docs/models.md says who, and what the columns mean.

{table(figures)}

## Limits

{LIMITS}
"""
    card = path.with_suffix(".md")
    card.write_text(text, encoding="utf-8")
    return card
