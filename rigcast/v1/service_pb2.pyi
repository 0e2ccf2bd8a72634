from rigcast.v1 import rig_pb2 as _rig_pb2
from rigcast.v1 import session_pb2 as _session_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SayRequest(_message.Message):
    __slots__ = ("session", "say")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    SAY_FIELD_NUMBER: _ClassVar[int]
    session: str
    say: _session_pb2.Say
    def __init__(self, session: _Optional[str] = ..., say: _Optional[_Union[_session_pb2.Say, _Mapping]] = ...) -> None: ...

class SayResponse(_message.Message):
    __slots__ = ("utterance",)
    UTTERANCE_FIELD_NUMBER: _ClassVar[int]
    utterance: int
    def __init__(self, utterance: _Optional[int] = ...) -> None: ...

class InterruptRequest(_message.Message):
    __slots__ = ("session", "interrupt")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    INTERRUPT_FIELD_NUMBER: _ClassVar[int]
    session: str
    interrupt: _session_pb2.Interrupt
    def __init__(self, session: _Optional[str] = ..., interrupt: _Optional[_Union[_session_pb2.Interrupt, _Mapping]] = ...) -> None: ...

class InterruptResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListVoicesRequest(_message.Message):
    __slots__ = ("language",)
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    language: str
    def __init__(self, language: _Optional[str] = ...) -> None: ...

class ListVoicesResponse(_message.Message):
    __slots__ = ("voices",)
    VOICES_FIELD_NUMBER: _ClassVar[int]
    voices: _containers.RepeatedCompositeFieldContainer[Voice]
    def __init__(self, voices: _Optional[_Iterable[_Union[Voice, _Mapping]]] = ...) -> None: ...

class Voice(_message.Message):
    __slots__ = ("name", "language", "engine", "label")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    ENGINE_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    name: str
    language: str
    engine: str
    label: str
    def __init__(self, name: _Optional[str] = ..., language: _Optional[str] = ..., engine: _Optional[str] = ..., label: _Optional[str] = ...) -> None: ...

class DescribeRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DescribeResponse(_message.Message):
    __slots__ = ("protocol", "server", "rig", "limits", "emotions", "sessions")
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    SERVER_FIELD_NUMBER: _ClassVar[int]
    RIG_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    EMOTIONS_FIELD_NUMBER: _ClassVar[int]
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    protocol: str
    server: str
    rig: _rig_pb2.Rig
    limits: _session_pb2.Limits
    emotions: _containers.RepeatedScalarFieldContainer[str]
    sessions: _containers.RepeatedCompositeFieldContainer[SessionState]
    def __init__(self, protocol: _Optional[str] = ..., server: _Optional[str] = ..., rig: _Optional[_Union[_rig_pb2.Rig, _Mapping]] = ..., limits: _Optional[_Union[_session_pb2.Limits, _Mapping]] = ..., emotions: _Optional[_Iterable[str]] = ..., sessions: _Optional[_Iterable[_Union[SessionState, _Mapping]]] = ...) -> None: ...

class SessionState(_message.Message):
    __slots__ = ("name", "subscribers", "speaking", "queued_texts", "now_us")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SUBSCRIBERS_FIELD_NUMBER: _ClassVar[int]
    SPEAKING_FIELD_NUMBER: _ClassVar[int]
    QUEUED_TEXTS_FIELD_NUMBER: _ClassVar[int]
    NOW_US_FIELD_NUMBER: _ClassVar[int]
    name: str
    subscribers: int
    speaking: bool
    queued_texts: int
    now_us: int
    def __init__(self, name: _Optional[str] = ..., subscribers: _Optional[int] = ..., speaking: _Optional[bool] = ..., queued_texts: _Optional[int] = ..., now_us: _Optional[int] = ...) -> None: ...

class ListInputsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListInputsResponse(_message.Message):
    __slots__ = ("inputs",)
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    inputs: _containers.RepeatedCompositeFieldContainer[Input]
    def __init__(self, inputs: _Optional[_Iterable[_Union[Input, _Mapping]]] = ...) -> None: ...

class Input(_message.Message):
    __slots__ = ("protocol", "address", "sessions", "devices", "faults", "refused", "listening")
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    DEVICES_FIELD_NUMBER: _ClassVar[int]
    FAULTS_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    LISTENING_FIELD_NUMBER: _ClassVar[int]
    protocol: str
    address: str
    sessions: _containers.RepeatedScalarFieldContainer[str]
    devices: _containers.RepeatedCompositeFieldContainer[InputDevice]
    faults: _containers.RepeatedCompositeFieldContainer[InputFault]
    refused: int
    listening: bool
    def __init__(self, protocol: _Optional[str] = ..., address: _Optional[str] = ..., sessions: _Optional[_Iterable[str]] = ..., devices: _Optional[_Iterable[_Union[InputDevice, _Mapping]]] = ..., faults: _Optional[_Iterable[_Union[InputFault, _Mapping]]] = ..., refused: _Optional[int] = ..., listening: _Optional[bool] = ...) -> None: ...

class InputDevice(_message.Message):
    __slots__ = ("name", "subject", "rate", "loss", "curves", "joints", "head", "sees", "silent_us")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    RATE_FIELD_NUMBER: _ClassVar[int]
    LOSS_FIELD_NUMBER: _ClassVar[int]
    CURVES_FIELD_NUMBER: _ClassVar[int]
    JOINTS_FIELD_NUMBER: _ClassVar[int]
    HEAD_FIELD_NUMBER: _ClassVar[int]
    SEES_FIELD_NUMBER: _ClassVar[int]
    SILENT_US_FIELD_NUMBER: _ClassVar[int]
    name: str
    subject: str
    rate: float
    loss: float
    curves: int
    joints: int
    head: bool
    sees: bool
    silent_us: int
    def __init__(self, name: _Optional[str] = ..., subject: _Optional[str] = ..., rate: _Optional[float] = ..., loss: _Optional[float] = ..., curves: _Optional[int] = ..., joints: _Optional[int] = ..., head: _Optional[bool] = ..., sees: _Optional[bool] = ..., silent_us: _Optional[int] = ...) -> None: ...

class InputFault(_message.Message):
    __slots__ = ("reason", "packets")
    REASON_FIELD_NUMBER: _ClassVar[int]
    PACKETS_FIELD_NUMBER: _ClassVar[int]
    reason: str
    packets: int
    def __init__(self, reason: _Optional[str] = ..., packets: _Optional[int] = ...) -> None: ...

class CalibrateRequest(_message.Message):
    __slots__ = ("session",)
    SESSION_FIELD_NUMBER: _ClassVar[int]
    session: str
    def __init__(self, session: _Optional[str] = ...) -> None: ...

class CalibrateResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListOutputsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListOutputsResponse(_message.Message):
    __slots__ = ("outputs",)
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    outputs: _containers.RepeatedCompositeFieldContainer[Output]
    def __init__(self, outputs: _Optional[_Iterable[_Union[Output, _Mapping]]] = ...) -> None: ...

class Output(_message.Message):
    __slots__ = ("protocol", "address", "session", "subject", "rate", "requested", "poses", "trouble")
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    RATE_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_FIELD_NUMBER: _ClassVar[int]
    POSES_FIELD_NUMBER: _ClassVar[int]
    TROUBLE_FIELD_NUMBER: _ClassVar[int]
    protocol: str
    address: str
    session: str
    subject: str
    rate: int
    requested: bool
    poses: int
    trouble: str
    def __init__(self, protocol: _Optional[str] = ..., address: _Optional[str] = ..., session: _Optional[str] = ..., subject: _Optional[str] = ..., rate: _Optional[int] = ..., requested: _Optional[bool] = ..., poses: _Optional[int] = ..., trouble: _Optional[str] = ...) -> None: ...

class SetOutputsRequest(_message.Message):
    __slots__ = ("session", "outputs")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    session: str
    outputs: _session_pb2.SetOutputs
    def __init__(self, session: _Optional[str] = ..., outputs: _Optional[_Union[_session_pb2.SetOutputs, _Mapping]] = ...) -> None: ...

class SetOutputsResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
