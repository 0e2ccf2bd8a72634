import pytest
import tiny_model

from bridge.face import card
from bridge.face.card import ModelError, locate, read_card


def test_a_card_says_what_the_metadata_say(tmp_path):
    file = tiny_model.make(tmp_path / "tiny.onnx", look_ahead=640, seed="3", figures='{"lipread": 0.9}')
    found = read_card(file)
    assert (found.name, found.version, found.licence) == ("tiny", "1.0", "Apache-2.0")
    assert (found.look_ahead, found.look_ahead_ms, found.bytes) == (640, 40, file.stat().st_size)
    assert found.curves == tiny_model.CURVES
    assert found.emotions == tiny_model.EMOTIONS
    assert found.about["seed"] == "3"
    assert found.about["data"] == ""
    assert card.figures(found) == {"lipread": 0.9}


@pytest.mark.parametrize("text", ["", "not json", "[1]"])
def test_figures_that_are_none_are_left_out(tmp_path, text):
    assert card.figures(read_card(tiny_model.make(tmp_path / "tiny.onnx", figures=text))) == {}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"rigcast_model": None}, "metadata lack rigcast_model"),
        ({"rigcast_model": "speech2face/2"}, "follows speech2face/2, this Rigcast serves speech2face/1; update"),
        ({"rigcast_model": "voice/1"}, "its rigcast_model is 'voice/1'"),
        ({"name": None, "licence": ""}, "metadata lack name, licence"),
        ({"sample_rate": "44100"}, "its sample_rate is '44100'; Rigcast serves 16000 only"),
        ({"frame_rate": "30"}, "its frame_rate is '30'"),
        ({"look_ahead": "-1"}, "look_ahead is '-1'"),
        ({"look_ahead": "8001"}, "0..8000"),
        ({"look_ahead": "1" * 5000}, "0..8000"),
        ({"look_ahead": "80 ms"}, "number of samples"),
        ({"curves": "jawOpen,mouthClosed"}, "curves name 'mouthClosed', which there is not"),
        ({"curves": "jawOpen,mouthClose,jawOpen"}, "curves name one twice"),
        ({"curves": "mouthFunnel,mouthClose"}, "curves lack jawOpen"),
        ({"emotions": "joyful"}, "emotions name 'joyful'.*neutral, happy"),
    ],
)
def test_metadata_that_break_the_contract_are_named(tmp_path, changes, says):
    file = tmp_path / "tiny.onnx"
    tiny_model.write(file, tiny_model.metadata(**changes))
    with pytest.raises(ModelError, match=says) as raised:
        read_card(file)
    assert str(raised.value).startswith(f"{file}: ")


def test_a_file_that_is_not_there_or_no_file_is_told(tmp_path):
    for path in (tmp_path / "none.onnx", tmp_path):
        with pytest.raises(ModelError, match=f"{path.name}: it cannot be read: "):
            read_card(path)


def test_a_file_that_is_not_onnx_is_told(tmp_path):
    file = tmp_path / "bad.onnx"
    file.write_text("hello")
    with pytest.raises(ModelError, match=r"bad\.onnx: it is not ONNX.*; get the file again"):
        read_card(file)


def test_a_file_too_large_is_refused_before_it_is_read_whole(tmp_path, monkeypatch):
    file = tiny_model.make(tmp_path / "tiny.onnx")
    monkeypatch.setattr(card, "MAX_BYTES", file.stat().st_size - 1)
    with pytest.raises(ModelError, match="more than"):
        read_card(file)
    monkeypatch.setattr(card, "MAX_BYTES", file.stat().st_size)
    assert read_card(file)


def test_names_find_models_and_the_built_in_come_first(tmp_path, monkeypatch):
    built_in, mine = tmp_path / "built_in", tmp_path / "mine"
    for place, names in ((built_in, ["speech2face"]), (mine, ["speech2face", "other"])):
        place.mkdir()
        for name in names:
            (place / f"{name}.onnx").touch()
    monkeypatch.setattr(card, "BUILT_IN", built_in)
    monkeypatch.setattr(card, "folder", lambda: mine)
    assert locate() == built_in / "speech2face.onnx"
    assert locate("other") == mine / "other.onnx"
    assert locate("some/where.onnx").parts == ("some", "where.onnx")
    with pytest.raises(ModelError, match=r"no model 'another'; there are: other, speech2face\. Or"):
        locate("another")


def test_without_any_model_the_error_says_where_they_belong(tmp_path, monkeypatch):
    monkeypatch.setattr(card, "BUILT_IN", tmp_path / "a")
    monkeypatch.setattr(card, "folder", lambda: tmp_path / "b")
    with pytest.raises(ModelError, match=r"neither in .*a nor in .*b"):
        locate()
