"""Imports a file and waits for its outcome: python3 wait_for_import.py http://127.0.0.1:3000 contacts.csv

Needs nothing but the standard library.
"""
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid

url, path = sys.argv[1:3]
ENDED = {"completed", "completed_with_errors", "failed", "cancelled", "undone"}


def send(request, attempts=8):
    """Sends it again where that may help: both requests of this program may be repeated."""
    for attempt in range(1, attempts + 1):
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            problem = json.load(error)
            if not problem["retriable"] or attempt == attempts:
                print(f"refused: {problem['code']}: {problem['detail']}", file=sys.stderr)
                sys.exit(2)
            time.sleep(float(error.headers.get("Retry-After", attempt)))
        except OSError:
            if attempt == attempts:
                raise
            time.sleep(attempt)


boundary = uuid.uuid4().hex
with open(path, "rb") as file:
    name = os.path.basename(path)
    part = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = part.encode() + file.read() + f"\r\n--{boundary}--\r\n".encode()
headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Idempotency-Key": uuid.uuid4().hex}
accepted = send(urllib.request.Request(f"{url}/imports", data=body, headers=headers))

# The server holds each request for a minute, or until the import has ended.
held = {"Authorization": f"Bearer {accepted['channelToken']}", "Prefer": "wait=60"}
while (state := send(urllib.request.Request(f"{url}/imports/{accepted['importId']}", headers=held)))["status"] not in ENDED:
    time.sleep(2)
print(state["status"], json.dumps(state["rows"]))
sys.exit(0 if state["status"] == "completed" else 1)
