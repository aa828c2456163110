"""Prints each record of a topic that was committed, as kafka-python reads it, one JSON document a line: read_committed.py BROKERS TOPIC"""
import json
import sys

from kafka import KafkaConsumer, TopicPartition

brokers, topic = sys.argv[1:]
consumer = KafkaConsumer(bootstrap_servers=brokers, isolation_level="read_committed", auto_offset_reset="earliest")
partitions = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic)]
consumer.assign(partitions)
consumer.seek_to_beginning()
print(json.dumps({"ready": True}), flush=True)


def decoded(value):
    try:
        return None if value is None else json.loads(value)
    except ValueError:
        return "no JSON"


for record in consumer:
    # A tombstone has no value, and the bytes of work are no JSON.
    print(json.dumps({"key": record.key.decode(), "value": decoded(record.value)}), flush=True)
