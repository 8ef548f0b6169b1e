import json
import os
import urllib.request

request = urllib.request.Request(
    f"http://localhost:8080/api/v1/sandbox/shipments/{os.environ['SHIPMENT_ID']}/advance",
    method="POST",
    headers={"Authorization": "Bearer " + os.environ["OPP_API_KEY"]},
)
with urllib.request.urlopen(request) as answer:
    moved = json.load(answer)

print(moved["trackingNumber"], moved["status"])
