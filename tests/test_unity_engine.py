"""The Unity package's engine layer, compiled against own declarations of what it uses of Unity and UniVRM.

This shows valid C# that uses its own names consistently. That the declared names are Unity's, only Unity shows.
"""

import re
from pathlib import Path

import pytest

from tests import mono

DECLARATIONS = mono.PACKAGE / "Declarations~"
LAYERS = ("Runtime/Unity", "Runtime/Vrm10", "Editor", "Samples~/SpeakingHead")
UNSET = "-nowarn:649"
"""A field that only Unity's serialisation sets: Unity's compiler says nothing of it either."""


def sources(folder: str) -> list[Path]:
    """The C# of a folder of the package."""
    found = sorted((mono.PACKAGE / folder).glob("*.cs"))
    assert found
    return found


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the core and the declarations, compiled."""
    mono.need_mono()
    folder = tmp_path_factory.mktemp("engine")
    mono.core(folder)
    flags = ["-nowarn:660,661,414,169"]
    unity = mono.compiled(folder / "UnityEngine.dll", [DECLARATIONS / "UnityEngine.cs"], flags=flags)
    mono.compiled(folder / "UnityEditor.dll", [DECLARATIONS / "UnityEditor.cs"], unity)
    mono.compiled(folder / "VRM10.dll", [DECLARATIONS / "UniVrm10.cs"], unity, flags=[*flags, UNSET])
    return folder


def compile_layer(engine: Path, layer: str, *references: str, define: str = "RIGCAST") -> None:
    """Compile one layer against libraries of the folder."""
    name = "Rigcast.dll" if layer == "Runtime/Unity" else layer.replace("/", ".") + ".dll"
    needed = [engine / f"{reference}.dll" for reference in ("Rigcast.Core", "UnityEngine", *references)]
    mono.compiled(engine / name, sources(layer), *needed, flags=[UNSET, f"-define:{define}"])


def test_the_engine_layers_compile_against_what_they_use_of_unity(engine: Path) -> None:
    compile_layer(engine, "Runtime/Unity", define="UNITY_WEBGL")
    compile_layer(engine, "Runtime/Unity")
    compile_layer(engine, "Runtime/Vrm10", "Rigcast", "VRM10")
    compile_layer(engine, "Editor", "Rigcast", "UnityEditor")
    compile_layer(engine, "Samples~/SpeakingHead", "Rigcast")


def test_the_core_compiles_for_the_browser(engine: Path) -> None:
    core = (mono.PACKAGE / "Runtime/Core").glob("*.cs")
    mono.compiled(engine / "Browser.dll", core, flags=["-define:UNITY_WEBGL"])


def test_no_more_is_declared_than_is_used() -> None:
    used = "\n".join(path.read_text(encoding="utf-8") for layer in LAYERS for path in sources(layer))
    declared = re.compile(
        r"public (?!override|class|delegate|static event|enum|struct)[\w<>\[\],. ]*?(\w+)(?:<T>)?(?= ?[({;]| where)"
    )
    for file in DECLARATIONS.glob("*.cs"):
        lines = [line for line in file.read_text(encoding="utf-8").splitlines() if "operator" not in line]
        names = {match.group(1) for line in lines for match in declared.finditer(line)}
        silent = {"Dispose"} | {name for name in names if name.endswith("Attribute")}
        unused = {name for name in names - silent if not re.search(rf"\b{name}\b", used)}
        assert unused == set(), file.name


def test_only_the_audio_callback_runs_on_the_audio_thread_and_takes_no_lock() -> None:
    audio = (mono.PACKAGE / "Runtime/Unity/RigcastAudio.cs").read_text(encoding="utf-8")
    callback = audio[audio.index("void OnAudioFilterRead") :]
    assert not re.search(r"\block\b", callback)
    assert "new " not in callback
    assert not re.search(r"\b(_source|_client|_carrier|AudioSettings|transform|gameObject)\b", callback)
