"""Generate the Python code of the wire, rigcast/v1/*_pb2*.py, from proto/. Commit what it writes."""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
OUT = ROOT / "rigcast" / "v1"


def generate(out: Path) -> None:
    """Write the generated modules for every .proto file under `out`/rigcast/v1."""
    protos = sorted((ROOT / "proto" / "rigcast" / "v1").glob("*.proto"))
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
        fresh = {p.name: p for p in (Path(folder) / "rigcast" / "v1").iterdir()}
        if "--check" in sys.argv[1:]:
            stale = [n for n, p in fresh.items() if not (OUT / n).exists() or (OUT / n).read_bytes() != p.read_bytes()]
            for name in stale:
                print(f"rigcast/v1/{name} is stale: run tools/generate.py and commit", file=sys.stderr)
            return 1 if stale else 0
        for name, path in fresh.items():
            shutil.copy(path, OUT / name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
