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
for _ in range(int(count)):
    print(json.dumps({"notification": received.get(timeout=30)}), flush=True)
client.disconnect()
