"""Adds the contacts of each import that ends to a mailing list: python3 mailing_list.py BROKERS URL FILE

Needs kafka-python, and the API key as PUBLISH_API_KEY. It hears of imports from the topic `notifications`, as a consumer group of its own: a first
start reads the history that the topic keeps, and a start after an absence goes on where it was.
"""
import json
import os
import sys
import urllib.parse
import urllib.request

from kafka import KafkaConsumer

brokers, url, path = sys.argv[1:]
OUTCOMES = {"import.completed", "import.completed_with_errors"}


def ask(method, address, token, body=None):
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url + address, data, headers, method=method)) as answer:
        return json.load(answer)


def contacts_of(owner):
    """Every contact of an owner, page by page."""
    token = ask("POST", "/channels", os.environ["PUBLISH_API_KEY"], {"owner": owner})["token"]
    cursor = ""
    while cursor is not None:
        page = ask("GET", f"/contacts?limit=500{cursor}", token)
        yield from page["items"]
        following = page["nextCursor"]
        cursor = None if following is None else "&cursor=" + urllib.parse.quote(following)


def add_new(owner):
    """What is listed already is left alone, so an import that is heard of twice adds nothing."""
    with open(path, "a+", encoding="utf-8") as file:
        file.seek(0)
        listed = set(file.read().split("\n"))
        new = [contact["email"] for contact in contacts_of(owner) if contact["email"] not in listed]
        file.writelines(f"{email}\n" for email in new)
    return len(new)


consumer = KafkaConsumer(
    "notifications",
    bootstrap_servers=brokers,
    group_id="mailing-list",
    isolation_level="read_committed",
    enable_auto_commit=False,
    auto_offset_reset="earliest",
    session_timeout_ms=10_000,  # A program that was killed is followed by its next start after this time.
)
print("follows imports", flush=True)
for record in consumer:
    event = json.loads(record.value)
    # Records of support's channel are copies.
    if record.key != b"support" and event.get("type") in OUTCOMES:
        print(f"import {event['subject']}: {add_new(event['owner'])} new contacts", flush=True)
    # A program that ends before this line hears of the import again.
    consumer.commit()
