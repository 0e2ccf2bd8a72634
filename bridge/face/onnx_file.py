"""What can be told of an .onnx file without running it, nor the `onnx` package.

An ONNX file is one protobuf message. Of its schema (onnx/onnx.proto, field numbers are part of ONNX's IR specification)
only the parts below are read; protobuf skips the rest.
"""

import math
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.message import DecodeError, Message

_SCHEMA = {
    "Model": {"graph": (7, "Graph"), "metadata_props": (14, "Entry"), "functions": (25, "Function")},
    "Graph": {"node": (1, "Node"), "initializer": (5, "Tensor"), "sparse_initializer": (15, "Sparse")},
    "Function": {
        "name": (1, "text"), "node": (7, "Node"), "domain": (10, "text"), "attribute_proto": (11, "Attribute"),
    },
    "Node": {"op_type": (4, "text"), "attribute": (5, "Attribute"), "domain": (7, "text")},
    "Attribute": {
        "t": (5, "Tensor"), "g": (6, "Graph"), "tensors": (10, "Tensor"), "graphs": (11, "Graph"),
        "sparse_tensor": (22, "Sparse"), "sparse_tensors": (23, "Sparse"),
    },
    "Sparse": {"values": (1, "Tensor"), "indices": (2, "Tensor")},
    "Tensor": {"external_data": (13, "Entry"), "data_location": (14, "int")},
    "Entry": {"key": (1, "text"), "value": (2, "text")},
}  # fmt: skip
"""Messages, their fields, and of each its number and type. All are declared repeated: the wire is the same."""

_SCALARS = {"int": FieldDescriptorProto.TYPE_INT32, "text": FieldDescriptorProto.TYPE_STRING}
_EXTERNAL = 1


class NotOnnxError(ValueError):
    """The bytes are no ONNX model, or only a part of one."""


class Head(NamedTuple):
    """metadata: what the file says of itself. external: whether it wants weights from other files. nodes: how many
    operations it has when its functions, each of which may call others twice, are written out; inf for no end."""

    metadata: dict[str, str]
    external: bool
    nodes: float


def head(data: bytes) -> Head:
    """What the bytes of an .onnx file say. Raises NotOnnxError."""
    model: Any = _model_class()()
    try:
        model.ParseFromString(data)
    except DecodeError:
        raise NotOnnxError("it is not ONNX, or only the beginning of such a file") from None
    if not any(graph.node for graph in model.graph):
        raise NotOnnxError("it is not ONNX: there is no graph in it")
    metadata = {"".join(entry.key): "".join(entry.value) for entry in model.metadata_props}
    return Head(metadata, any(_is_external(message) for message in _walk(model)), _nodes(model))


def _nodes(model: Any) -> float:
    functions = {_name(function.domain, function.name): function for function in model.functions}
    sizes: dict[str, int] = {}

    def size(body: Any) -> int:
        return sum(1 + called(_name(node.domain, node.op_type)) + within(node) for node in body.node)

    def called(name: str) -> int:
        if name not in sizes:
            sizes[name] = size(functions[name]) if name in functions else 0
        return sizes[name]

    def within(node: Any) -> int:
        return sum(size(graph) for each in node.attribute for graph in (*each.g, *each.graphs))

    try:
        return sum(size(graph) for graph in model.graph)
    except RecursionError:  # a function that calls itself, or hundreds that call one another
        return math.inf


def _name(domain: Iterable[str], name: Iterable[str]) -> str:
    return f"{''.join(domain)}/{''.join(name)}"


def _is_external(message: Any) -> bool:
    return message.DESCRIPTOR.name == "Tensor" and (message.external_data or _EXTERNAL in message.data_location)


def _walk(message: Message) -> Iterator[Message]:
    """A message and all within it; protobuf has refused what is nested deeper than 100."""
    yield message
    for field, value in message.ListFields():
        if field.message_type:
            for child in value:
                yield from _walk(child)


@cache
def _model_class() -> type[Message]:
    """The schema as a class; in a pool of its own, where it cannot collide with the `onnx` package's."""
    file = FileDescriptorProto(name="onnx_head.proto", package="onnx_head", syntax="proto3")
    for name, fields in _SCHEMA.items():
        message = file.message_type.add(name=name)
        for field, (number, kind) in fields.items():
            entry = message.field.add(name=field, number=number, label=FieldDescriptorProto.LABEL_REPEATED)
            if kind in _SCALARS:
                entry.type = _SCALARS[kind]
            else:
                entry.type, entry.type_name = FieldDescriptorProto.TYPE_MESSAGE, f".onnx_head.{kind}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("onnx_head.Model"))
