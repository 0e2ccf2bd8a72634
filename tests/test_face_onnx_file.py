import onnx
import pytest
import tiny_model
from onnx import TensorProto, helper

from bridge.face.onnx_file import NotOnnxError, head


@pytest.fixture
def tiny(tmp_path):
    return tiny_model.make(tmp_path / "tiny.onnx")


def test_metadata_are_what_the_onnx_package_reads(tiny):
    read = head(tiny.read_bytes())
    assert read.metadata == {entry.key: entry.value for entry in onnx.load(tiny).metadata_props}
    assert read.metadata["name"] == "tiny"
    assert not read.external


@pytest.mark.parametrize("data", [b"", b"\n", b"RIFF....WAVE", b"\x80" * 64, b"\x00" * 64, b"\x89PNG\r\n\x1a\n"])
def test_what_is_not_onnx_is_refused(data):
    with pytest.raises(NotOnnxError, match="not ONNX"):
        head(data)


def test_a_file_that_was_cut_off_is_refused(tiny):
    data = tiny.read_bytes()
    with pytest.raises(NotOnnxError, match="beginning"):
        head(data[: len(data) // 2])


def external(tensor: TensorProto) -> TensorProto:
    tensor.ClearField("raw_data")
    tensor.ClearField("float_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../etc/passwd")
    return tensor


def weights(name="w"):
    return helper.make_tensor(name, TensorProto.FLOAT, [1], [1.0])


def branch(tensor):
    """A constant inside a branch of an If, two graphs deep."""
    constant = helper.make_node("Constant", [], ["c"], value=tensor)
    return helper.make_graph([constant], "branch", [], [helper.make_tensor_value_info("c", TensorProto.FLOAT, [1])])


@pytest.mark.parametrize(
    "put",
    [
        lambda model: model.graph.initializer.append(external(weights())),
        lambda model: model.graph.node.append(helper.make_node("Constant", [], ["k"], value=external(weights()))),
        lambda model: model.graph.node.append(
            helper.make_node("If", ["x"], ["y"], then_branch=branch(external(weights())), else_branch=branch(weights()))
        ),
        lambda model: model.graph.sparse_initializer.add().values.CopyFrom(external(weights())),
        lambda model: model.functions.add().node.append(
            helper.make_node("Constant", [], ["k"], value=external(weights()))
        ),
    ],
    ids=["initializer", "constant", "branch", "sparse", "function"],
)
def test_weights_in_other_files_are_found_wherever_they_are_asked_for(tiny, put):
    model = onnx.load(tiny)
    put(model)
    assert head(model.SerializeToString()).external


def test_the_onnx_package_may_be_imported_too(tiny):
    assert type(onnx.load(tiny)).DESCRIPTOR.full_name == "onnx.ModelProto"  # our schema has its own pool
    assert head(tiny.read_bytes()).metadata
