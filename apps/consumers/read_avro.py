#!/usr/bin/env python3
"""Reads Debezium topics in Avro with confluent-kafka and its schema registry client to their ends, and writes down the tables.

read_avro.py BROKERS REGISTRY PREFIX OUT TABLE=column;column …
"""
import json
import sys

from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext


def table(brokers, deserialize, topic):
    """The rows of a topic by key, and how many messages told of them."""
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": "avro", "enable.auto.commit": False, "isolation.level": "read_committed",
                         "enable.partition.eof": False, "auto.offset.reset": "earliest"})
    low, high = consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=30)
    consumer.assign([TopicPartition(topic, 0, low)])
    rows, count = {}, 0
    while consumer.position([TopicPartition(topic, 0)])[0].offset < high:
        message = consumer.poll(10)
        if message is None:
            if consumer.position([TopicPartition(topic, 0)])[0].offset >= high:
                break
            sys.exit("%s: nothing comes before offset %d" % (topic, high))
        if message.error():
            sys.exit("%s: %s" % (topic, message.error()))
        count += 1
        if message.value() is None:
            continue  # a tombstone
        event = deserialize(message.value(), SerializationContext(topic, MessageField.VALUE))
        key = None
        if message.key() is not None:
            key = json.dumps(deserialize(message.key(), SerializationContext(topic, MessageField.KEY)), sort_keys=True, default=str)
        if event["op"] == "t":
            rows.clear()
        elif event["op"] == "d":
            if rows.pop(key, None) is None:
                sys.exit("%s: %s was deleted and not there" % (topic, key))
        else:
            rows[key] = event["after"]
        low = message.offset() + 1
        if low >= high:
            break
    consumer.close()
    return list(rows.values()), count


def plain(value):
    if isinstance(value, bytes):
        return value.hex()
    return value if isinstance(value, (int, float, str, bool, type(None))) else str(value)


def main():
    brokers, registry, prefix, out = sys.argv[1:5]
    deserialize = AvroDeserializer(SchemaRegistryClient({"url": registry}))
    found = {}
    for spec in sys.argv[5:]:
        name, columns = spec.split("=", 1)
        columns = [c.split(":")[0] for c in columns.split(";")]
        rows, count = table(brokers, deserialize, prefix + "." + name)
        found[name] = {"columns": columns, "rows": [[plain(row.get(c)) for c in columns] for row in rows]}
        if count == 0:
            sys.exit("%s: no messages" % name)
    with open(out, "w", encoding="utf-8") as f:
        json.dump(found, f)


main()
