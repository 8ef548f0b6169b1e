import json
import os
import urllib.request

with open("order.json", "rb") as file:
    request = urllib.request.Request(
        "http://localhost:8080/api/v1/shipments",
        data=file.read(),
        headers={
            "Authorization": "Bearer " + os.environ["OPP_API_KEY"],
            "Content-Type": "application/json",
            "Idempotency-Key": "order-1001",
        },
    )
with urllib.request.urlopen(request) as answer:
    shipment = json.load(answer)

print(shipment["id"], shipment["shipmentNumber"])
