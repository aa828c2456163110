"""A service that makes reports in the heavy lane, and answers with a file: python3 report_service.py http://127.0.0.1:3000

Needs PUBLISH_API_KEY, a server that was started with REQUESTS_FILE=requests.json, and nothing but the standard library.
A report that takes longer than 30 s must renew its lease: POST /requests/{id}/renew.
"""
import base64
import json
import os
import sys
import time
import urllib.error
import urllib.request

url = sys.argv[1]
headers = {"Authorization": f"Bearer {os.environ['PUBLISH_API_KEY']}", "Content-Type": "application/json"}


def post(path, body):
    request = urllib.request.Request(f"{url}/requests/{path}", data=json.dumps(body).encode(), headers=headers)
    with urllib.request.urlopen(request, timeout=90) as answer:
        return json.load(answer) if answer.status == 200 else None


def create_report(request):
    """The server has checked the body by the schema in requests.json already."""
    month = request["body"]["json"]["month"]
    owner = request["headers"].get("owner", "nobody")
    text = f"month,owner,rows\r\n{month},{owner},3\r\n"
    return {
        "name": f"report-{month}.csv",
        "contentType": "text/csv",
        "base64": base64.b64encode(text.encode()).decode(),
    }


print("ready for requests to reports", flush=True)
while True:
    try:
        request = post("reports/take", {"lane": "heavy", "wait": 30})
        if request is None:
            continue
        reply = {"lease": request["lease"], "status": 200, "body": {"file": create_report(request)}}
        post(f"{request['requestId']}/reply", reply)
    except urllib.error.HTTPError as error:
        # What was not answered is handed out again.
        problem = json.load(error)
        print(problem["code"], problem["detail"], file=sys.stderr, flush=True)
        if error.code in (401, 404):
            sys.exit(1)
        time.sleep(float(error.headers.get("Retry-After", 1)))
    except OSError as error:
        print(error, file=sys.stderr, flush=True)
        time.sleep(1)
