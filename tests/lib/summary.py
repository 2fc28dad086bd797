# SPDX-License-Identifier: LGPL-2.1-or-later
"""Counts what the suites report, names what failed or was skipped, and ends with one line."""

import pathlib
import sys
import xml.etree.ElementTree


def read_cases(path):
    """(suite, name, outcome, text) of every case in one JUnit file."""
    for suite in xml.etree.ElementTree.parse(path).getroot().iter("testsuite"):
        for case in suite.iter("testcase"):
            outcome, text = "passed", ""
            for child in case:
                if child.tag in ("failure", "error"):
                    outcome, text = "failed", child.get("message") or child.text or ""
                elif child.tag == "skipped":
                    outcome, text = "skipped", child.get("message") or child.text or ""
            # a program that died is a failure of its own, whatever its cases said
            yield suite.get("name", "?"), case.get("name", "?"), outcome, text
        if int(suite.get("errors", 0)) and not any(c.find("error") is not None for c in suite.iter("testcase")):
            yield suite.get("name", "?"), "(program)", "failed", "ended abnormally"


def main(folder):
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for path in sorted(pathlib.Path(folder).glob("*.xml")):
        for suite, name, outcome, text in read_cases(path):
            counts[outcome] += 1
            if outcome != "passed":
                line = text.strip().splitlines()[0][:120] if text.strip() else ""
                print(f"{outcome}: {path.stem}: {suite} / {name} {line}")
    if counts["failed"]:
        print(f"\nThe output of what failed is in {folder}/*.log")
    if sum(counts.values()) == 0:
        print("no test ran", file=sys.stderr)
        return 1
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
