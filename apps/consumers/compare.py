#!/usr/bin/env python3
"""Waits until the tables of a sink hold what Marmot's hold, and says for each table whether they do.

compare.py --source HOST:PORT --database DB --format NAME [--less TABLE …] [--columns FILE] TARGET
TARGET is mysql://user:password@host:port/db, postgresql://… or a file of JSON: {table: [[value, …], …]}, with --columns for what it has.
NAME says how a sink calls a table: {db} and {table} stand for its names. MYSQL_PWD is the password of the source.
"""
import argparse
import datetime
import decimal
import json
import os
import sys
import time
import urllib.parse

import psycopg2
import pymysql


def text(value):
    """One spelling for values that mean the same."""
    if isinstance(value, (datetime.datetime, datetime.time)):
        if getattr(value, "tzinfo", None) is not None and isinstance(value, datetime.datetime):
            value = value.astimezone(datetime.timezone.utc).replace(tzinfo=None)
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return (datetime.datetime.min + value).time().isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value)


def same(kind, value):
    """The value of a column of a MySQL type, whatever server or consumer it comes from."""
    if value is None:
        return None
    if kind == "bit":
        if isinstance(value, (bytes, memoryview)):
            return int.from_bytes(bytes(value), "big")
        return int(value, 2) if isinstance(value, str) else int(value)
    if kind in ("tinyint", "smallint", "mediumint", "int", "bigint", "year"):
        return int(value)
    if kind == "decimal":
        return format(decimal.Decimal(str(value)).normalize(), "f")
    if kind == "float":
        return format(float(value), ".6g")
    if kind == "double":
        return repr(float(value))
    if kind == "json":
        return json.dumps(json.loads(value) if isinstance(value, (str, bytes)) else value, sort_keys=True)
    if kind in ("varbinary", "binary") or kind.endswith("blob"):
        return bytes(value).hex() if not isinstance(value, str) else value
    return text(value)


def mysql(host, port, user, password, database=None):
    return pymysql.connect(host=host, port=port, user=user, password=password, database=database, charset="utf8mb4", autocommit=True,
                           init_command="SET time_zone = '+00:00'")


def rows(cursor, query):
    cursor.execute(query)
    return list(cursor.fetchall())


class Server:
    """A sink that answers SQL."""

    def __init__(self, url):
        u = urllib.parse.urlparse(url)
        password = urllib.parse.unquote(u.password or "")
        if u.scheme == "mysql":
            self.connection, self.quote = mysql(u.hostname, u.port, u.username, password, u.path[1:]), "`"
        else:
            self.connection, self.quote = psycopg2.connect(url + "?options=-c%20timezone%3DUTC"), '"'
            self.connection.autocommit = True

    def table(self, name, columns):
        q = self.quote
        with self.connection.cursor() as cursor:
            return rows(cursor, "SELECT " + ", ".join(q + c + q for c in columns) + " FROM " + q + name + q)


class File:
    """What a consumer wrote down, each table with the columns that it has."""

    def __init__(self, path):
        self.path = path

    def table(self, name, columns):
        with open(self.path, encoding="utf-8") as f:
            table = json.load(f)[name]
        places = [table["columns"].index(c) for c in columns]
        return [[row[p] for p in places] for row in table["rows"]]

    def columns(self, name):
        with open(self.path, encoding="utf-8") as f:
            return json.load(f)[name]["columns"]


def difference(source, sink, database, table, name):
    """What differs, or an empty text."""
    with source.cursor() as cursor:
        kinds = rows(cursor, "SELECT COLUMN_NAME, DATA_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = '%s' AND TABLE_NAME = '%s' ORDER BY ORDINAL_POSITION" % (database, table))
        if isinstance(sink, File):
            kinds = [k for k in kinds if k[0] in sink.columns(name)]
        columns = [k[0] for k in kinds]
        want = rows(cursor, "SELECT " + ", ".join("`" + c + "`" for c in columns) + " FROM `%s`.`%s`" % (database, table))
    got = sink.table(name, columns)

    def normal(list_):
        return sorted(json.dumps([same(k[1], v) for k, v in zip(kinds, row)]) for row in list_)

    want, got = normal(want), normal(got)
    if want == got:
        return "", len(want)
    missing = [r for r in want if r not in set(got)]
    extra = [r for r in got if r not in set(want)]
    return "%d rows, want %d; missing %s; too much %s" % (len(got), len(want), missing[:1], extra[:1]), len(want)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", required=True)
    parser.add_argument("--database", required=True)
    parser.add_argument("--format", required=True)
    parser.add_argument("--less", action="append", default=[])
    parser.add_argument("--label", default="")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("target")
    o = parser.parse_args()
    host, port = o.source.split(":")
    source = mysql(host, int(port), "root", os.environ.get("MYSQL_PWD", ""))
    end, sink, failed = time.monotonic() + o.seconds, None, 0
    with source.cursor() as cursor:
        tables = [r[0] for r in rows(cursor, "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = '%s' ORDER BY 1" % o.database)]
    if not tables:
        sys.exit("the source has no tables")
    for table in tables:
        if table in o.less:
            continue
        name = o.format.format(db=o.database, table=table)
        while True:
            late = time.monotonic() > end
            try:
                sink = sink or (Server(o.target) if "://" in o.target else File(o.target))
                what, count = difference(source, sink, o.database, table, name)
            except (pymysql.Error, psycopg2.Error, KeyError, OSError) as e:
                what, count, sink = "%s: %s" % (type(e).__name__, str(e).strip().splitlines()[:1]), 0, None
            if not what or late:
                break
            time.sleep(0.3)
        print("%s %s%s: %s" % ("FAIL" if what else "ok  ", o.label, table, what or "%d rows" % count))
        failed += bool(what)
    sys.exit(1 if failed else 0)


main()
