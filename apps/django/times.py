"""Says how long making the databases and the tests took on both servers, and which tests took far longer on Marmot.

times.py FILE-OF-MARMOT FILE-OF-MYSQL: the files of suite_results.py; the second may be -.
"""

import json
import sys


def read(path):
    if path == "-":
        return {}
    with open(path, encoding="utf-8") as lines:
        return {line.get("test") or line["step"]: line for line in map(json.loads, lines)}


def main():
    marmot, mysql = read(sys.argv[1]), read(sys.argv[2])
    for name, lines in (("Marmot", marmot), ("MySQL", mysql)):
        if lines:
            made = lines.get("setup_databases", {"seconds": 0})["seconds"]
            spent = sum(line["seconds"] for line in lines.values() if "test" in line)
            print(f"{name}: databases made in {made:.1f} s, tests took {spent:.1f} s")
    slow = [(line["seconds"], mysql[name]["seconds"], name) for name, line in marmot.items()
            if "test" in line and name in mysql and line["seconds"] > 1 and line["seconds"] > 3 * mysql[name]["seconds"]]
    for mine, others, name in sorted(slow, reverse=True)[:20]:
        print(f"slow {name}: {mine:.1f} s, MySQL {others:.1f} s")


if __name__ == "__main__":
    main()
