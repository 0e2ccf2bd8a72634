import math

import onnx
import pytest
import tiny_model
from onnx import TensorProto, helper

from bridge.face.card import ModelError, read_card
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


def calling(depth: int, last: str = "Sin") -> onnx.ModelProto:
    """A model whose functions each call the next one twice."""
    opset = [helper.make_opsetid("", 17), helper.make_opsetid("here", 1)]

    def twice(name: str) -> list[onnx.NodeProto]:
        domain = "here" if name.startswith("f") else ""
        return [helper.make_node(name, [a], [b], domain=domain) for a, b in (("x", "t"), ("t", "y"))]

    names = [*(f"f{i}" for i in range(depth)), last]
    functions = [helper.make_function("here", name, ["x"], ["y"], twice(names[i + 1]), opset)
                 for i, name in enumerate(names[:-1])]  # fmt: skip
    graph = helper.make_graph([helper.make_node("f0", ["x"], ["y"], domain="here")], "g", [], [])
    return helper.make_model(graph, functions=functions, opset_imports=opset)


def test_operations_are_counted_as_if_functions_were_written_out(tiny):
    assert head(calling(3).SerializeToString()).nodes == 1 + 2 + 4 + 8
    assert head(calling(40).SerializeToString()).nodes > 2**40
    assert head(calling(3, "f0").SerializeToString()).nodes == math.inf
    assert head(calling(2000).SerializeToString()).nodes == math.inf
    model = onnx.load(tiny)
    before = head(model.SerializeToString()).nodes
    assert before == len(model.graph.node)
    model.graph.node.append(helper.make_node("If", ["x"], ["y"], then_branch=branch(weights())))
    assert head(model.SerializeToString()).nodes == before + 2


def test_a_model_of_too_many_operations_is_refused(tmp_path):
    file = tiny_model.write(tmp_path / "many.onnx", tiny_model.metadata(), calling(16))
    assert file.stat().st_size < 8000
    with pytest.raises(ModelError, match="more than 10,000 operations; make the model smaller"):
        read_card(file)
