"""The report service beside Kafka, without HTTP: python3 report_service_kafka.py 127.0.0.1:9092

Needs kafka-python, and a server that was started with REQUESTS_FILE=requests.json.
"""
import json
import sys
import time

from kafka import KafkaConsumer, KafkaProducer

brokers = sys.argv[1]
consumer = KafkaConsumer(
    "requests.heavy",
    bootstrap_servers=brokers,
    group_id="reports.requests.heavy",
    enable_auto_commit=False,
    auto_offset_reset="earliest",
    max_partition_fetch_bytes=9_000_000,
)
producer = KafkaProducer(bootstrap_servers=brokers, acks="all", max_request_size=9_000_000)


def create_report(month, owner):
    """The server has checked the body by the schema in requests.json already."""
    return f"month,owner,rows\r\n{month},{owner},3\r\n".encode()


print("ready for requests to reports", flush=True)
for record in consumer:
    headers = {name: value.decode() for name, value in record.headers}
    # Every service reads the whole topic, and answers what is its own and still waited for.
    if headers.get("request-service") == "reports" and int(headers["request-deadline"]) > time.time() * 1000:
        month = json.loads(record.value)["month"]
        report = create_report(month, headers.get("owner", "nobody"))
        about = {
            "request-id": headers["request-id"],
            "correlation-id": headers["correlation-id"],
            "reply-status": "200",
            "content-type": "text/csv",
            "content-disposition": f'attachment; filename="report-{month}.csv"',
        }
        # The key leads the reply to the instance that waits for it.
        producer.send(
            "requests.replies",
            key=headers["reply-to"].encode(),
            value=report,
            headers=[(name, value.encode()) for name, value in about.items()],
        ).get(timeout=30)
    # A worker that ends before this line gets the request again.
    consumer.commit()
