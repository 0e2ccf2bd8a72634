"""What becomes of a show when something breaks: many seeded runs of each scenario of tests/faults.py.

    python tools/faults.py --runs 100 --json faults.json
    python tools/faults.py --only kill --seed 37 --runs 1        # a run that failed, once more

Prints a line for each scenario. Exits with 1 where a run did not end as promised, or was slower than promised, which
says something only where nothing else uses the machine.
"""

import argparse
import asyncio
import json
import logging
import platform
import random
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from tests.faults import PROMISED, SCENARIOS, Figures  # noqa: E402


def main() -> int:
    """Run, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=100, metavar="N", help="of each scenario (100)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the first run; the next has the next (0)")
    parser.add_argument("--only", choices=SCENARIOS, help="one scenario alone")
    parser.add_argument("--json", metavar="FILE", help="write the report there too")
    args = parser.parse_args()
    logging.disable()  # of bridges in this process, who complain as they should
    report: dict[str, Any] = {
        "machine": f"{platform.platform()}, Python {platform.python_version()}",
        "runs": args.runs,
    }
    for name in [args.only] if args.only else SCENARIOS:
        began = time.monotonic()
        report[name] = asyncio.run(measure(name, range(args.seed, args.seed + args.runs)))
        report[name]["seconds"] = round(time.monotonic() - began)
        print(f"{name:10} {json.dumps(report[name])}", flush=True)
    if args.json:
        Path(args.json).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return int(any(report[name]["failed"] or report[name]["slow"] for name in SCENARIOS if name in report))


async def measure(name: str, seeds: range) -> dict[str, Any]:
    """All runs of a scenario."""
    figures: list[Figures] = []
    failed: list[int] = []
    with tempfile.TemporaryDirectory(prefix="rigcast-") as folder:
        async with SCENARIOS[name](Path(folder)) as run:
            for seed in seeds:
                try:
                    figures.append(await run(random.Random(seed)))
                except Exception:
                    failed.append(seed)
                    print(f"{name}, seed {seed}:\n{traceback.format_exc()}", file=sys.stderr)
    found = {key: summary([each[key] for each in figures]) for key in (figures[0] if figures else ())}
    slow = [key for key, limit in PROMISED.items() if key in found and found[key]["most"] > limit]
    return {"held": len(figures), "failed": failed, "slow": slow, **found}


def summary(values: list[float]) -> dict[str, float]:
    """Percentiles and the most."""
    p50, p99 = np.percentile(values, [50, 99])
    return {"p50": round(float(p50), 1), "p99": round(float(p99), 1), "most": round(max(values), 1)}


if __name__ == "__main__":
    raise SystemExit(main())
