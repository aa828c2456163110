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
for record in consumer:
    # A tombstone has no value.
    value = None if record.value is None else json.loads(record.value)
    print(json.dumps({"key": record.key.decode(), "value": value}), flush=True)
