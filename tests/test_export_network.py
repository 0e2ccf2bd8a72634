"""The network that is trained, against itself, the bridge's mouth and the file that is served."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="optional: torch comes with rigcast[export]")
pytest.importorskip("onnx", reason="optional: onnx comes with rigcast[export]")

from bridge.face.card import read_card  # noqa: E402
from bridge.face.emotion import EMOTIONS  # noqa: E402
from bridge.face.hearing import hear_clip  # noqa: E402
from bridge.face.model import load as serve  # noqa: E402
from bridge.face.mouth import VIRTUAL, Posture, pose  # noqa: E402
from export.onnx.parity import difference  # noqa: E402
from export.onnx.write import TOLERANCE, to_onnx  # noqa: E402
from export.speech2face.model import (  # noqa: E402
    MOVES,
    RATE,
    WINDOW,
    Decoding,
    Server,
    Shape,
    Speech2Face,
    curves,
    load,
    save,
)

FRAMES = 90
SAID = {"name": "test", "version": "1", "licence": "Apache-2.0"}


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(4)
    return Speech2Face(Shape(width=64)).eval()


@pytest.fixture(scope="module")
def sound():
    return torch.from_numpy(np.random.default_rng(5).standard_normal((3, 2 * RATE)).astype(np.float32) * 0.1)


@torch.no_grad()
def test_frame_by_frame_is_the_whole_clip(network, sound):
    windows, state, found = network.windows(sound, FRAMES), torch.zeros(3, network.states), []
    for k in range(FRAMES):
        raw, sounds, state = network.step(windows[:, k], state)
        found.append(torch.cat([raw, sounds], 1))
    whole = torch.cat(network(sound, FRAMES), 2)
    assert (torch.stack(found, 1) - whole).abs().max() <= 1e-4


@torch.no_grad()
def test_nothing_beyond_the_look_ahead_is_heard(network, sound):
    frame = 40
    heard = frame * RATE // 60 + network.shape.look_ahead
    other = sound.clone()
    other[:, heard:] = 1.0
    same, still = network(sound, FRAMES)[0], network(other, FRAMES)[0]
    assert torch.equal(network.windows(sound, FRAMES)[:, : frame + 1], network.windows(other, FRAMES)[:, : frame + 1])
    assert (same[:, : frame + 1] - still[:, : frame + 1]).abs().max() <= 1e-6
    assert not torch.equal(same[:, frame + 1], still[:, frame + 1])


@torch.no_grad()
def test_spectra_for_training_are_those_that_are_served(network, sound):
    windows = network.windows(sound, FRAMES)
    served = network.spectra(windows)
    network.train()
    trained = network.spectra(windows)
    network.eval()
    assert (served - trained).abs().max() <= 1e-4


def test_memory_has_the_gradient_of_its_recurrence(network):
    from export.speech2face.model import Leak

    draw = torch.Generator().manual_seed(6)
    new, opened = (torch.rand(2, 5, 3, generator=draw, dtype=torch.double, requires_grad=True) for _ in range(2))
    assert torch.autograd.gradcheck(Leak.apply, (new, opened))


def test_curves_are_those_of_the_bridges_mouth():
    postures = torch.rand(200, 8, generator=torch.Generator().manual_seed(7))
    postures[:, 5:] *= VIRTUAL
    expected = np.clip(pose(Posture(*postures.double().numpy().T)), 0, 1)
    assert np.abs(curves(postures).numpy() - expected[:, list(MOVES)]).max() <= 1e-6
    assert not np.delete(expected, list(MOVES), 1).any()


def test_exported_file_is_served_and_says_the_same(network, tmp_path):
    path = tmp_path / "model.onnx"
    server = Server(network, Decoding())
    to_onnx(server, path, SAID)
    assert difference(server, path) <= TOLERANCE
    assert read_card(path).look_ahead == 1280
    tone = (8000 * np.sin(np.arange(24000) / 20)).astype(np.int16)
    heard = hear_clip(serve(path, "cpu"), tone)
    assert heard.curves.shape[1] == 52
    assert heard.curves[:, list(MOVES)].any()


@torch.no_grad()
def test_strength_and_emotion_say_how_far_the_mouth_goes(network):
    server = Server(network, Decoding(silence=(0.98, 0.99), vowel=(0.98, 0.99))).eval()
    audio = torch.randn(1, WINDOW, generator=torch.Generator().manual_seed(8)).expand(4, -1) * 0.1
    strength, state = torch.tensor([[1.0], [0.0], [1.0], [1.0]]), torch.zeros(4, network.states)
    emotion = torch.zeros(4, len(EMOTIONS))
    emotion[2, EMOTIONS.index("angry")] = emotion[3, EMOTIONS.index("sad")] = 1
    bias = network.heads.posture.bias.clone()
    network.heads.posture.bias[:] = torch.tensor([0.4] * 5 + [-9.0] * 5)
    network.heads.posture.weight, weight = torch.nn.Parameter(torch.zeros(10, 64)), network.heads.posture.weight
    jaw = server(audio, strength, emotion, state)[0][:, 0]
    network.heads.posture.weight, network.heads.posture.bias[:] = weight, bias
    assert jaw[1] == 0
    assert jaw[2] > jaw[0] > jaw[3] > 0


def test_saved_is_what_is_loaded(network, tmp_path):
    save(str(tmp_path / "model.pt"), network, Decoding(vowel=(0.2, 0.4)), {"seed": 3})
    again, decoding, about = load(str(tmp_path / "model.pt"))
    assert decoding.vowel == (0.2, 0.4)
    assert decoding.seal == Decoding().seal
    assert about == {"seed": 3}
    assert all(torch.equal(a, b) for a, b in zip(network.parameters(), again.parameters(), strict=True))
