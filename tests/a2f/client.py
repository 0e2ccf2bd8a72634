"""A client of Audio2Face-3D with either family of stubs, in a Python that knows nothing of Rigcast.

    python client.py older|public HOST:PORT SOUND RATE burst|paced|cancelled

SOUND is a file of 16-bit mono samples. Prints what it got as JSON.
"""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc


def stubs(family: str) -> tuple[Any, ...]:
    """Messages of the stream, of its sound's header, the stub of the calls, and those of the configurations."""
    if family == "older":
        import a2f_controller_pb2_grpc
        import a2x_export_config_pb2
        import a2x_export_config_pb2_grpc
        import controller_pb2

        audio, messages, calls = controller_pb2, controller_pb2, a2f_controller_pb2_grpc
        names = ("AudioStream", "AudioStreamHeader")
    else:
        from nvidia_ace import audio_pb2 as audio
        from nvidia_audio2face_3d import a2x_export_config_pb2, a2x_export_config_pb2_grpc
        from nvidia_audio2face_3d import audio2face_pb2_grpc as calls
        from nvidia_audio2face_3d import messages_pb2 as messages

        names = ("AudioWithEmotionStream", "AudioWithEmotionStreamHeader")
    stream, header = (getattr(messages, name) for name in names)
    return messages, stream, header, audio.AudioHeader, calls, a2x_export_config_pb2, a2x_export_config_pb2_grpc


def main(family: str, target: str, path: str, rate: int, manner: str) -> dict[str, Any]:
    """Have the sound animated."""
    messages, stream, header, audio_header, calls, config, config_calls = stubs(family)
    pcm = Path(path).read_bytes()

    def sent() -> Iterator[Any]:
        yield stream(
            audio_stream_header=header(
                audio_header=audio_header(samples_per_second=rate, bits_per_sample=16, channel_count=1, audio_format=0),
                face_params=messages.FaceParameters(float_params={"lowerFaceStrength": 1.0, "faceMaskLevel": 0.6}),
                blendshape_params=messages.BlendShapeParameters(
                    bs_weight_multipliers={"JawOpen": 2.0, "EyeBlinkLeft": 0.0},
                    bs_weight_offsets={"TongueOut": 0.25},
                    enable_clamping_bs_weight=True,
                ),
                emotion_post_processing_params=messages.EmotionPostProcessingParameters(max_emotions=3),
            )
        )
        joy = messages.EmotionWithTimeCode(time_code=0.2, emotion={"joy": 1.0, "anger": 0.0})
        size = rate // 10 * 2 if manner == "paced" else rate * 2
        for i in range(0, len(pcm), size):
            part = messages.AudioWithEmotion(audio_buffer=pcm[i : i + size], emotions=[joy] if i == 0 else [])
            yield stream(audio_with_emotion=part)
            if manner == "paced":
                time.sleep(0.1)
        yield stream(end_of_audio=stream.EndOfAudio())

    found: dict[str, Any] = {"order": [], "times": [], "jaw": [], "smile": [], "blink": [], "tongue": [], "sound": ""}
    with grpc.insecure_channel(target, options=[("grpc.enable_http_proxy", 0)]) as channel:
        read = config_calls.A2XExportConfigServiceStub(channel).GetConfigs
        request = config.ConfigsTypeRequest(config_type=config.ConfigsTypeRequest.JSON)
        found["configs"] = {each.name: json.loads(each.content) for each in read(request)}
        call = calls.A2FControllerServiceStub(channel).ProcessAudioStream(sent())
        try:
            for message in call:
                note(found, message, messages)
                if manner == "cancelled" and len(found["times"]) == 3:
                    call.cancel()
        except grpc.RpcError as error:
            found["code"] = error.code().name
    return found


def note(found: dict[str, Any], message: Any, messages: Any) -> None:
    """Keep what a message says."""
    part = message.WhichOneof("stream_part")
    if part not in found["order"][-1:]:
        found["order"].append(part)
    if part == "animation_data_stream_header":
        found["names"] = list(message.animation_data_stream_header.skel_animation_header.blend_shapes)
        found["rate"] = message.animation_data_stream_header.audio_header.samples_per_second
    elif part == "animation_data":
        for frame in message.animation_data.skel_animation.blend_shape_weights:
            weights = dict(zip(found["names"], frame.values, strict=True))
            found["times"].append(frame.time_code)
            for key, name in (("jaw", "JawOpen"), ("smile", "MouthSmileLeft"), ("blink", "EyeBlinkLeft")):
                found[key].append(weights[name])
            found["tongue"].append(weights["TongueOut"])
        found["sound"] += message.animation_data.audio.audio_buffer.hex()
        if hasattr(messages, "EmotionAggregate"):
            emotions = messages.EmotionAggregate()
            if message.animation_data.metadata["emotion_aggregate"].Unpack(emotions):
                found["joy"] = emotions.a2f_smoothed_output[0].emotion["joy"]
    elif part == "status":
        found["status"] = [message.status.code, message.status.message]


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:4], int(sys.argv[4]), sys.argv[5])))
