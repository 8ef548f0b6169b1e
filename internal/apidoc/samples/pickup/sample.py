import json
import os
import urllib.request

pickup = {
    "date": os.environ["PICKUP_DATE"], "earliest": "08:00", "latest": "16:00",
    "trackingNumbers": [os.environ["TRACKING_NUMBER"]],
}
request = urllib.request.Request(
    "http://localhost:8080/api/v1/pickups",
    data=json.dumps(pickup).encode(),
    headers={
        "Authorization": "Bearer " + os.environ["OPP_API_KEY"],
        "Content-Type": "application/json",
    },
)
with urllib.request.urlopen(request) as answer:
    ordered = json.load(answer)

print(ordered["id"], ordered["status"])
