"""Generate the Unity package's table of blendshape names, FaceTable.cs, from bridge/retarget.json.

Commit what it writes.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from bridge import retarget

OUT = Path(__file__).parent.parent / "unity_package" / "Runtime" / "Core" / "FaceTable.cs"

HEAD = """\
// Written by tools/names.py from bridge/retarget.json: change that, run the tool, commit what it writes.
namespace Rigcast.Core
{
    /// <summary>The plain name of each shape that is known, then weights and the curves that they weigh.</summary>
    static class FaceTable
    {
        public static readonly string[] Rows =
        {
"""
TAIL = """\
        };
    }
}
"""


def source() -> str:
    """The text of FaceTable.cs."""
    known = {name: terms for name, terms in retarget.by_plain_name().items() if terms}
    return (
        HEAD + "".join(f"            {json.dumps(f'{name} {_sum(terms)}')},\n" for name, terms in known.items()) + TAIL
    )


def _sum(terms: Mapping[str, float]) -> str:
    return " ".join(f"{weight:g} {curve}" for curve, weight in terms.items())


def main() -> int:
    """Generate in place; with --check, only compare and return 1 where the committed file differs."""
    if "--check" not in sys.argv[1:]:
        OUT.write_text(source(), encoding="utf-8", newline="\n")
        return 0
    if OUT.exists() and OUT.read_text(encoding="utf-8") == source():
        return 0
    print(f"{OUT.name} is stale: run tools/names.py and commit", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
