from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EndReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    END_REASON_UNSPECIFIED: _ClassVar[EndReason]
    END_REASON_FINISHED: _ClassVar[EndReason]
    END_REASON_INTERRUPTED: _ClassVar[EndReason]
    END_REASON_FAILED: _ClassVar[EndReason]
END_REASON_UNSPECIFIED: EndReason
END_REASON_FINISHED: EndReason
END_REASON_INTERRUPTED: EndReason
END_REASON_FAILED: EndReason

class Frame(_message.Message):
    __slots__ = ("time_us", "sequence", "curves", "rotations", "root")
    TIME_US_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    CURVES_FIELD_NUMBER: _ClassVar[int]
    ROTATIONS_FIELD_NUMBER: _ClassVar[int]
    ROOT_FIELD_NUMBER: _ClassVar[int]
    time_us: int
    sequence: int
    curves: bytes
    rotations: bytes
    root: bytes
    def __init__(self, time_us: _Optional[int] = ..., sequence: _Optional[int] = ..., curves: _Optional[bytes] = ..., rotations: _Optional[bytes] = ..., root: _Optional[bytes] = ...) -> None: ...

class PlainFrame(_message.Message):
    __slots__ = ("time_us", "sequence", "curves", "rotations", "root")
    TIME_US_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    CURVES_FIELD_NUMBER: _ClassVar[int]
    ROTATIONS_FIELD_NUMBER: _ClassVar[int]
    ROOT_FIELD_NUMBER: _ClassVar[int]
    time_us: int
    sequence: int
    curves: _containers.RepeatedScalarFieldContainer[float]
    rotations: _containers.RepeatedScalarFieldContainer[float]
    root: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, time_us: _Optional[int] = ..., sequence: _Optional[int] = ..., curves: _Optional[_Iterable[float]] = ..., rotations: _Optional[_Iterable[float]] = ..., root: _Optional[_Iterable[float]] = ...) -> None: ...

class AudioChunk(_message.Message):
    __slots__ = ("time_us", "sequence", "pcm")
    TIME_US_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    PCM_FIELD_NUMBER: _ClassVar[int]
    time_us: int
    sequence: int
    pcm: bytes
    def __init__(self, time_us: _Optional[int] = ..., sequence: _Optional[int] = ..., pcm: _Optional[bytes] = ...) -> None: ...

class Forget(_message.Message):
    __slots__ = ("time_us",)
    TIME_US_FIELD_NUMBER: _ClassVar[int]
    time_us: int
    def __init__(self, time_us: _Optional[int] = ...) -> None: ...

class Dropped(_message.Message):
    __slots__ = ("frames", "audio_us")
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    AUDIO_US_FIELD_NUMBER: _ClassVar[int]
    frames: int
    audio_us: int
    def __init__(self, frames: _Optional[int] = ..., audio_us: _Optional[int] = ...) -> None: ...

class Event(_message.Message):
    __slots__ = ("time_us", "utterance_started", "utterance_ended", "phone", "word", "emotion_changed")
    TIME_US_FIELD_NUMBER: _ClassVar[int]
    UTTERANCE_STARTED_FIELD_NUMBER: _ClassVar[int]
    UTTERANCE_ENDED_FIELD_NUMBER: _ClassVar[int]
    PHONE_FIELD_NUMBER: _ClassVar[int]
    WORD_FIELD_NUMBER: _ClassVar[int]
    EMOTION_CHANGED_FIELD_NUMBER: _ClassVar[int]
    time_us: int
    utterance_started: UtteranceStarted
    utterance_ended: UtteranceEnded
    phone: Phone
    word: Word
    emotion_changed: EmotionChanged
    def __init__(self, time_us: _Optional[int] = ..., utterance_started: _Optional[_Union[UtteranceStarted, _Mapping]] = ..., utterance_ended: _Optional[_Union[UtteranceEnded, _Mapping]] = ..., phone: _Optional[_Union[Phone, _Mapping]] = ..., word: _Optional[_Union[Word, _Mapping]] = ..., emotion_changed: _Optional[_Union[EmotionChanged, _Mapping]] = ...) -> None: ...

class UtteranceStarted(_message.Message):
    __slots__ = ("utterance", "text")
    UTTERANCE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    utterance: int
    text: str
    def __init__(self, utterance: _Optional[int] = ..., text: _Optional[str] = ...) -> None: ...

class UtteranceEnded(_message.Message):
    __slots__ = ("utterance", "reason", "detail")
    UTTERANCE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    utterance: int
    reason: EndReason
    detail: str
    def __init__(self, utterance: _Optional[int] = ..., reason: _Optional[_Union[EndReason, str]] = ..., detail: _Optional[str] = ...) -> None: ...

class Phone(_message.Message):
    __slots__ = ("symbol", "duration_us")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    DURATION_US_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    duration_us: int
    def __init__(self, symbol: _Optional[str] = ..., duration_us: _Optional[int] = ...) -> None: ...

class Word(_message.Message):
    __slots__ = ("text", "utterance")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    UTTERANCE_FIELD_NUMBER: _ClassVar[int]
    text: str
    utterance: int
    def __init__(self, text: _Optional[str] = ..., utterance: _Optional[int] = ...) -> None: ...

class EmotionChanged(_message.Message):
    __slots__ = ("emotion", "intensity")
    EMOTION_FIELD_NUMBER: _ClassVar[int]
    INTENSITY_FIELD_NUMBER: _ClassVar[int]
    emotion: str
    intensity: float
    def __init__(self, emotion: _Optional[str] = ..., intensity: _Optional[float] = ...) -> None: ...
