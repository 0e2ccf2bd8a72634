"""The default avatar: a stylised person made by code, written as VRM 1.0.

from bridge.avatar import build, Params
Path("mei.vrm").write_bytes(build(Params(eye_tilt=0.5)))
"""

import functools

from bridge.avatar.assemble import build, build_gltf
from bridge.avatar.params import DEFAULT, Params, ParamsError

__all__ = ["DEFAULT", "Params", "ParamsError", "build", "build_gltf", "default_vrm"]


@functools.cache
def default_vrm() -> bytes:
    """The default person's VRM, built once a process."""
    return build(DEFAULT)
