#!/usr/bin/env python3
"""Compares the answers of two servers to checks.php: compare.py MYSQL MARMOT EXPECTED…

EXPECTED has a line for each difference that is meant: a regular expression for the check's name with the path into its answer, a tab, the reason.
"""
import json
import re
import sys

SHOWN = 6


def read(path):
    with open(path, encoding="utf-8") as file:
        return dict(json.loads(line) for line in file if line.strip())


def differences(left, right, path=""):
    """The places where two answers differ, as paths with both sides."""
    if isinstance(left, dict) and isinstance(right, dict):
        for key in list(left) + [key for key in right if key not in left]:
            yield from differences(left.get(key), right.get(key), f"{path}/{key}")
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for number, pair in enumerate(zip(left, right)):
            yield from differences(*pair, f"{path}/{number}")
    elif left != right or type(left) is not type(right):
        yield path, left, right


def main():
    mysql, marmot = read(sys.argv[1]), read(sys.argv[2])
    expected = []
    for path in sys.argv[3:]:
        with open(path, encoding="utf-8") as file:
            expected += [line.rstrip("\n").split("\t")[0] for line in file if line.strip() and not line.startswith("#")]
    passed, failed, met = 0, 0, set()
    for name, answer in mysql.items():
        wrong = []
        for path, left, right in differences(answer, marmot.get(name, "no answer")):
            reason = next((one for one in expected if re.search(one, name + path)), None)
            if reason:
                met.add(reason)
            else:
                wrong.append((path, left, right))
        if not wrong:
            passed += 1
            continue
        failed += 1
        print(f"FAIL {name}")
        for path, left, right in wrong[:SHOWN]:
            print(f"  {path[:200]}\n    MySQL:  {json.dumps(left, ensure_ascii=False)[:400]}\n    Marmot: {json.dumps(right, ensure_ascii=False)[:400]}")
        if len(wrong) > SHOWN:
            print(f"  and {len(wrong) - SHOWN} more")
    for one in expected:
        if one not in met:
            print(f"note: no difference is {one!r}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


main()
