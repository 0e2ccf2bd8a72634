"""Generate the Python code of the wires, rigcast/**/*_pb2*.py, from proto/. Commit what it writes."""

import re
import shutil
import subprocess
import sys
import tempfile
from filecmp import cmp
from pathlib import Path

ROOT = Path(__file__).parent.parent


def generate(out: Path) -> None:
    """Write the generated modules for every .proto file under `out`/rigcast."""
    protos = sorted((ROOT / "proto" / "rigcast").rglob("*.proto"))
    command = [
        sys.executable,
        "-m",
        "grpc_tools.protoc",
        f"-I{ROOT / 'proto'}",
        f"--python_out={out}",
        f"--pyi_out={out}",
        *map(str, protos),
    ]
    subprocess.run(command, check=True)
    service = [p for p in protos if re.search(r"^service ", p.read_text(encoding="utf-8"), re.MULTILINE)]
    command[3:] = [f"-I{ROOT / 'proto'}", f"--grpc_python_out={out}", *map(str, service)]
    subprocess.run(command, check=True)


def main() -> int:
    """Generate in place; with --check, only compare and return 1 where the committed files differ."""
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        fresh = {p.relative_to(folder): p for p in Path(folder).rglob("*.py*")}
        if "--check" in sys.argv[1:]:
            stale = [n for n, p in fresh.items() if not (ROOT / n).exists() or not cmp(ROOT / n, p, shallow=False)]
            for name in stale:
                print(f"{name.as_posix()} is stale: run tools/generate.py and commit", file=sys.stderr)
            return 1 if stale else 0
        for name, path in fresh.items():
            shutil.copy(path, ROOT / name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
