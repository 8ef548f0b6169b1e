import json
import os
import urllib.request

with open("order.json", "rb") as file:
    request = urllib.request.Request(
        "http://localhost:8080/shippingapi/api/v1/shipping/order",
        data=file.read(),
        headers={
            "Authorization": os.environ["OPP_API_KEY"],
            "Content-Type": "application/json",
        },
    )
with urllib.request.urlopen(request) as answer:
    order = json.load(answer)[0]

print(order["id"], order["parcels"][0]["parcelNo"])
