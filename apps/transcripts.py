#!/usr/bin/env python3
"""Compares what a program saw on two servers, check by check.

    transcripts.py [--expected FILE] [--label TEXT] [--ours NAME] [--short] OURS MYSQL

A transcript is text; a line "## name" begins a check. A check passes if both transcripts have the same lines for it. FILE names the
differences that are known: a line "name: reason" (name may have * in it); such a check that passes is a failure too, so that the list stays
true, unless the line begins with "sometimes ". --short prints each difference once, however many checks have it.
"""
import argparse
import difflib
import fnmatch
import sys

LINES_SHOWN, WIDTH = 12, 400


def checks(path):
    """The checks of a transcript in order: name -> lines."""
    found, lines = {}, []
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            line = line.rstrip("\n")
            if line.startswith("## "):
                lines = found.setdefault(line[3:], [])
            else:
                lines.append(line)
    return found


def expectations(path):
    """Patterns of the checks that are known to differ, and whether they always do."""
    found = {}
    if path:
        with open(path, encoding="utf-8") as file:
            for line in file:
                if line.strip() and not line.startswith("#"):
                    name = line.split(": ")[0].strip()
                    found[name.removeprefix("sometimes ")] = not name.startswith("sometimes ")
    return found


def difference(ours, theirs):
    """The differing lines, ours with -, MySQL's with +."""
    return [line for line in difflib.unified_diff(ours, theirs, lineterm="", n=0) if line[:2] not in ("--", "++", "@@")]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--expected")
    options.add_argument("--label", default="")
    options.add_argument("--short", action="store_true")
    options.add_argument("ours")
    options.add_argument("mysql")
    given = options.parse_args()
    ours, theirs = checks(given.ours), checks(given.mysql)
    known, used, seen = expectations(given.expected), set(), set()
    passed = failed = differing = 0
    for name in list(theirs) + [name for name in ours if name not in theirs]:
        lines = difference(ours.get(name, ["(not run)"]), theirs.get(name, ["(not run)"]))
        pattern = next((one for one in known if fnmatch.fnmatchcase(name, one)), None)
        if not lines:
            passed += 1
            continue
        if pattern:
            used.add(pattern)
            differing += 1
            continue
        failed += 1
        print(f"FAIL {given.label}{name}")
        if given.short:
            lines = [line for line in lines if line not in seen and not seen.add(line)]
        for line in lines[:LINES_SHOWN if not given.short else None]:
            print("    " + line[:WIDTH].encode("utf-8", "backslashreplace").decode())
    for one, always in known.items():
        if always and one not in used and any(fnmatch.fnmatchcase(name, one) for name in theirs):
            failed += 1
            print(f"FAIL {given.label}{one}: expected to differ, and does not")
    if not theirs:
        failed += 1
        print(f"FAIL {given.label}the transcript of MySQL is empty")
    print(f"{passed} passed, {failed} failed" + (f" ({differing} known differences)" if differing else ""))
    return 1 if failed else 0


sys.exit(main())
