from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Rig(_message.Message):
    __slots__ = ("curves", "joints", "frame_rate", "audio_rate")
    CURVES_FIELD_NUMBER: _ClassVar[int]
    JOINTS_FIELD_NUMBER: _ClassVar[int]
    FRAME_RATE_FIELD_NUMBER: _ClassVar[int]
    AUDIO_RATE_FIELD_NUMBER: _ClassVar[int]
    curves: _containers.RepeatedScalarFieldContainer[str]
    joints: _containers.RepeatedCompositeFieldContainer[Joint]
    frame_rate: int
    audio_rate: int
    def __init__(self, curves: _Optional[_Iterable[str]] = ..., joints: _Optional[_Iterable[_Union[Joint, _Mapping]]] = ..., frame_rate: _Optional[int] = ..., audio_rate: _Optional[int] = ...) -> None: ...

class Joint(_message.Message):
    __slots__ = ("name", "parent", "rest_offset")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PARENT_FIELD_NUMBER: _ClassVar[int]
    REST_OFFSET_FIELD_NUMBER: _ClassVar[int]
    name: str
    parent: int
    rest_offset: Vector3
    def __init__(self, name: _Optional[str] = ..., parent: _Optional[int] = ..., rest_offset: _Optional[_Union[Vector3, _Mapping]] = ...) -> None: ...

class Vector3(_message.Message):
    __slots__ = ("x", "y", "z")
    X_FIELD_NUMBER: _ClassVar[int]
    Y_FIELD_NUMBER: _ClassVar[int]
    Z_FIELD_NUMBER: _ClassVar[int]
    x: float
    y: float
    z: float
    def __init__(self, x: _Optional[float] = ..., y: _Optional[float] = ..., z: _Optional[float] = ...) -> None: ...
