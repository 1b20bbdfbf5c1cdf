"""Compares how a library's own tests end on Marmot and on MySQL."""
import json
import sys

# What a test's word for its end comes to.
PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


def compare(marmot, mysql, known):
    """Prints the sums and the tests that fail on Marmot alone; known lists those that are expected to, with a reason."""
    for name, results in (("Marmot", marmot), ("MySQL", mysql)):
        counts = {word: sum(1 for end in results.values() if end == word) for word in (PASSED, FAILED, SKIPPED)}
        print(f"{name}: {counts[PASSED]} passed, {counts[FAILED]} failed, {counts[SKIPPED]} skipped of {len(results)}")
    worse = sorted(test for test, end in marmot.items() if end == FAILED and mysql.get(test, PASSED) != FAILED)
    lost = sorted(test for test, end in mysql.items() if end == PASSED and marmot.get(test) not in (PASSED, FAILED))
    new = [test for test in worse + lost if test not in known]
    for test in worse + lost:
        print(f"{'known' if test in known else 'FAIL '} {test}{': ' + known[test] if test in known else ''}")
    for test in sorted((set(known) - set(worse) - set(lost)) & (set(marmot) | set(mysql))):
        print(f"mended {test}: take it out of the list")
    print(f"{sum(1 for end in marmot.values() if end == PASSED)} passed, {len(new)} failed")
    return 1 if new or not marmot else 0


def load(path):
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return {}


def known_failures(path):
    """Lines "test<TAB>reason"; # begins a comment."""
    known = {}
    try:
        with open(path, encoding="utf-8") as file:
            for line in file:
                if line.strip() and not line.startswith("#"):
                    test, _, reason = line.rstrip("\n").partition("\t")
                    known[test] = reason
    except FileNotFoundError:
        pass
    return known


def from_go(lines):
    """The ends of go test -json."""
    words = {"pass": PASSED, "fail": FAILED, "skip": SKIPPED}
    results = {}
    for line in lines:
        try:
            event = json.loads(line)
        except json.JSONDecodeError:
            continue
        if event.get("Test") and event["Action"] in words:
            results[event["Test"]] = words[event["Action"]]
    return results


def from_junit(path):
    """The ends in a JUnit file of pytest or Django."""
    import xml.etree.ElementTree as tree
    results = {}
    for case in tree.parse(path).getroot().iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        if case.find("failure") is not None or case.find("error") is not None:
            results[name] = FAILED
        elif case.find("skipped") is not None:
            results[name] = SKIPPED
        else:
            results.setdefault(name, PASSED)
    return results


def from_lines(path):
    """The ends in lines of JSON: test, outcome. An expected failure is what the test's author wants."""
    words = {"passed": PASSED, "expected failure": PASSED, "skipped": SKIPPED}
    with open(path, encoding="utf-8") as lines:
        return {line["test"]: words.get(line["outcome"], FAILED) for line in map(json.loads, lines) if "test" in line}


def main():
    """suite.py go|junit|json|lines FILE-OF-MARMOT FILE-OF-MYSQL KNOWN: the file of MySQL may be missing or -, then Marmot's failures count."""
    kind, one, other, known = sys.argv[1:5]
    readers = {"go": lambda path: from_go(open(path, encoding="utf-8", errors="replace")), "junit": from_junit, "json": load, "lines": from_lines}
    marmot = readers[kind](one)
    mysql = readers[kind](other) if other != "-" else {}
    sys.exit(compare(marmot, mysql, known_failures(known)))


if __name__ == "__main__":
    main()
