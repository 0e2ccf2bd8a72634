"""The Unreal plugin's engine layer, as far as it can be told without an engine: types by two compilers, structure."""

import json
import re
import runpy
import subprocess
import zipfile
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from unreal_builds import PLUGIN, ROOT, needed

from bridge.curves import CURVES
from bridge.skeleton import JOINTS

SOURCE = PLUGIN / "Source"
CORE = SOURCE / "RigcastCore"
API = PLUGIN / "Tests" / "ue_api"
MODULES = ("Rigcast", "RigcastEditor")
LAYER = sorted(
    path for module in MODULES for path in (SOURCE / module).rglob("*.[ch]*") if path.suffix in {".h", ".cpp"}
)
INCLUDE = re.compile(r'^#include [<"]([^>"]+)[>"]', re.MULTILINE)

# The module in which each of the engine's headers lives, as Epic's documentation says of its classes.
OWNERS = {
    "CoreMinimal.h": "Core",
    "Containers/Ticker.h": "Core",
    "HAL/PlatformTime.h": "Core",
    "Misc/Parse.h": "Core",
    "Misc/EngineVersionComparison.h": "Core",
    "Modules/ModuleManager.h": "Core",
    "Features/IModularFeatures.h": "Core",
    "Engine/DeveloperSettings.h": "DeveloperSettings",
    "Engine/SkeletalMesh.h": "Engine",
    "Components/ActorComponent.h": "Engine",
    "Components/AudioComponent.h": "Engine",
    "GameFramework/Actor.h": "Engine",
    "Sound/SoundWaveProcedural.h": "Engine",
    "ILiveLinkClient.h": "LiveLinkInterface",
    "ILiveLinkSource.h": "LiveLinkInterface",
    "LiveLinkSourceFactory.h": "LiveLinkInterface",
    "Roles/LiveLinkAnimationRole.h": "LiveLinkInterface",
    "Roles/LiveLinkAnimationTypes.h": "LiveLinkInterface",
    "Roles/LiveLinkBasicRole.h": "LiveLinkInterface",
    "Roles/LiveLinkBasicTypes.h": "LiveLinkInterface",
    "AudioCaptureCore.h": "AudioCaptureCore",
    "IWebSocket.h": "WebSockets",
    "WebSocketsModule.h": "WebSockets",
    "DetailCategoryBuilder.h": "PropertyEditor",
    "DetailLayoutBuilder.h": "PropertyEditor",
    "DetailWidgetRow.h": "PropertyEditor",
    "IDetailCustomization.h": "PropertyEditor",
    "PropertyEditorModule.h": "PropertyEditor",
    "Widgets/SWidget.h": "SlateCore",
    "Widgets/SCompoundWidget.h": "SlateCore",
    "Widgets/SBoxPanel.h": "SlateCore",
    "Widgets/Text/STextBlock.h": "Slate",
    "Widgets/Input/SButton.h": "Slate",
    "Widgets/Input/SEditableTextBox.h": "Slate",
}


def text(path: Path) -> str:
    """A file's text."""
    return path.read_text(encoding="utf-8")


def code(path: Path) -> str:
    """A file's text without its comments."""
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", text(path), flags=re.DOTALL)


def checked(
    compiler: str, source: Path, generated: Path, version: tuple[int, int]
) -> "subprocess.CompletedProcess[str]":
    """A syntax-only compile of one file of the engine layer, pretending to be for a version of the engine."""
    for header in LAYER:
        for name in re.findall(r'"(\w+\.generated\.h)"', text(header)):
            (generated / name).touch()
    command = [compiler, "-std=c++17", "-fsyntax-only", "-Wall", "-Wextra", "-Wshadow", "-Werror"]
    command += [f"-DRIGCAST_PRETENDED_MAJOR={version[0]}", f"-DRIGCAST_PRETENDED_MINOR={version[1]}"]
    command += ["-Wno-undefined-var-template"] if "clang" in compiler else []
    folders = [API, generated, CORE / "Public", SOURCE / "Rigcast" / "Public"]
    command += [f"-I{folder}" for folder in folders]
    return subprocess.run([*command, str(source)], capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("compiler", ["g++", "clang++"])
def test_the_engine_layer_type_checks_against_our_declarations(compiler: str, tmp_path: Path) -> None:
    needed(compiler)
    for source in LAYER:
        if source.suffix == ".cpp":
            done = checked(compiler, source, tmp_path, (5, 5))
            assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("version", "good"), [((5, 2), False), ((5, 3), True), ((5, 7), True), ((6, 0), True)])
def test_an_engine_that_is_too_old_is_told_so(version: tuple[int, int], good: bool, tmp_path: Path) -> None:
    needed("g++")
    done = checked("g++", SOURCE / "Rigcast" / "Private" / "RigcastModule.cpp", tmp_path, version)
    assert (done.returncode == 0) is good
    assert good or "5.3 or newer" in done.stderr


def test_a_wrong_type_would_be_noticed(tmp_path: Path) -> None:
    needed("g++")
    wrong = tmp_path / "Wrong.cpp"
    source = SOURCE / "Rigcast" / "Private" / "RigcastLiveLinkSource.cpp"
    wrong.write_text(text(source).replace("MoveTemp(Frame)", "Frame"), encoding="utf-8")
    (tmp_path / "RigcastConvert.h").write_text(text(source.parent / "RigcastConvert.h"), encoding="utf-8")
    assert checked("g++", wrong, tmp_path, (5, 5)).returncode != 0


def test_the_core_includes_nothing_of_the_engine() -> None:
    own = {path.relative_to(CORE / "Public").as_posix() for path in (CORE / "Public").rglob("*.h")}
    standard = re.compile(r"^[a-z_]+$")
    for path in CORE.rglob("*.*"):
        for name in INCLUDE.findall(text(path)):
            assert name in own or name == "Decode.h" or standard.match(name), f"{path.name} includes {name}"


def test_the_core_neither_throws_nor_exits() -> None:
    for path in CORE.rglob("*.*"):
        assert not re.search(r"\b(?:throw|catch|abort|exit|assert)\b", code(path)), path.name


def test_the_module_compiles_all_of_the_core() -> None:
    included = {Path(name).name for name in INCLUDE.findall(text(SOURCE / "Rigcast" / "Private" / "RigcastCore.cpp"))}
    assert included == {path.name for path in (CORE / "Private").glob("*.cpp")}


def test_the_engine_layer_holds_no_logic_of_the_core() -> None:
    inner = re.compile(
        r"\b(?:WireReader|decode|FrameBuffer|SoundBuffer|PlayHead|PlayOut|ServerClock|slerp|interpolate)\b"
    )
    for path in LAYER:
        assert path.name == "RigcastCore.cpp" or not inner.search(code(path)), path.name


def test_no_raw_this_is_bound_to_what_outlives_it() -> None:
    for path in LAYER:
        assert not re.search(r"AddRaw|CreateRaw|AddLambda|BindRaw", code(path)), path.name


def test_the_plugin_names_its_modules() -> None:
    plugin = json.loads(text(PLUGIN / "Rigcast.uplugin"))
    types = {module["Name"]: module["Type"] for module in plugin["Modules"]}
    assert types == {"Rigcast": "Runtime", "RigcastEditor": "Editor"}
    assert all("PlatformAllowList" in module for module in plugin["Modules"])
    assert "EngineVersion" not in plugin  # it would pin the plugin to one engine
    assert {"Name": "LiveLink", "Enabled": True} in plugin["Plugins"]
    for module in types:
        assert f"public class {module} : ModuleRules" in text(SOURCE / module / f"{module}.Build.cs")
        sources = "".join(text(path) for path in LAYER if path.is_relative_to(SOURCE / module))
        assert re.search(rf"IMPLEMENT_MODULE\(\w+, {module}\)", sources)


def test_source_and_factory_are_in_the_runtime_module() -> None:
    """In an editor module they would be missing from packaged games."""
    for name in ("RigcastLiveLinkSource", "RigcastLiveLinkSourceFactory"):
        assert (SOURCE / "Rigcast" / "Private" / f"{name}.cpp").is_file()


@pytest.mark.parametrize("module", MODULES)
def test_every_header_s_module_is_a_dependency(module: str) -> None:
    listed = set(re.findall(r'^\s*"(\w+)",$', text(SOURCE / module / f"{module}.Build.cs"), re.MULTILINE))
    own = {path.name for path in LAYER}
    for path in (path for path in LAYER if path.is_relative_to(SOURCE / module)):
        for name in INCLUDE.findall(text(path)):
            if name in OWNERS:
                assert OWNERS[name] in listed, f"{path.name}: {name} is in {OWNERS[name]}"
            else:
                known = name.startswith(("rigcast/", "../../RigcastCore/")) or name.endswith(".generated.h")
                assert known or name in own or name == "string", f"{path.name} includes {name}"
    assert module == "RigcastEditor" or not listed & {"Slate", "UnrealEd"}


@pytest.mark.parametrize(
    "path", [p for p in LAYER if "UCLASS" in text(p) or "USTRUCT" in text(p)], ids=lambda p: p.name
)
def test_reflected_headers_are_as_the_header_tool_wants_them(path: Path) -> None:
    assert INCLUDE.findall(text(path))[-1] == f"{path.stem}.generated.h"
    marks = re.findall(r"U(?:CLASS|STRUCT)\(|GENERATED_BODY\(\)", code(path))
    assert all("GENERATED_BODY" in after for before, after in pairwise([*marks]) if before != after)
    assert marks.count("GENERATED_BODY()") == len(marks) / 2


def test_declarations_of_the_engine_are_all_used() -> None:
    used = "".join(text(path) for path in [*LAYER, *API.rglob("*.h")])
    for header in API.rglob("*.h"):
        assert f'"{header.relative_to(API).as_posix()}"' in used


def test_every_declaration_names_its_page() -> None:
    """By which it can be held against Epic's documentation; what Slate's macros make is not in it."""
    made = {"TWidgetArguments", "TBoxArguments", "FArguments", "FSlot"}
    begin = re.compile(r"([^\n]*)\n\s*(?:template <[^\n]*> )?(?:class|struct) (\w+)[^;\n]*\n\s*\{")
    for header in API.rglob("*.h"):
        for before, name in begin.findall(text(header)):
            assert name in made or name in before, f"{header.name}: {name}"


def test_the_microphone_s_thread_touches_nothing_but_the_recording() -> None:
    source = code(SOURCE / "Rigcast" / "Private" / "RigcastMicrophone.cpp")
    assert re.findall(r"\[([^\]]*)\]\(const void\*", source) == ["Recording"]
    plugins = {each["Name"]: each for each in json.loads(text(PLUGIN / "Rigcast.uplugin"))["Plugins"]}
    assert plugins["AudioCapture"]["Enabled"]  # its devices are found by that plugin


def test_the_plugin_knows_every_curve_and_joint_that_it_treats() -> None:
    names = set(re.findall(r'"([a-z][A-Za-z]+)"', text(CORE / "Private" / "BodyMap.cpp")))
    assert {joint.name for joint in JOINTS} - names == {"leftEye", "rightEye"}  # eyes are driven by curves
    assert {"jawOpen", "mouthClose"} <= set(CURVES)


class FakeActor:
    """An actor with some variables, as the editor's Python shows it; the editor itself cannot run here."""

    def __init__(self, **variables: Any) -> None:
        self.variables = variables

    def get_name(self) -> str:
        return "BP_Ada"

    def set_editor_property(self, name: str, value: Any) -> None:
        if name not in self.variables:
            raise Exception(f"no {name}")
        self.variables[name] = value


def test_the_editor_script_sets_what_is_there_and_names_what_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    script = runpy.run_path(str(PLUGIN / "Content" / "Python" / "rigcast_setup.py"))

    class Name:
        def set_editor_property(self, _: str, value: str) -> None:
            self.value = value

    script["subject"].__globals__["unreal"] = SimpleNamespace(LiveLinkSubjectName=Name)
    actor = FakeActor(**{"ARKit Face Subj": None, "UseARKitFace": False})
    report = script["follow"]("Ada", [actor])["BP_Ada"]
    assert report["face subject"] == "ARKit Face Subj"
    assert actor.variables["ARKit Face Subj"].value == "Ada_Face"
    assert actor.variables["UseARKitFace"] is True
    assert report["body subject"] is None
    assert "body subject: not found, set it by hand" in capsys.readouterr().out


def test_the_zip_is_ready_to_drop_in(tmp_path: Path) -> None:
    out = tmp_path / "Rigcast.zip"
    tool = runpy.run_path(str(ROOT / "tools" / "unreal.py"))
    tool["pack"](out)
    with zipfile.ZipFile(out) as archive:
        names = set(archive.namelist())
    wanted = ("Rigcast.uplugin", "LICENSE", "Resources/Icon128.png", "Content/Python/rigcast_setup.py")
    assert {f"Rigcast/{name}" for name in wanted} <= names
    assert {f"Rigcast/Source/RigcastCore/Private/{path.name}" for path in (CORE / "Private").iterdir()} <= names
    assert not any("/Tests/" in name or name.endswith("CMakeLists.txt") for name in names)
    first = out.read_bytes()
    tool["pack"](out)
    assert out.read_bytes() == first


def test_the_plugin_s_version_is_the_project_s() -> None:
    from bridge import __version__

    assert json.loads(text(PLUGIN / "Rigcast.uplugin"))["VersionName"] == __version__
