# SPDX-License-Identifier: LGPL-2.1-or-later
"""Counts what the suites report, names what failed or was skipped, and ends with one line."""

import json
import pathlib
import re
import sys
import xml.etree.ElementTree

TAIL = 30  # lines shown of a program that failed


def read_cases(path):
    """(suite, name, outcome, text) of every case in one JUnit file."""
    # tests of bad bytes may print some: what XML cannot carry is left out
    text = re.sub("[^\t\n\r -\ud7ff\ue000-\ufffd]", "", path.read_text("utf-8", "replace"))
    for suite in xml.etree.ElementTree.fromstring(text.encode()).iter("testsuite"):
        for case in suite.iter("testcase"):
            outcome, text = "passed", ""
            for child in case:
                if child.tag in ("failure", "error"):
                    outcome, text = "failed", child.get("message") or child.text or ""
                elif child.tag == "skipped":
                    outcome, text = "skipped", child.get("message") or child.text or ""
            yield suite.get("name", "?"), case.get("name", "?"), outcome, text


def read_programs(path):
    """(name, result, output) of every test program in one of meson's logs.

    The result is "OK", "FAIL", "ERROR", "TIMEOUT" or "SKIP"."""
    for line in path.read_text("utf-8", "replace").splitlines():
        record = json.loads(line)
        yield record["name"], record["result"], record.get("stdout", "") + record.get("stderr", "")


def main(folder):
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for path in sorted(pathlib.Path(folder).glob("*.xml")):
        failed = set()
        for suite, name, outcome, text in read_cases(path):
            counts[outcome] += 1
            if outcome == "failed":
                failed.add(suite.split(" / ")[-1])
            if outcome != "passed":
                line = text.strip().splitlines()[0][:120] if text.strip() else ""
                print(f"{outcome}: {path.stem}: {suite} / {name} {line}")
        # a program that died or hung is a failure of its own, whatever its cases said
        for name, result, output in read_programs(path.with_suffix(".json")):
            if result in ("OK", "SKIP"):
                continue
            if name.split(" / ")[-1] not in failed:
                counts["failed"] += 1
                print(f"failed: {path.stem}: {name} ended with {result}")
            for line in output.splitlines()[-TAIL:]:
                print(f"  | {line}")
    if counts["failed"]:
        print(f"\nThe output of what failed is in {folder}/*.log")
    if sum(counts.values()) == 0:
        print("no test ran", file=sys.stderr)
        return 1
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
