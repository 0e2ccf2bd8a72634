"""Print the outcome of a pytest run, from its JUnit report, in one line: "412 passed, 0 failed, 2 skipped"."""

import sys
import xml.etree.ElementTree as ElementTree


def summary(report: str) -> str:
    """The line for the report at this path. Errors of set-up and collection count as failures."""
    counts = [suite.attrib for suite in ElementTree.parse(report).getroot().iter("testsuite")]
    tests, failures, errors, skipped = (
        sum(int(count[name]) for count in counts) for name in ("tests", "failures", "errors", "skipped")
    )
    failed = failures + errors
    return f"{tests - failed - skipped} passed, {failed} failed, {skipped} skipped"


if __name__ == "__main__":
    print(summary(sys.argv[1]))
