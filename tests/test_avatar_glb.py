"""Binary glTF from strangers: ours passes, and whatever is wrong is named with its place."""

import json
import struct
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest

from bridge.avatar import glb
from bridge.avatar.glb import GlbError
from bridge.cli import main

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4s", 13, b"IHDR")


def made(found: Any, binary: bytes = b"", *, text: bytes | None = None) -> bytes:
    """A file with this document and this binary part."""
    text = json.dumps(found).encode() if text is None else text
    text += b" " * (-len(text) % 4)
    parts = struct.pack("<II", len(text), glb.JSON_CHUNK) + text
    if binary:
        binary += bytes(-len(binary) % 4)
        parts += struct.pack("<II", len(binary), glb.BINARY_CHUNK) + binary
    return struct.pack("<III", glb.MAGIC, glb.VERSION, 12 + len(parts)) + parts


FLOATS_ALONE = {"componentType": 5126, "type": "SCALAR", "count": 4}
FLOATS = FLOATS_ALONE | {"bufferView": 0}
VIEW = {"buffer": 0, "byteLength": 16}


def whole(**more: Any) -> dict[str, Any]:
    """A sound document over 16 bytes."""
    return {"buffers": [{"byteLength": 16}], "bufferViews": [VIEW], "accessors": [FLOATS]} | more


def accessor(**more: Any) -> dict[str, Any]:
    return whole(accessors=[FLOATS | more])


def sparse(count: int, view: int = 0) -> dict[str, Any]:
    indices = {"bufferView": view, "componentType": 5123}
    return accessor(sparse={"count": count, "indices": indices, "values": {"bufferView": 0}})


def chain(length: int) -> list[dict[str, Any]]:
    return [{"children": [i + 1]} for i in range(length)] + [{}]


JPEG = b"\xff\xd8\xff\xe0\0\x06JFIF\xff\xff\xdb\0\x03\0\xff\xc2\0\x11\x08"
"""Up to the height, behind other parts and a byte that fills."""
WEBP = b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f" + struct.pack("<I", 2**28 - 1) + bytes(8)


def pictured(*pictures: bytes) -> bytes:
    """A file of these pictures."""
    ends = list(accumulate(map(len, pictures)))
    views = [{"byteOffset": end - len(data), "byteLength": len(data)} for end, data in zip(ends, pictures, strict=True)]
    return made({"bufferViews": views, "images": [{"bufferView": i} for i in range(len(views))]}, b"".join(pictures))


def test_a_sound_file_passes() -> None:
    assert glb.document(made(whole(), bytes(16))) == whole()
    glb.document(made(sparse(2), bytes(16)))
    glb.document(made({"nodes": chain(200)}))


CASES = {
    "nothing": (b"", "no .vrm or .glb"),
    "a pickle": (b"\x80\x04\x95" + bytes(50), "no .vrm or .glb"),
    "version 1": (struct.pack("<III", glb.MAGIC, 1, 20) + bytes(8), "version 1; only 2"),
    "cut off": (made(whole(), bytes(16))[:-4], "its header says"),
    "something behind it": (made(whole(), bytes(16)) + b"more", "its header says"),
    "a part that is too long": (struct.pack("<IIIII", glb.MAGIC, 2, 20, 99, glb.JSON_CHUNK), "behind the file's end"),
    "no JSON": (struct.pack("<IIIII", glb.MAGIC, 2, 20, 0, glb.BINARY_CHUNK), "first part must be JSON"),
    "JSON that is none": (made(None, text=b"{]"), "its JSON is none"),
    "JSON that is no UTF-8": (made(None, text=b'{"a":"\xff"}'), "its JSON is none"),
    "JSON that is a list": (made([]), "must be an object"),
    "JSON nested deep": (made(None, text=b"[" * 100_000), "nested too deep"),
    "a list that is none": (made({"nodes": 5}), "nodes must be a list of objects"),
    "a list of none": (made({"nodes": [5]}), "nodes must be a list of objects"),
    "too many nodes": (made({"nodes": [{}] * 100_001}), "100001 nodes, the limit is 100000"),
    "a buffer elsewhere": (made({"buffers": [{"uri": "../../etc/passwd"}]}), r"buffers\[0\] lies in another place"),
    "a picture elsewhere": (made({"images": [{"uri": "http://evil.example/a.png"}]}), r"images\[0\] lies in another"),
    "two buffers": (made({"buffers": [{}, {}]}), "more than one buffer"),
    "a view behind the end": (made(whole(bufferViews=[VIEW | {"byteLength": 99}]), bytes(16)), "ends at byte 99"),
    "a view before the beginning": (made(whole(bufferViews=[VIEW | {"byteOffset": -4}]), bytes(16)), "a size of -4"),
    "a view without an end": (made(whole(bufferViews=[VIEW | {"byteLength": 2**70}]), bytes(16)), "a size of 1180591"),
    "a view of half a byte": (made(whole(bufferViews=[VIEW | {"byteLength": 0.5}]), bytes(16)), "a size of 0.5"),
    "too many values": (made(accessor(count=5), bytes(16)), r"accessors\[0\] needs 20 bytes, and its view has 16"),
    "an unknown type": (made(accessor(type="VEC9"), bytes(16)), "no type that glTF knows"),
    "an unknown view": (made(accessor(bufferView=7), bytes(16)), "names 7, and there are 1"),
    "a view that is true": (made(accessor(bufferView=True), bytes(16)), "names True"),
    "zeros without an end": (made({"accessors": [FLOATS | {"count": 10**9} | {"bufferView": 0}]}), "names 0"),
    "only zeros": (made({"accessors": [FLOATS_ALONE | {"count": 10**9}]}), "1000000000 zeros"),
    "more exceptions than values": (made(sparse(9), bytes(16)), r"sparse has 9 values for 4"),
    "exceptions nowhere": (made(sparse(2, view=3), bytes(16)), "names 3"),
    "nodes in a ring": (made({"nodes": [{"children": [1]}, {"children": [0]}]}), "below itself"),
    "a node below two": (made({"nodes": [{"children": [2]}, {"children": [2]}, {}]}), "hangs below two others"),
    "nodes 300 deep": (made({"nodes": chain(300)}), "more than 256 deep"),
    "a child that there is not": (made({"nodes": [{"children": [9]}]}), "names 9"),
    "fields that are missing": (made({"accessors": [{}]}), "not as glTF has it: KeyError"),
    "a picture of 4 gigapixels": (pictured(PNG + b"\0\0\xff\xff" * 2), r"images\[0\] is 65535 by 65535 pixels"),
    "a JPEG of 2 gigapixels": (pictured(JPEG + b"\xff\xff\x80\x00"), "32768 by 65535 pixels"),
    "a JPEG that tells its height at the end": (pictured(JPEG + b"\0\0\0\x10"), "16 by 65535 pixels"),
    "a WebP of 268 megapixels": (pictured(WEBP), "16384 by 16384 pixels"),
    "many small pictures": (pictured(*[PNG + b"\0\0\x20\0" * 2] * 5), "335544320 pixels, the limit is 268435456"),
    "a picture that is none": (pictured(b"GIF89a" + bytes(24)), "neither PNG, JPEG nor WebP"),
    "a picture that was cut off": (pictured(PNG), "ends in its head"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_is_wrong_is_named(name: str) -> None:
    data, words = CASES[name]
    with pytest.raises(GlbError, match=words):
        glb.document(data)


def test_a_file_too_large_is_not_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glb, "LARGEST_FILE", 1000)
    (tmp_path / "a.glb").write_bytes(bytes(5000))
    data = glb.bytes_of(tmp_path / "a.glb")
    assert len(data) == 1001
    with pytest.raises(GlbError, match="larger than"):
        glb.document(data)


def test_show_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.vrm"
    for found, words in (
        ({"buffers": [{"uri": "x"}]}, "another place"),
        ({"extensions": {"VRMC_vrm": {"a": 1}}}, "humanoid"),
    ):
        file.write_bytes(made(found))
        assert main(["avatar", "show", str(file)]) == 1
        assert words in capsys.readouterr().err


def test_a_stranger_does_not_move_the_cursor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    meta = {"name": "\x1b[2J", "licenseUrl": "\x1b]0;owned\x07"}
    vrm = {"specVersion": "1.0", "meta": meta, "humanoid": {"humanBones": {}}}
    file = tmp_path / "a.vrm"
    file.write_bytes(made({"extensions": {"VRMC_vrm": vrm}}))
    assert main(["avatar", "show", str(file)]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\x07" not in out
