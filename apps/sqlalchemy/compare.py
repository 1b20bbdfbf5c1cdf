"""Compares how SQLAlchemy's tests end on Marmot and on MySQL.

    compare.py MARMOT.xml [MYSQL.xml] KNOWN

The files are pytest's JUnit files. A test that passes on MySQL and does not on Marmot is a failure, and without a file of MySQL every
test that fails. KNOWN has the expected ones, a line "test<TAB>reason" each; # begins a comment.
"""
import collections
import re
import sys
import xml.etree.ElementTree as tree

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
# SQLAlchemy puts the driver and the server's version into a class's name.
SERVER = re.compile(r"_mysql\+\w+?_\d+(_\d+)*$")


def ends(path):
    """How each test ended."""
    results = {}
    for case in tree.parse(path).getroot().iter("testcase"):
        name = f"{SERVER.sub('', case.get('classname'))}.{case.get('name')}"
        if case.find("failure") is not None or case.find("error") is not None:
            results[name] = FAILED
        elif case.find("skipped") is not None:
            results.setdefault(name, SKIPPED)
        else:
            results.setdefault(name, PASSED)
    return results


def expected(path):
    with open(path, encoding="utf-8") as lines:
        return dict(line.rstrip("\n").split("\t", 1) for line in lines if line.strip() and not line.startswith("#"))


def say(name, results):
    counts = collections.Counter(results.values())
    print(f"{name}: {counts[PASSED]} passed, {counts[FAILED]} failed, {counts[SKIPPED]} skipped")


def main():
    marmot, known = ends(sys.argv[1]), expected(sys.argv[-1])
    say("Marmot", marmot)
    if len(sys.argv) > 3:
        mysql = ends(sys.argv[2])
        say("MySQL", mysql)
        worse = [test for test, end in mysql.items() if end == PASSED and marmot.get(test) != PASSED]
    else:
        worse = [test for test, end in marmot.items() if end == FAILED]
    new = 0
    for test in sorted(worse):
        if test in known:
            print(f"known {test}: {known[test]}")
        else:
            new += 1
            print(f"FAIL {test}: {marmot.get(test, 'not run')}")
    passed = sum(end == PASSED for end in marmot.values())
    print(f"{passed} passed, {new} failed")
    sys.exit(1 if new or not passed else 0)


main()
