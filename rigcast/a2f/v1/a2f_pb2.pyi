from google.protobuf import any_pb2 as _any_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ClientMessage(_message.Message):
    __slots__ = ("header", "sound", "end_of_sound")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    SOUND_FIELD_NUMBER: _ClassVar[int]
    END_OF_SOUND_FIELD_NUMBER: _ClassVar[int]
    header: ClientHeader
    sound: Sound
    end_of_sound: EndOfSound
    def __init__(self, header: _Optional[_Union[ClientHeader, _Mapping]] = ..., sound: _Optional[_Union[Sound, _Mapping]] = ..., end_of_sound: _Optional[_Union[EndOfSound, _Mapping]] = ...) -> None: ...

class ClientHeader(_message.Message):
    __slots__ = ("sound_format", "face", "emotion_treatment", "weighting", "emotion_start")
    SOUND_FORMAT_FIELD_NUMBER: _ClassVar[int]
    FACE_FIELD_NUMBER: _ClassVar[int]
    EMOTION_TREATMENT_FIELD_NUMBER: _ClassVar[int]
    WEIGHTING_FIELD_NUMBER: _ClassVar[int]
    EMOTION_START_FIELD_NUMBER: _ClassVar[int]
    sound_format: SoundFormat
    face: FaceParameters
    emotion_treatment: EmotionTreatment
    weighting: Weighting
    emotion_start: EmotionStart
    def __init__(self, sound_format: _Optional[_Union[SoundFormat, _Mapping]] = ..., face: _Optional[_Union[FaceParameters, _Mapping]] = ..., emotion_treatment: _Optional[_Union[EmotionTreatment, _Mapping]] = ..., weighting: _Optional[_Union[Weighting, _Mapping]] = ..., emotion_start: _Optional[_Union[EmotionStart, _Mapping]] = ...) -> None: ...

class SoundFormat(_message.Message):
    __slots__ = ("kind", "channels", "rate", "bits_per_sample")
    KIND_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    RATE_FIELD_NUMBER: _ClassVar[int]
    BITS_PER_SAMPLE_FIELD_NUMBER: _ClassVar[int]
    kind: int
    channels: int
    rate: int
    bits_per_sample: int
    def __init__(self, kind: _Optional[int] = ..., channels: _Optional[int] = ..., rate: _Optional[int] = ..., bits_per_sample: _Optional[int] = ...) -> None: ...

class FaceParameters(_message.Message):
    __slots__ = ("floats", "integers", "float_arrays")
    class FloatsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    class IntegersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    class FloatArraysEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: Floats
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Floats, _Mapping]] = ...) -> None: ...
    FLOATS_FIELD_NUMBER: _ClassVar[int]
    INTEGERS_FIELD_NUMBER: _ClassVar[int]
    FLOAT_ARRAYS_FIELD_NUMBER: _ClassVar[int]
    floats: _containers.ScalarMap[str, float]
    integers: _containers.ScalarMap[str, int]
    float_arrays: _containers.MessageMap[str, Floats]
    def __init__(self, floats: _Optional[_Mapping[str, float]] = ..., integers: _Optional[_Mapping[str, int]] = ..., float_arrays: _Optional[_Mapping[str, Floats]] = ...) -> None: ...

class Floats(_message.Message):
    __slots__ = ("values",)
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, values: _Optional[_Iterable[float]] = ...) -> None: ...

class EmotionTreatment(_message.Message):
    __slots__ = ("contrast", "blending", "prefer_given", "given_strength", "strength", "most")
    CONTRAST_FIELD_NUMBER: _ClassVar[int]
    BLENDING_FIELD_NUMBER: _ClassVar[int]
    PREFER_GIVEN_FIELD_NUMBER: _ClassVar[int]
    GIVEN_STRENGTH_FIELD_NUMBER: _ClassVar[int]
    STRENGTH_FIELD_NUMBER: _ClassVar[int]
    MOST_FIELD_NUMBER: _ClassVar[int]
    contrast: float
    blending: float
    prefer_given: bool
    given_strength: float
    strength: float
    most: int
    def __init__(self, contrast: _Optional[float] = ..., blending: _Optional[float] = ..., prefer_given: _Optional[bool] = ..., given_strength: _Optional[float] = ..., strength: _Optional[float] = ..., most: _Optional[int] = ...) -> None: ...

class Weighting(_message.Message):
    __slots__ = ("multipliers", "offsets", "clamped")
    class MultipliersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    class OffsetsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    MULTIPLIERS_FIELD_NUMBER: _ClassVar[int]
    OFFSETS_FIELD_NUMBER: _ClassVar[int]
    CLAMPED_FIELD_NUMBER: _ClassVar[int]
    multipliers: _containers.ScalarMap[str, float]
    offsets: _containers.ScalarMap[str, float]
    clamped: bool
    def __init__(self, multipliers: _Optional[_Mapping[str, float]] = ..., offsets: _Optional[_Mapping[str, float]] = ..., clamped: _Optional[bool] = ...) -> None: ...

class EmotionStart(_message.Message):
    __slots__ = ("transition", "shares")
    class SharesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    TRANSITION_FIELD_NUMBER: _ClassVar[int]
    SHARES_FIELD_NUMBER: _ClassVar[int]
    transition: float
    shares: _containers.ScalarMap[str, float]
    def __init__(self, transition: _Optional[float] = ..., shares: _Optional[_Mapping[str, float]] = ...) -> None: ...

class Sound(_message.Message):
    __slots__ = ("samples", "emotions")
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    EMOTIONS_FIELD_NUMBER: _ClassVar[int]
    samples: bytes
    emotions: _containers.RepeatedCompositeFieldContainer[EmotionAt]
    def __init__(self, samples: _Optional[bytes] = ..., emotions: _Optional[_Iterable[_Union[EmotionAt, _Mapping]]] = ...) -> None: ...

class EmotionAt(_message.Message):
    __slots__ = ("time", "shares")
    class SharesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    TIME_FIELD_NUMBER: _ClassVar[int]
    SHARES_FIELD_NUMBER: _ClassVar[int]
    time: float
    shares: _containers.ScalarMap[str, float]
    def __init__(self, time: _Optional[float] = ..., shares: _Optional[_Mapping[str, float]] = ...) -> None: ...

class EndOfSound(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ServerMessage(_message.Message):
    __slots__ = ("header", "animation", "event", "status")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    ANIMATION_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    header: ServerHeader
    animation: Animation
    event: Event
    status: Status
    def __init__(self, header: _Optional[_Union[ServerHeader, _Mapping]] = ..., animation: _Optional[_Union[Animation, _Mapping]] = ..., event: _Optional[_Union[Event, _Mapping]] = ..., status: _Optional[_Union[Status, _Mapping]] = ...) -> None: ...

class ServerHeader(_message.Message):
    __slots__ = ("sound_format", "skeleton", "start")
    SOUND_FORMAT_FIELD_NUMBER: _ClassVar[int]
    SKELETON_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    sound_format: SoundFormat
    skeleton: Skeleton
    start: float
    def __init__(self, sound_format: _Optional[_Union[SoundFormat, _Mapping]] = ..., skeleton: _Optional[_Union[Skeleton, _Mapping]] = ..., start: _Optional[float] = ...) -> None: ...

class Skeleton(_message.Message):
    __slots__ = ("blend_shapes", "joints")
    BLEND_SHAPES_FIELD_NUMBER: _ClassVar[int]
    JOINTS_FIELD_NUMBER: _ClassVar[int]
    blend_shapes: _containers.RepeatedScalarFieldContainer[str]
    joints: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, blend_shapes: _Optional[_Iterable[str]] = ..., joints: _Optional[_Iterable[str]] = ...) -> None: ...

class Animation(_message.Message):
    __slots__ = ("pose", "sound", "metadata")
    class MetadataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _any_pb2.Any
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_any_pb2.Any, _Mapping]] = ...) -> None: ...
    POSE_FIELD_NUMBER: _ClassVar[int]
    SOUND_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    pose: Pose
    sound: SoundAt
    metadata: _containers.MessageMap[str, _any_pb2.Any]
    def __init__(self, pose: _Optional[_Union[Pose, _Mapping]] = ..., sound: _Optional[_Union[SoundAt, _Mapping]] = ..., metadata: _Optional[_Mapping[str, _any_pb2.Any]] = ...) -> None: ...

class Pose(_message.Message):
    __slots__ = ("weights",)
    WEIGHTS_FIELD_NUMBER: _ClassVar[int]
    weights: _containers.RepeatedCompositeFieldContainer[Weights]
    def __init__(self, weights: _Optional[_Iterable[_Union[Weights, _Mapping]]] = ...) -> None: ...

class Weights(_message.Message):
    __slots__ = ("time", "values")
    TIME_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    time: float
    values: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, time: _Optional[float] = ..., values: _Optional[_Iterable[float]] = ...) -> None: ...

class SoundAt(_message.Message):
    __slots__ = ("time", "samples")
    TIME_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    time: float
    samples: bytes
    def __init__(self, time: _Optional[float] = ..., samples: _Optional[bytes] = ...) -> None: ...

class Event(_message.Message):
    __slots__ = ("kind",)
    KIND_FIELD_NUMBER: _ClassVar[int]
    kind: int
    def __init__(self, kind: _Optional[int] = ...) -> None: ...

class Status(_message.Message):
    __slots__ = ("code", "message")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    code: int
    message: str
    def __init__(self, code: _Optional[int] = ..., message: _Optional[str] = ...) -> None: ...

class Emotions(_message.Message):
    __slots__ = ("shown",)
    SHOWN_FIELD_NUMBER: _ClassVar[int]
    shown: _containers.RepeatedCompositeFieldContainer[EmotionAt]
    def __init__(self, shown: _Optional[_Iterable[_Union[EmotionAt, _Mapping]]] = ...) -> None: ...

class ConfigsRequest(_message.Message):
    __slots__ = ("kind",)
    KIND_FIELD_NUMBER: _ClassVar[int]
    kind: int
    def __init__(self, kind: _Optional[int] = ...) -> None: ...

class ConfigFile(_message.Message):
    __slots__ = ("name", "content")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    name: str
    content: str
    def __init__(self, name: _Optional[str] = ..., content: _Optional[str] = ...) -> None: ...
