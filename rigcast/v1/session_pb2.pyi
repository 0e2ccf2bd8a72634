from rigcast.v1 import rig_pb2 as _rig_pb2
from rigcast.v1 import stream_pb2 as _stream_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class FrameForm(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FRAME_FORM_UNSPECIFIED: _ClassVar[FrameForm]
    FRAME_FORM_PACKED: _ClassVar[FrameForm]
    FRAME_FORM_PLAIN: _ClassVar[FrameForm]

class SampleFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SAMPLE_FORMAT_UNSPECIFIED: _ClassVar[SampleFormat]
    SAMPLE_FORMAT_S16: _ClassVar[SampleFormat]
    SAMPLE_FORMAT_F32: _ClassVar[SampleFormat]

class ErrorCode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERROR_CODE_UNSPECIFIED: _ClassVar[ErrorCode]
    ERROR_CODE_INVALID_ARGUMENT: _ClassVar[ErrorCode]
    ERROR_CODE_FAILED_PRECONDITION: _ClassVar[ErrorCode]
    ERROR_CODE_NOT_FOUND: _ClassVar[ErrorCode]
    ERROR_CODE_RESOURCE_EXHAUSTED: _ClassVar[ErrorCode]
    ERROR_CODE_UNAUTHENTICATED: _ClassVar[ErrorCode]
    ERROR_CODE_UNAVAILABLE: _ClassVar[ErrorCode]
    ERROR_CODE_INTERNAL: _ClassVar[ErrorCode]
    ERROR_CODE_PERMISSION_DENIED: _ClassVar[ErrorCode]
FRAME_FORM_UNSPECIFIED: FrameForm
FRAME_FORM_PACKED: FrameForm
FRAME_FORM_PLAIN: FrameForm
SAMPLE_FORMAT_UNSPECIFIED: SampleFormat
SAMPLE_FORMAT_S16: SampleFormat
SAMPLE_FORMAT_F32: SampleFormat
ERROR_CODE_UNSPECIFIED: ErrorCode
ERROR_CODE_INVALID_ARGUMENT: ErrorCode
ERROR_CODE_FAILED_PRECONDITION: ErrorCode
ERROR_CODE_NOT_FOUND: ErrorCode
ERROR_CODE_RESOURCE_EXHAUSTED: ErrorCode
ERROR_CODE_UNAUTHENTICATED: ErrorCode
ERROR_CODE_UNAVAILABLE: ErrorCode
ERROR_CODE_INTERNAL: ErrorCode
ERROR_CODE_PERMISSION_DENIED: ErrorCode

class ClientMessage(_message.Message):
    __slots__ = ("request_id", "join", "say", "interrupt", "set_emotion", "look_at", "ping", "start_audio", "push_audio", "end_audio", "set_outputs")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    JOIN_FIELD_NUMBER: _ClassVar[int]
    SAY_FIELD_NUMBER: _ClassVar[int]
    INTERRUPT_FIELD_NUMBER: _ClassVar[int]
    SET_EMOTION_FIELD_NUMBER: _ClassVar[int]
    LOOK_AT_FIELD_NUMBER: _ClassVar[int]
    PING_FIELD_NUMBER: _ClassVar[int]
    START_AUDIO_FIELD_NUMBER: _ClassVar[int]
    PUSH_AUDIO_FIELD_NUMBER: _ClassVar[int]
    END_AUDIO_FIELD_NUMBER: _ClassVar[int]
    SET_OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    request_id: int
    join: Join
    say: Say
    interrupt: Interrupt
    set_emotion: SetEmotion
    look_at: LookAt
    ping: Ping
    start_audio: StartAudio
    push_audio: PushAudio
    end_audio: EndAudio
    set_outputs: SetOutputs
    def __init__(self, request_id: _Optional[int] = ..., join: _Optional[_Union[Join, _Mapping]] = ..., say: _Optional[_Union[Say, _Mapping]] = ..., interrupt: _Optional[_Union[Interrupt, _Mapping]] = ..., set_emotion: _Optional[_Union[SetEmotion, _Mapping]] = ..., look_at: _Optional[_Union[LookAt, _Mapping]] = ..., ping: _Optional[_Union[Ping, _Mapping]] = ..., start_audio: _Optional[_Union[StartAudio, _Mapping]] = ..., push_audio: _Optional[_Union[PushAudio, _Mapping]] = ..., end_audio: _Optional[_Union[EndAudio, _Mapping]] = ..., set_outputs: _Optional[_Union[SetOutputs, _Mapping]] = ...) -> None: ...

class ServerMessage(_message.Message):
    __slots__ = ("welcome", "frame", "plain_frame", "audio", "forget", "event", "dropped", "accepted", "pong", "error", "batch")
    WELCOME_FIELD_NUMBER: _ClassVar[int]
    FRAME_FIELD_NUMBER: _ClassVar[int]
    PLAIN_FRAME_FIELD_NUMBER: _ClassVar[int]
    AUDIO_FIELD_NUMBER: _ClassVar[int]
    FORGET_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    DROPPED_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    PONG_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    welcome: Welcome
    frame: _stream_pb2.Frame
    plain_frame: _stream_pb2.PlainFrame
    audio: _stream_pb2.AudioChunk
    forget: _stream_pb2.Forget
    event: _stream_pb2.Event
    dropped: _stream_pb2.Dropped
    accepted: Accepted
    pong: Pong
    error: Error
    batch: Batch
    def __init__(self, welcome: _Optional[_Union[Welcome, _Mapping]] = ..., frame: _Optional[_Union[_stream_pb2.Frame, _Mapping]] = ..., plain_frame: _Optional[_Union[_stream_pb2.PlainFrame, _Mapping]] = ..., audio: _Optional[_Union[_stream_pb2.AudioChunk, _Mapping]] = ..., forget: _Optional[_Union[_stream_pb2.Forget, _Mapping]] = ..., event: _Optional[_Union[_stream_pb2.Event, _Mapping]] = ..., dropped: _Optional[_Union[_stream_pb2.Dropped, _Mapping]] = ..., accepted: _Optional[_Union[Accepted, _Mapping]] = ..., pong: _Optional[_Union[Pong, _Mapping]] = ..., error: _Optional[_Union[Error, _Mapping]] = ..., batch: _Optional[_Union[Batch, _Mapping]] = ...) -> None: ...

class Batch(_message.Message):
    __slots__ = ("messages",)
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    messages: _containers.RepeatedCompositeFieldContainer[ServerMessage]
    def __init__(self, messages: _Optional[_Iterable[_Union[ServerMessage, _Mapping]]] = ...) -> None: ...

class Join(_message.Message):
    __slots__ = ("session", "frame_form", "no_frames", "no_audio", "no_events", "batched")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    FRAME_FORM_FIELD_NUMBER: _ClassVar[int]
    NO_FRAMES_FIELD_NUMBER: _ClassVar[int]
    NO_AUDIO_FIELD_NUMBER: _ClassVar[int]
    NO_EVENTS_FIELD_NUMBER: _ClassVar[int]
    BATCHED_FIELD_NUMBER: _ClassVar[int]
    session: str
    frame_form: FrameForm
    no_frames: bool
    no_audio: bool
    no_events: bool
    batched: bool
    def __init__(self, session: _Optional[str] = ..., frame_form: _Optional[_Union[FrameForm, str]] = ..., no_frames: _Optional[bool] = ..., no_audio: _Optional[bool] = ..., no_events: _Optional[bool] = ..., batched: _Optional[bool] = ...) -> None: ...

class Welcome(_message.Message):
    __slots__ = ("protocol", "server", "session", "rig", "now_us", "lead_us", "emotions", "limits", "no_live_audio")
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    SERVER_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    RIG_FIELD_NUMBER: _ClassVar[int]
    NOW_US_FIELD_NUMBER: _ClassVar[int]
    LEAD_US_FIELD_NUMBER: _ClassVar[int]
    EMOTIONS_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    NO_LIVE_AUDIO_FIELD_NUMBER: _ClassVar[int]
    protocol: str
    server: str
    session: str
    rig: _rig_pb2.Rig
    now_us: int
    lead_us: int
    emotions: _containers.RepeatedScalarFieldContainer[str]
    limits: Limits
    no_live_audio: str
    def __init__(self, protocol: _Optional[str] = ..., server: _Optional[str] = ..., session: _Optional[str] = ..., rig: _Optional[_Union[_rig_pb2.Rig, _Mapping]] = ..., now_us: _Optional[int] = ..., lead_us: _Optional[int] = ..., emotions: _Optional[_Iterable[str]] = ..., limits: _Optional[_Union[Limits, _Mapping]] = ..., no_live_audio: _Optional[str] = ...) -> None: ...

class Limits(_message.Message):
    __slots__ = ("text_characters", "message_bytes", "sessions", "subscribers", "queued_texts", "waiting_audio_us", "messages_per_s", "bytes_per_s", "outputs")
    TEXT_CHARACTERS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    SUBSCRIBERS_FIELD_NUMBER: _ClassVar[int]
    QUEUED_TEXTS_FIELD_NUMBER: _ClassVar[int]
    WAITING_AUDIO_US_FIELD_NUMBER: _ClassVar[int]
    MESSAGES_PER_S_FIELD_NUMBER: _ClassVar[int]
    BYTES_PER_S_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    text_characters: int
    message_bytes: int
    sessions: int
    subscribers: int
    queued_texts: int
    waiting_audio_us: int
    messages_per_s: int
    bytes_per_s: int
    outputs: int
    def __init__(self, text_characters: _Optional[int] = ..., message_bytes: _Optional[int] = ..., sessions: _Optional[int] = ..., subscribers: _Optional[int] = ..., queued_texts: _Optional[int] = ..., waiting_audio_us: _Optional[int] = ..., messages_per_s: _Optional[int] = ..., bytes_per_s: _Optional[int] = ..., outputs: _Optional[int] = ...) -> None: ...

class Say(_message.Message):
    __slots__ = ("text", "voice", "rate", "pitch", "interrupt")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    VOICE_FIELD_NUMBER: _ClassVar[int]
    RATE_FIELD_NUMBER: _ClassVar[int]
    PITCH_FIELD_NUMBER: _ClassVar[int]
    INTERRUPT_FIELD_NUMBER: _ClassVar[int]
    text: str
    voice: str
    rate: float
    pitch: float
    interrupt: bool
    def __init__(self, text: _Optional[str] = ..., voice: _Optional[str] = ..., rate: _Optional[float] = ..., pitch: _Optional[float] = ..., interrupt: _Optional[bool] = ...) -> None: ...

class Interrupt(_message.Message):
    __slots__ = ("time_us",)
    TIME_US_FIELD_NUMBER: _ClassVar[int]
    time_us: int
    def __init__(self, time_us: _Optional[int] = ...) -> None: ...

class StartAudio(_message.Message):
    __slots__ = ("sample_rate", "channels", "format", "interrupt", "no_echo", "strength")
    SAMPLE_RATE_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    INTERRUPT_FIELD_NUMBER: _ClassVar[int]
    NO_ECHO_FIELD_NUMBER: _ClassVar[int]
    STRENGTH_FIELD_NUMBER: _ClassVar[int]
    sample_rate: int
    channels: int
    format: SampleFormat
    interrupt: bool
    no_echo: bool
    strength: float
    def __init__(self, sample_rate: _Optional[int] = ..., channels: _Optional[int] = ..., format: _Optional[_Union[SampleFormat, str]] = ..., interrupt: _Optional[bool] = ..., no_echo: _Optional[bool] = ..., strength: _Optional[float] = ...) -> None: ...

class PushAudio(_message.Message):
    __slots__ = ("samples", "first_sample")
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    FIRST_SAMPLE_FIELD_NUMBER: _ClassVar[int]
    samples: bytes
    first_sample: int
    def __init__(self, samples: _Optional[bytes] = ..., first_sample: _Optional[int] = ...) -> None: ...

class EndAudio(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class SetEmotion(_message.Message):
    __slots__ = ("emotion", "intensity")
    EMOTION_FIELD_NUMBER: _ClassVar[int]
    INTENSITY_FIELD_NUMBER: _ClassVar[int]
    emotion: str
    intensity: float
    def __init__(self, emotion: _Optional[str] = ..., intensity: _Optional[float] = ...) -> None: ...

class LookAt(_message.Message):
    __slots__ = ("target",)
    TARGET_FIELD_NUMBER: _ClassVar[int]
    target: _rig_pb2.Vector3
    def __init__(self, target: _Optional[_Union[_rig_pb2.Vector3, _Mapping]] = ...) -> None: ...

class SetOutputs(_message.Message):
    __slots__ = ("livelink", "vmc")
    LIVELINK_FIELD_NUMBER: _ClassVar[int]
    VMC_FIELD_NUMBER: _ClassVar[int]
    livelink: _containers.RepeatedScalarFieldContainer[str]
    vmc: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, livelink: _Optional[_Iterable[str]] = ..., vmc: _Optional[_Iterable[str]] = ...) -> None: ...

class Ping(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Pong(_message.Message):
    __slots__ = ("request_id", "now_us")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    NOW_US_FIELD_NUMBER: _ClassVar[int]
    request_id: int
    now_us: int
    def __init__(self, request_id: _Optional[int] = ..., now_us: _Optional[int] = ...) -> None: ...

class Accepted(_message.Message):
    __slots__ = ("request_id", "utterance")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    UTTERANCE_FIELD_NUMBER: _ClassVar[int]
    request_id: int
    utterance: int
    def __init__(self, request_id: _Optional[int] = ..., utterance: _Optional[int] = ...) -> None: ...

class Error(_message.Message):
    __slots__ = ("request_id", "code", "message", "field", "limit")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    request_id: int
    code: ErrorCode
    message: str
    field: str
    limit: int
    def __init__(self, request_id: _Optional[int] = ..., code: _Optional[_Union[ErrorCode, str]] = ..., message: _Optional[str] = ..., field: _Optional[str] = ..., limit: _Optional[int] = ...) -> None: ...
