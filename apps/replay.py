#!/usr/bin/env python3
"""Runs the statements that proxy.py wrote down on two servers, and compares the answers: columns, rows, counts, errors.

    replay.py --log FILE --left HOST:PORT --right HOST:PORT [--prefix P] [--skip REGEXP]

Left is Marmot (root's password in APPS_PASSWORD), right is MySQL (root without one). Each database of the log is made afresh on
both under the prefix. Rows are compared as sets: most orders leave ties, whose order is each server's own; how many came in another
order is told. Where LIMIT cuts what has no order, or only that of MATCH, whose ties are many and whose ranks InnoDB changes by what was
deleted before, all rows without LIMIT have to be the same; how many such there were is told too. Statements that tell the time or a server's own state are run and
not compared. Exits 1 if anything differs.
"""
import argparse
import json
import os
import re
import sys

import pymysql

# What two servers answer differently by nature: clocks, random numbers, numbers of connections, accounts, engines, sizes, plans.
OWN = re.compile(r"\bNOW\(|CURRENT_TIMESTAMP|UNIX_TIMESTAMP\(\)|\bRAND\(|\bUUID\(|CONNECTION_ID|SHOW (GLOBAL |SESSION )?(VARIABLES|STATUS)"
                 r"|SYSDATE\(|TABLE STATUS|PROCESSLIST|@@|CURRENT_USER\(|USER_PRIVILEGES|SHOW (/\*.*?\*/ *)?ENGINES|VERSION\(\)|DATA_LENGTH|INDEX_LENGTH|^\s*EXPLAIN", re.I)
SHOWN = 20
# The LIMIT at the end of a query.
LIMITED = re.compile(r"(?<=\s)LIMIT\s+\d+\s*(,\s*\d+|OFFSET\s+\d+)?\s*$", re.I)
ORDERED = re.compile(r"\bORDER\s+BY\b(?!\s+MATCH\b)", re.I)

# A column of SHOW INDEX that each server estimates for itself.
ESTIMATED = "Cardinality"


def plain(result):
    """The rows of a result, without what a server only estimates."""
    names = [column[0] for column in result.description]
    if ESTIMATED not in names:
        return tuple(result.rows)
    at = names.index(ESTIMATED)
    return tuple(row[:at] + row[at + 1:] for row in result.rows)


class Side:
    """One server with a session for each connection of the log."""

    def __init__(self, address, password, names):
        self.host, port = address.rsplit(":", 1)
        self.port, self.password, self.names = int(port), password, names
        self.sessions = {}
        with self.connect() as session, session.cursor() as cursor:
            for name in names.values():
                cursor.execute(f"DROP DATABASE IF EXISTS `{name}`")
                cursor.execute(f"CREATE DATABASE `{name}`")

    def connect(self):
        return pymysql.connect(host=self.host, port=self.port, user="root", password=self.password, autocommit=None,
                               charset="utf8mb4", use_unicode=False, conv={}, read_timeout=60)

    def session(self, number):
        if number not in self.sessions:
            self.sessions[number] = self.connect()
        return self.sessions[number]

    def end(self, number):
        if number in self.sessions:
            self.sessions.pop(number).close()

    def run(self, entry):
        session = self.session(entry["connection"])
        if "database" in entry:
            session.select_db(self.names[entry["database"]])
            return ("database",)
        text = entry["text"].encode("utf-8", "surrogateescape")
        try:
            affected = session.query(text)
        except pymysql.err.MySQLError as refused:
            return ("error", refused.args[0], refused.args[1] if len(refused.args) > 1 else "")
        result = session._result
        if result.description is None:
            return ("ok", affected, result.insert_id, result.warning_count)
        return ("rows", tuple(column[0] for column in result.description), plain(result))

    def tables(self, name):
        """The rows of every table of a database, as a set each."""
        with self.connect() as session, session.cursor() as cursor:
            cursor.execute(f"SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = '{name}' AND TABLE_TYPE = 'BASE TABLE'")
            found = {}
            for (table,) in cursor.fetchall():
                cursor.execute(b"SELECT * FROM `%s`.`%s`" % (name.encode(), table))
                found[table.decode()] = sorted(cursor.fetchall(), key=repr)
            return found

    def close(self, drop):
        for session in self.sessions.values():
            session.close()
        if drop:
            with self.connect() as session, session.cursor() as cursor:
                for name in self.names.values():
                    cursor.execute(f"DROP DATABASE IF EXISTS `{name}`")


def same(left, right):
    if left[0] == right[0] == "error":
        return left[1] == right[1]
    if left[0] == right[0] == "rows" and left[1] == right[1]:
        return sorted(left[2], key=repr) == sorted(right[2], key=repr)
    return left == right


def cut_otherwise(left, right, entry, answers):
    """Whether LIMIT has cut the same rows otherwise: without it, both servers answer the same."""
    whole = LIMITED.sub("", entry["text"])
    if whole == entry["text"] or ORDERED.search(whole) or any(answer[0] != "rows" for answer in answers) or len(answers[0][2]) != len(answers[1][2]):
        return False
    entry = {**entry, "text": whole}
    return same(left.run(entry), right.run(entry))


def rename(text, names):
    """The text with the log's databases under their new names, and its tables InnoDB's, as all tables of Marmot are."""
    text = re.sub(r"(\bENGINE\s*=?\s*)MyISAM\b", r"\1InnoDB", text, flags=re.I)
    for old, new in names.items():
        text = re.sub(rf"`{re.escape(old)}`(?=\s*\.|\s*$|;)", f"`{new}`", text)
        text = re.sub(rf"((?:TABLE_SCHEMA|SCHEMA_NAME)\s*=\s*')({re.escape(old)})'", rf"\g<1>{new}'", text, flags=re.I)
    return text


def compare_tables(left, right, names):
    """Compares all rows of all tables, and tells how many tables differ."""
    wrong = 0
    for name in names.values():
        one, other = left.tables(name), right.tables(name)
        for table in sorted(one.keys() | other.keys()):
            if one.get(table) != other.get(table):
                wrong += 1
                mine, theirs = one.get(table) or [], other.get(table) or []
                print(f"rows differ: {table}\n  Marmot: {str([row for row in mine if row not in theirs])[:600]}"
                      f"\n  MySQL:  {str([row for row in theirs if row not in mine])[:600]}")
        print(f"{name}: {len(one)} tables with {sum(len(rows) for rows in one.values())} rows, {wrong} differ")
    return wrong


def main():
    options = argparse.ArgumentParser()
    for one in ("--log", "--left", "--right"):
        options.add_argument(one, required=True)
    options.add_argument("--prefix", default="apps_")
    options.add_argument("--skip", help="statements that are not run")
    options.add_argument("--tables", action="store_true", help="compare all rows of all tables at the end")
    given = options.parse_args()
    with open(given.log, encoding="utf-8") as log:
        entries = [json.loads(line) for line in log]
    names = {entry["database"]: given.prefix + entry["database"] for entry in entries if "database" in entry}
    left = Side(given.left, os.environ.get("APPS_PASSWORD", ""), names)
    right = Side(given.right, "", names)
    ran = compared = reordered = cut = 0
    differences = []
    for entry in entries:
        if "closed" in entry:
            left.end(entry["connection"])
            right.end(entry["connection"])
            continue
        if "prepared" in entry or (given.skip and re.search(given.skip, entry.get("text", ""))):
            continue
        text = entry.get("text", "")
        if re.match(r"\s*(CREATE|DROP)\s+(/\*.*?\*/\s*)?(DATABASE|SCHEMA)\b", text, re.I):
            continue
        entry = {**entry, "text": rename(text, names)} if text else entry
        answers = left.run(entry), right.run(entry)
        ran += 1
        if text and not OWN.search(text):
            compared += 1
            reordered += answers[0] != answers[1]
            if not same(*answers):
                reordered -= 1
                if cut_otherwise(left, right, entry, answers):
                    cut += 1
                else:
                    differences.append((text, *answers))
    wrong = compare_tables(left, right, names) if given.tables else 0
    left.close(False)
    right.close(True)
    seen = {}
    for text, one, other in differences:
        seen.setdefault(text, (one, other))
    for text, (one, other) in list(seen.items())[:SHOWN]:
        print(f"differs: {text[:600]!r}\n  Marmot: {str(one)[:600]}\n  MySQL:  {str(other)[:600]}")
    print(f"replayed {ran} statements, compared {compared}, {reordered} came in another order, {cut} were cut by LIMIT otherwise, {len(differences)} differ")
    print(f"{compared - len(differences)} passed, {len(differences)} failed")
    sys.exit(1 if differences or wrong or not compared else 0)


main()
