"""The network: sound in, articulators out, curves by the bridge's own rules; whole clips for training, frames to serve.

Each frame hears two short spectra 8 ms apart, the later of which ends where its look-ahead ends. They are taken as they
are and relative to the voice's own slow average, so that rooms, microphones and throats matter less. Causal depthwise
convolutions (after ConvNeXt, Liu et al., 2022) look back over some tenths of a second, gated memories over more. Per
frame all of it is some matrix products that batch well over streams, and a state of a few thousand numbers.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from bridge.curves import CURVES
from bridge.face.emotion import EMOTIONS
from bridge.face.mouth import VIRTUAL, Posture, pose
from bridge.frames import FRAME_RATE
from export.speech2face.targets import GESTURES, OPENINGS, SOUNDS

RATE = 16000
SPECTRUM = 320
"""Samples of one spectrum: 20 ms."""
HOP = 133
"""Samples between a frame's two spectra."""
WINDOW = SPECTRUM + HOP
"""Samples that a frame is computed from."""
BANDS = 48
FLOOR = 1e-10
"""Power below which nothing is heard: -100 dB of full scale within a band, less than the noise of 16 bits."""
MEMORY = 1.5
"""Seconds over which the slow average of the spectrum forgets."""

EXTENT = {"angry": 0.2, "happy": 0.1, "surprised": 0.15, "afraid": 0.05, "sad": -0.2, "relaxed": -0.1}
"""By how much an emotion makes the mouth go further. The signs are those that Busso & Narayanan measured (IEEE Trans.
Audio Speech Lang. Process. 15, 2007): more with anger and joy, less with sadness; the amounts are ours."""


@dataclass(frozen=True)
class Shape:
    """Sizes of the network. look_ahead in samples."""

    look_ahead: int = 1280
    width: int = 192
    spread: int = 2
    dilations: tuple[int, ...] = (1, 2, 0, 1, 2, 0, 1, 2, 0, 1)
    """The layers: a convolution with this dilation each, or a memory where it is 0."""
    dropout: float = 0.1


def filterbank() -> tuple[Tensor, Tensor]:
    """Cosine and sine analysis of SPECTRUM samples under a Hann window (SPECTRUM, 2 bins), and bands (bins, BANDS).

    The bands are triangles on the mel scale (O'Shaughnessy, "Speech communication", 1987), 60 Hz to 7.6 kHz, each with
    weights that sum to 1.
    """
    bins = torch.arange(1, SPECTRUM // 2)
    time = torch.arange(SPECTRUM)
    angle = 2 * torch.pi * time[:, None] * bins / SPECTRUM
    hann = torch.hann_window(SPECTRUM, periodic=True)[:, None] * (2 / SPECTRUM)
    mel = lambda hertz: 2595 * torch.log10(1 + hertz / 700)  # noqa: E731
    edges = torch.linspace(mel(torch.tensor(60.0)), mel(torch.tensor(7600.0)), BANDS + 2)
    at = mel(bins * RATE / SPECTRUM)
    rise = (at[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    fall = (edges[2:] - at[:, None]) / (edges[2:] - edges[1:-1])
    narrow = torch.exp(-0.5 * ((at[:, None] - edges[1:-1]) / (0.6 * (edges[1] - edges[0]))) ** 2)
    triangles = torch.minimum(rise, fall).clamp(min=0) + 1e-3 * narrow  # low bands may fall between two bins
    return torch.cat([angle.cos() * hann, angle.sin() * hann], 1), triangles / triangles.sum(0)


class Dropout(nn.Module):
    """Drops channels for all of a clip."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, x: Tensor) -> Tensor:
        """Frames (batch, time, width)."""
        if not self.training or not self.share:
            return x
        kept = torch.rand(x.shape[0], 1, x.shape[2]) >= self.share
        return x * (kept / (1 - self.share)).to(x.dtype)


class Convolution(nn.Module):
    """Looks back with one filter a channel, then mixes the channels; added to what came in."""

    def __init__(self, shape: Shape, dilation: int) -> None:
        super().__init__()
        self.dilation, self.slots = dilation, 2 * dilation
        self.taps = nn.Parameter(torch.randn(3, shape.width) / 3**0.5)
        self.norm = nn.LayerNorm(shape.width)
        self.up = nn.Linear(shape.width, shape.spread * shape.width)
        self.down = nn.Linear(shape.spread * shape.width, shape.width)
        self.dropout = Dropout(shape.dropout)

    def mix(self, x: Tensor, heard: Tensor) -> Tensor:
        return x + self.dropout(self.down(functional.relu(self.up(self.norm(heard)))))

    def forward(self, x: Tensor) -> Tensor:
        """Frames (batch, time, width)."""
        padded = functional.pad(x, (0, 0, self.slots, 0))
        taps = self.taps.T[:, None].to(x.dtype)
        heard = functional.conv1d(padded.transpose(1, 2), taps, dilation=self.dilation, groups=x.shape[2])
        return self.mix(x, heard.transpose(1, 2))

    def step(self, x: Tensor, state: Tensor, at: int) -> tuple[Tensor, Tensor]:
        """One frame (batch, width), given the state (batch, slots, width) in which its own frames begin at `at`, the
        oldest first. Returns what goes on and what is to be kept as the newest."""
        heard = state[:, at] * self.taps[0] + state[:, at + self.dilation] * self.taps[1] + x * self.taps[2]
        return self.mix(x, heard), x


class Leak(torch.autograd.Function):
    """h[t] = h[t-1] + open[t] (new[t] - h[t-1]) over the frames of (batch, time, width), from zero.

    By hand, because what is sequential in it is one multiplication a frame, there and back.
    """

    @staticmethod
    def forward(ctx: Any, new: Tensor, opened: Tensor) -> Tensor:
        out = torch.empty_like(new)
        h = torch.zeros_like(new[:, 0])
        for t in range(new.shape[1]):
            h = out[:, t] = torch.lerp(h, new[:, t], opened[:, t])
        ctx.save_for_backward(new, opened, out)
        return out

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor]:
        new, opened, out = ctx.saved_tensors
        total, kept = gradient.clone(), 1 - opened
        for t in range(new.shape[1] - 2, -1, -1):
            total[:, t].addcmul_(total[:, t + 1], kept[:, t + 1])
        before = functional.pad(out[:, :-1], (0, 0, 1, 0))
        return total * opened, total * (new - before)


class Recurrence(nn.Module):
    """A gated memory whose gate sees the present alone, added to what came in.

    minGRU (Feng et al., "Were RNNs all we needed?", 2024): it trains much faster than a GRU, since its products are
    over all frames at once.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.slots = 1
        self.norm = nn.LayerNorm(shape.width)
        self.enter = nn.Linear(shape.width, 2 * shape.width)
        self.leave = nn.Linear(shape.width, shape.width)
        self.dropout = Dropout(shape.dropout)
        with torch.no_grad():  # channels that remember from some frames to some seconds
            self.enter.bias[shape.width :] = torch.linspace(-5, 0, shape.width)

    def forward(self, x: Tensor) -> Tensor:
        """Frames (batch, time, width)."""
        new, opened = self.enter(self.norm(x)).float().chunk(2, 2)
        return x + self.dropout(self.leave(Leak.apply(new, torch.sigmoid(opened))))

    def step(self, x: Tensor, state: Tensor, at: int) -> tuple[Tensor, Tensor]:
        """One frame (batch, width), given the state with its memory at `at`, as a Convolution's."""
        new, opened = self.enter(self.norm(x)).chunk(2, 1)
        memory = state[:, at] + torch.sigmoid(opened) * (new - state[:, at])
        return x + self.leave(memory), memory


class Heads(nn.Module):
    """What is read off a frame: openings, gestures, authority and emphasis, and the class of the sound."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.posture = nn.Linear(width, len(OPENINGS) + len(GESTURES) + 2)
        self.sound = nn.Linear(width, 1 + len(SOUNDS))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Raw values (…, 10), of which the openings are as they are and the rest logits; logits of the classes."""
        x = self.norm(x)
        return self.posture(x), self.sound(x)


def _throats(bands: Tensor, most: float = 0.08) -> Tensor:
    """Bands (batch, …, BANDS) as of throats up to `most` shorter or longer, one a clip (after VTLP, Jaitly & Hinton,
    2013); the mel scale is nearly logarithmic where the formants are."""
    at = (torch.arange(BANDS) * torch.empty(len(bands), 1).uniform_(1 - most, 1 + most)).clamp(max=BANDS - 1)
    near = (1 - (at[:, None] - torch.arange(BANDS)[:, None]).abs()).clamp(min=0)  # (batch, from, to)
    return (bands.flatten(1, -2) @ near).view_as(bands)


def _masks(rows: int, count: int, widest: int) -> Tensor:
    """For each row some stretches of bands that are not heard: (rows, 1, 1, BANDS), 0 there, else 1.

    SpecAugment (Park et al., 2019), without its masks over time: those would hide closures.
    """
    bands = torch.arange(BANDS)
    begin, width = torch.randint(0, BANDS, (rows, count, 1)), torch.randint(0, widest, (rows, count, 1))
    hidden = ((bands >= begin) & (bands < begin + width)).any(1)
    return (~hidden).float()[:, None, None]


class Speech2Face(nn.Module):
    """The network. `forward` hears whole clips, `step` a frame of each of many streams."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        analysis, mel = filterbank()
        self.register_buffer("analysis", analysis, persistent=False)
        self.register_buffer("mel", mel, persistent=False)
        self.register_buffer("window", torch.hann_window(SPECTRUM) * (2 / SPECTRUM), persistent=False)
        self.register_buffer("mean", torch.full((BANDS,), -9.0))
        self.register_buffer("scale", torch.full((BANDS,), 2.5))
        self.enter = nn.Linear(4 * BANDS, shape.width)
        self.layers = nn.ModuleList(Convolution(shape, d) if d else Recurrence(shape) for d in shape.dilations)
        self.heads = Heads(shape.width)
        self.keep = float(torch.exp(torch.tensor(-1 / (MEMORY * FRAME_RATE))))

    def spectra(self, windows: Tensor) -> Tensor:
        """Bands (…, 2, BANDS) of windows (…, WINDOW) of sound."""
        pieces = torch.stack([windows[..., :SPECTRUM], windows[..., HOP:]], -2)
        if self.training:  # the same, but faster over whole clips
            spectrum = torch.fft.rfft(pieces * self.window)[..., 1:-1]
            power = torch.view_as_real(spectrum).square().sum(-1)
        else:
            cosine, sine = (pieces @ self.analysis).chunk(2, -1)
            power = cosine * cosine + sine * sine
        return (torch.log(power @ self.mel + FLOOR) - self.mean) / self.scale

    def forward(self, sound: Tensor, count: int) -> tuple[Tensor, Tensor]:
        """Heads' values (batch, count, …) of the first `count` frames of clips (batch, samples)."""
        windows = self.windows(sound, count)
        with torch.autocast("cpu", enabled=False):
            now = self.spectra(windows)
            if self.training:
                now = _throats(now) * _masks(len(now), count=2, widest=10)
            slow = self._averages(now.mean(2))
        x = self.enter(torch.cat([now.flatten(2), (now - slow[:, :, None]).flatten(2)], 2))
        for layer in self.layers:
            x = layer(x)
        with torch.autocast("cpu", enabled=False):
            return self.heads(x.float())

    def windows(self, sound: Tensor, count: int) -> Tensor:
        """What each of the first `count` frames hears: (batch, count, WINDOW)."""
        ends = torch.arange(count) * RATE // FRAME_RATE + self.shape.look_ahead
        padded = functional.pad(sound, (WINDOW, max(int(ends[-1]) - sound.shape[1], 0)))
        return padded[:, (ends[:, None] + torch.arange(WINDOW))]

    def _averages(self, bands: Tensor) -> Tensor:
        """The slow average of bands (batch, time, BANDS), the present frame included."""
        ago = torch.arange(bands.shape[1])
        ago = ago[:, None] - ago
        weights = torch.where(ago >= 0, (1 - self.keep) * self.keep ** ago.clamp(min=0).double(), 0.0).float()
        return weights @ bands

    @property
    def states(self) -> int:
        """Numbers that a stream carries from frame to frame: slots of `width`, one for the slow average, then each
        layer's, the oldest frame first."""
        return self.shape.width * (1 + sum(layer.slots for layer in self.layers))

    def step(self, windows: Tensor, state: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """One frame: windows (batch, WINDOW), state (batch, states); heads' values and the next state."""
        slots = state.reshape(-1, self.states // self.shape.width, self.shape.width)
        now = self.spectra(windows)
        slow = self.keep * slots[:, 0, :BANDS] + (1 - self.keep) * now.mean(1)
        x = self.enter(torch.cat([now.flatten(1), (now - slow[:, None]).flatten(1)], 1))
        at, order, newest = 1, [0], [functional.pad(slow, (0, self.shape.width - BANDS))]
        for layer in self.layers:
            x, kept = layer.step(x, slots, at)
            order += [*range(len(self.layers) + at + 2, len(self.layers) + at + 1 + layer.slots), len(newest)]
            newest.append(kept)
            at += layer.slots
        # all are moved on at once: the newest before the state, then picked in the order of the slots
        moved = torch.cat([torch.stack(newest, 1), slots], 1)[:, order]
        return *self.heads(x), moved.flatten(1)


@dataclass(frozen=True)
class Decoding:
    """How certain is certain enough; chosen on the dev speakers after training."""

    seal: tuple[float, float] = (1.0, 0.25)
    """Slope and offset of the seal's logit."""
    tuck: tuple[float, float] = (1.0, 0.5)
    silence: tuple[float, float] = (0.5, 0.9)
    """Probabilities of silence from which the mouth starts to close, and at which it is shut."""
    vowel: tuple[float, float] = (0.2, 0.5)
    """Probabilities of a vowel from which the mouth starts to commit itself to the likeliest, and at which it has: the
    mean over all that may be said is a mumble."""


_EXTREMES = np.array([[1.0] * 5 + [0.0] * 3, [1.0] * 5 + [VIRTUAL, 0, 0], [1.0] * 5 + [0, VIRTUAL, VIRTUAL]])
MOVES = tuple(int(i) for i in np.flatnonzero(pose(Posture(*_EXTREMES.T)).any(0)))
"""Places in CURVES of the curves that speech moves."""


class Server(nn.Module):
    """What is exported: the network, the decoding and the curves, one frame of each stream."""

    def __init__(self, network: Speech2Face, decoding: Decoding) -> None:
        super().__init__()
        self.network, self.decoding = network, decoding
        self.register_buffer("extent", torch.tensor([EXTENT.get(name, 0.0) for name in EMOTIONS])[:, None])

    def forward(
        self, audio: Tensor, strength: Tensor, emotion: Tensor, state: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """curves (batch, moves), authority and emphasis (batch, 1), next state."""
        raw, sounds, state = self.network.step(audio, state)
        posture, authority, emphasis = decode(raw, sounds, self.decoding)
        far = strength * (1 + emotion @ self.extent)
        openings, gestures = posture[:, :5] * far, posture[:, 5:] * strength.clamp(max=1)
        return curves(torch.cat([openings, gestures], 1)), authority, emphasis, state


_VOWELS = torch.tensor([0.0, *(float(shape.vowel) for shape in SOUNDS)])
_OPENINGS = torch.tensor([[0.0] * 5, *([getattr(shape, name) for name in OPENINGS] for shape in SOUNDS)])


def decode(raw: Tensor, sounds: Tensor, how: Decoding) -> tuple[Tensor, Tensor, Tensor]:
    """The heads' values to a posture (…, 8), its gestures 0..VIRTUAL, authority and emphasis (…, 1)."""
    chance = sounds.softmax(-1)
    awake = 1 - _ramp(chance[..., :1], how.silence)
    vowel = chance * _VOWELS
    voiced = vowel.sum(-1, keepdim=True)
    committed = _ramp(voiced, how.vowel)
    openings = raw[..., :5].clamp(0, 1)
    openings = openings + committed * (vowel @ _OPENINGS / (voiced + 1e-4) - openings)
    slope = torch.tensor([how.seal[0], how.tuck[0], 1.0])
    offset = torch.tensor([how.seal[1], how.tuck[1], 0.0])
    gestures = VIRTUAL * torch.sigmoid(raw[..., 5:8] * slope + offset)
    return torch.cat([openings, gestures], -1) * awake, torch.sigmoid(raw[..., 8:9]), torch.sigmoid(raw[..., 9:10])


def _ramp(x: Tensor, ends: tuple[float, float]) -> Tensor:
    """0 up to the one end, 1 from the other on."""
    return ((x - ends[0]) / (ends[1] - ends[0])).clamp(0, 1)


def curves(posture: Tensor) -> Tensor:
    """`bridge.face.mouth.pose` in torch, for MOVES: (…, 8) to (…, len(MOVES)). A test holds the two together."""
    jaw, part, wide, pucker, funnel = posture[..., :5].unbind(-1)
    seal, tuck, tongue = posture[..., 5:].clamp(max=1).unbind(-1)
    press = (posture[..., 5] - 1).clamp(min=0) / (VIRTUAL - 1)
    tuck = tuck * (1 - seal)
    free = (1 - seal) * (1 - tuck)
    jaw = jaw * (1 - 0.9 * seal) * (1 - 0.7 * tuck)
    found = {
        "jawOpen": jaw,
        "mouthClose": 0.75 * jaw * seal,
        "mouthPress": 0.4 * press,
        "mouthRollLower": 0.2 * press + 0.55 * tuck,
        "mouthRollUpper": 0.15 * seal,
        "mouthFunnel": funnel * free,
        "mouthPucker": pucker * (1 - 0.4 * tuck),
        "mouthLowerDown": part * free,
        "mouthUpperUp": 0.5 * part * free + 0.2 * tuck,
        "mouthSmile": 0.3 * wide,
        "mouthStretch": 0.4 * wide,
        "mouthDimple": 0.2 * wide,
        "tongueOut": 0.35 * tongue * (1 - seal),
    }
    names = (CURVES[i] for i in MOVES)
    return torch.stack([found[name.removesuffix("Left").removesuffix("Right")] for name in names], -1).clamp(0, 1)


def save(path: str, network: Speech2Face, decoding: Decoding, about: dict[str, object]) -> None:
    """Everything that export and evaluation need; read with `load`."""
    torch.save({"shape": asdict(network.shape), "decoding": asdict(decoding), "about": about,
                "weights": network.state_dict()}, path)  # fmt: skip


def load(path: str) -> tuple[Speech2Face, Decoding, dict[str, object]]:
    """What `save` wrote."""
    saved = torch.load(path, weights_only=True)
    shape = saved["shape"] | {"dilations": tuple(saved["shape"]["dilations"])}
    network = Speech2Face(Shape(**shape))
    network.load_state_dict(saved["weights"])
    how = {
        name: tuple(value) if isinstance(value, (list, tuple)) else value for name, value in saved["decoding"].items()
    }
    return network.eval(), Decoding(**how), saved["about"]
