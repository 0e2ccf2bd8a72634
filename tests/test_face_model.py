import numpy as np
import onnx
import onnxruntime
import pytest
import tiny_model
from onnx import TensorProto, helper, numpy_helper

from bridge.curves import CURVES
from bridge.face.emotion import EMOTIONS
from bridge.face.model import ModelError, load
from tests.hostile_attacks import bomb


def test_a_model_is_loaded_with_its_sizes(tmp_path):
    model = load(tiny_model.make(tmp_path / "tiny.onnx"), "cpu")
    assert (model.device, model.note) == ("cpu", "")
    assert model.sizes == (1360, 1, 3, tiny_model.STATE)
    assert model.answer_sizes == (len(tiny_model.CURVES), 1, 1, tiny_model.STATE)
    assert [CURVES[i] for i in model.curves] == list(tiny_model.CURVES)
    assert [EMOTIONS[i] for i in model.emotions] == list(tiny_model.EMOTIONS)


def test_sessions_have_one_thread_that_does_not_spin(tmp_path):
    options = load(tiny_model.make(tmp_path / "tiny.onnx"), "cpu").session.get_session_options()
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (1, 1)
    assert options.execution_mode == onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"
    assert options.log_severity_level == 3


def test_auto_runs_somewhere_and_says_why_not_on_cuda(tmp_path):
    model = load(tiny_model.make(tmp_path / "tiny.onnx"), "auto")
    assert (model.device == "cuda") == ("CUDAExecutionProvider" in model.session.get_providers())
    assert model.device == "cuda" or "CUDA" in model.note


def test_cuda_where_there_is_none_is_refused_with_the_way_out(tmp_path, capfd):
    file = tiny_model.make(tmp_path / "tiny.onnx")
    if load(file, "auto").device == "cuda":
        pytest.skip("optional: this machine has CUDA")
    with pytest.raises(ModelError, match=r"tiny\.onnx: it cannot run on CUDA: .*--device cpu"):
        load(file, "cuda")
    assert capfd.readouterr() == ("", "")  # onnxruntime would fill the screen


def rewritten(file, change):
    model = onnx.load(file)
    change(model.graph)
    file.write_bytes(model.SerializeToString())
    return file


def ignored(graph, name, shape, kind=TensorProto.FLOAT):
    """Let an input have any shape and type: what used it gets zeros instead."""
    place = next(i for i, entry in enumerate(graph.input) if entry.name == name)
    width = graph.input[place].type.tensor_type.shape.dim[1].dim_value
    graph.input[place].CopyFrom(helper.make_tensor_value_info(name, kind, shape))
    graph.initializer.append(numpy_helper.from_array(np.zeros((1, width), np.float32), "nothing"))
    for node in graph.node:
        node.input[:] = ["nothing" if used == name else used for used in node.input]


@pytest.mark.parametrize(
    ("name", "shape", "says"),
    [
        ("strength", ["batch", 2], r"its strength has the shape \[batch, 2\]; the contract asks for \[batch, 1\]"),
        ("emotion", ["batch", 4], r"its emotion has the shape \[batch, 4\].*\[batch, 3\]"),
        ("audio", [1, 1360], "the batch of its audio is 1; export it with a dynamic batch axis"),
        ("audio", ["batch", "time"], r"its audio has the shape \[batch, time\].*a fixed size"),
        ("audio", ["batch", 1, 1360], r"its audio has the shape \[batch, 1, 1360\]"),
        ("audio", ["batch"], "its audio has the shape"),
        ("audio", [], "the batch of its audio is 0"),
        ("audio", ["batch", 40_000], "its audio has 40000 numbers a stream; at most 32000"),
        ("state", ["batch", 2**18 + 1], "its state has 262145 numbers a stream"),
    ],
)
def test_an_input_of_another_shape_is_named(tmp_path, name, shape, says):
    file = rewritten(tiny_model.make(tmp_path / "tiny.onnx"), lambda graph: ignored(graph, name, shape))
    with pytest.raises(ModelError, match=says) as raised:
        load(file, "cpu")
    assert str(raised.value).startswith(f"{file}: ")


def test_an_input_of_another_type_is_named(tmp_path):
    file = rewritten(
        tiny_model.make(tmp_path / "tiny.onnx"),
        lambda graph: ignored(graph, "audio", ["batch", 1360], TensorProto.FLOAT16),
    )
    with pytest.raises(ModelError, match=r"its audio is a tensor\(float16\); the contract asks for float32"):
        load(file, "cpu")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"curves": "jawOpen,mouthClose"}, r"of two streams its curves comes as float32 \[2, 6\].*\[2, 2\]"),
        ({"emotions": "neutral,happy"}, r"its emotion has the shape \[batch, 3\].*\[batch, 2\]"),
    ],
)
def test_names_that_do_not_match_the_tensors_are_told(tmp_path, changes, says):
    with pytest.raises(ModelError, match=says):
        load(tiny_model.make(tmp_path / "tiny.onnx", **changes), "cpu")


def drop_output(graph, name):
    graph.output.remove(next(entry for entry in graph.output if entry.name == name))


def more_input(graph):
    graph.input.append(helper.make_tensor_value_info("speaker", TensorProto.FLOAT, ["batch", 1]))


def unknown_operator(graph):
    graph.node.append(helper.make_node("Enchant", ["audio"], ["magic"]))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda g: drop_output(g, "emphasis"), "lacks the output emphasis; the contract asks for it; it has curves"),
        (more_input, "has an input 'speaker'"),
        (unknown_operator, "onnxruntime does not load it: .*Enchant"),
        (lambda g: g.output.remove(g.output[0]), "lacks the output curves"),
    ],
    ids=["no emphasis", "one more input", "unknown operator", "no curves"],
)
def test_a_graph_with_other_ends_is_named(tmp_path, change, says):
    with pytest.raises(ModelError, match=says):
        load(rewritten(tiny_model.make(tmp_path / "tiny.onnx"), change), "cpu")


def test_a_model_that_loads_but_fails_to_run_is_told(tmp_path):
    def look_far(graph):
        graph.initializer.append(numpy_helper.from_array(np.array([9], np.int64), "ninth"))
        graph.node.append(helper.make_node("Cast", ["strength"], ["which"], to=TensorProto.INT64))
        graph.node.append(helper.make_node("Add", ["which", "ninth"], ["far"]))
        graph.node.append(helper.make_node("Gather", ["split", "far"], ["seen"]))
        graph.node.append(helper.make_node("Cast", ["seen"], ["as_float"], to=TensorProto.FLOAT))
        rename_output(graph, "emphasis", "unmoved")
        graph.node.append(helper.make_node("Add", ["unmoved", "as_float"], ["emphasis"]))

    with pytest.raises(ModelError, match=r"it does not run: .*out of data bounds.*; export the model again"):
        load(rewritten(tiny_model.make(tmp_path / "tiny.onnx"), look_far), "cpu")


def rename_output(graph, old, new):
    for node in graph.node:
        node.output[:] = [new if name == old else name for name in node.output]


def test_weights_in_another_file_are_never_read(tmp_path):
    file = tiny_model.make(tmp_path / "tiny.onnx")
    model = onnx.load(file)
    onnx.save_model(model, file, save_as_external_data=True, location="weights.bin", size_threshold=64)
    assert (tmp_path / "weights.bin").exists()
    with pytest.raises(ModelError, match="weights lie in another file, which is never read; export it with all"):
        load(file, "cpu")


def test_a_run_answers_row_by_row(tmp_path):
    model = load(tiny_model.make(tmp_path / "tiny.onnx"), "cpu")
    chance = np.random.default_rng(0)
    inputs = [chance.random((3, size), np.float32) for size in model.sizes]
    together = model.run(*inputs)
    for i in range(3):
        alone = model.run(*(part[i : i + 1] for part in inputs))
        for a, b in zip(together, alone, strict=True):
            np.testing.assert_allclose(a[i : i + 1], b, atol=1e-5)


def test_a_model_that_asks_for_much_memory_does_not_get_it(tmp_path):
    """300 million numbers of nothing: a file of some kilobytes that would take 1.2 GB whenever it runs."""
    model = onnx.load(tiny_model.make(tmp_path / "bomb.onnx"))
    bomb(model)
    onnx.save(model, tmp_path / "bomb.onnx")
    with pytest.raises(ModelError, match=r"it does not run|does not load"):
        load(tmp_path / "bomb.onnx", "cpu")
