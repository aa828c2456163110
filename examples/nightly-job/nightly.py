"""A nightly job that tells a channel of its progress and its end: python3 nightly.py http://127.0.0.1:3000 CHANNEL

Needs PUBLISH_API_KEY, and nothing but the standard library.
"""
import datetime
import json
import os
import sys
import time
import urllib.error
import urllib.request

url, channel = sys.argv[1:3]
night = datetime.date.today().isoformat()
subject = f"nightly-{night}"
steps = ["collect", "compare", "write"]


def publish(notification, key, attempts=8):
    """Sends it again under its key where that may help, so that it is published once."""
    request = urllib.request.Request(
        f"{url}/channels/{channel}/notifications",
        data=json.dumps(notification).encode(),
        headers={
            "Authorization": f"Bearer {os.environ['PUBLISH_API_KEY']}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        },
    )
    for attempt in range(1, attempts + 1):
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)["eventIds"]
        except urllib.error.HTTPError as error:
            problem = json.load(error)
            if not problem["retriable"] or attempt == attempts:
                sys.exit(f"{problem['code']}: {problem['detail']}")
            pause = float(error.headers.get("Retry-After", attempt))
        except OSError:
            if attempt == attempts:
                raise
            pause = attempt
        time.sleep(pause)


for number, step in enumerate(steps, start=1):
    # The job's work stands here.
    data = {"step": step, "done": number, "of": len(steps)}
    publish(
        {"subject": subject, "type": "nightly.progress", "lane": "progress", "version": number, "data": data},
        f"{subject}-{number}",
    )
publish({"subject": subject, "type": "nightly.done", "data": {"steps": len(steps)}, "final": True}, subject)
print(f"told {channel} that {subject} is done")
