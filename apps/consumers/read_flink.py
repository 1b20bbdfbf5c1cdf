#!/usr/bin/env python3
"""Reads Debezium topics with Flink's debezium-json to their ends, and writes down the tables that come of it.

read_flink.py BROKERS PREFIX JARS OUT TABLE=column:TYPE,… …
"""
import json
import sys

from pyflink.common import Configuration, RowKind
from pyflink.table import EnvironmentSettings, TableEnvironment


def main():
    brokers, prefix, jars, out = sys.argv[1:5]
    configuration = Configuration()
    for name, value in {
        "pipeline.jars": ";".join("file://" + j for j in jars.split(",")), "parallelism.default": "1", "taskmanager.memory.network.max": "64m",
        "taskmanager.memory.managed.size": "64m", "env.java.opts.all": "-XX:TieredStopAtLevel=1",
    }.items():
        configuration.set_string(name, value)
    env = TableEnvironment.create(EnvironmentSettings.new_instance().in_streaming_mode().with_configuration(configuration).build())
    found = {}
    for spec in sys.argv[5:]:
        name, columns = spec.split("=", 1)
        columns = [c.split(":", 1) for c in columns.split(";")]
        env.execute_sql("CREATE TABLE `%s` (%s) WITH ('connector' = 'kafka', 'topic' = '%s.%s', 'properties.bootstrap.servers' = '%s', "
                        "'properties.group.id' = 'flink', 'properties.isolation.level' = 'read_committed', 'scan.startup.mode' = 'earliest-offset', "
                        "'scan.bounded.mode' = 'latest-offset', 'format' = 'debezium-json', 'debezium-json.schema-include' = 'true')"
                        % (name, ", ".join("`%s` %s" % (c, t) for c, t in columns), prefix, name, brokers))
        rows = {}
        with env.execute_sql("SELECT * FROM `%s`" % name).collect() as result:
            for row in result:
                values = json.dumps([v if isinstance(v, (int, float, str, bool, type(None))) else str(v) for v in row])
                change = 1 if row.get_row_kind() in (RowKind.INSERT, RowKind.UPDATE_AFTER) else -1
                rows[values] = rows.get(values, 0) + change
        if any(n < 0 for n in rows.values()):
            sys.exit("%s: a row was taken back that was not there" % name)
        found[name] = {"columns": [c for c, _ in columns], "rows": [json.loads(v) for v, n in rows.items() for _ in range(n)]}
    with open(out, "w", encoding="utf-8") as f:
        json.dump(found, f)


main()
