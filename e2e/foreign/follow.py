"""A client of another language, written from docs/protocol.md alone: opens a channel, prints what comes, and ends after so many notifications.

usage: follow.py URL TRANSPORTS REQUEST COUNT
prints one JSON document a line: {"opened": ...}, then {"notification": ...}
"""
import json
import queue
import sys

import socketio

url, transports, request, count = sys.argv[1:]
received = queue.Queue()
client = socketio.Client(reconnection=False)
client.on("notification", received.put)
client.connect(url, transports=transports.split(","))
# Notifications may come before the answer is read.
print(json.dumps({"opened": client.call("channel:open", json.loads(request), timeout=30)}), flush=True)
notifications = [received.get(timeout=30) for _ in range(int(count))]
# The library runs the handler in a thread of its own for each message, so that `seq` alone tells the order.
for notification in sorted(notifications, key=lambda one: one["seq"]):
    print(json.dumps({"notification": notification}), flush=True)
client.disconnect()
