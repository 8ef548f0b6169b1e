import json
import os
import urllib.request

with open("order.json", "rb") as file:
    request = urllib.request.Request(
        "http://localhost:8080/shippingapi/api/v2/shipping/order",
        data=file.read(),
        headers={
            "Authorization": "Bearer " + os.environ["OPP_TOKEN"],
            "Content-Type": "application/json",
        },
    )
with urllib.request.urlopen(request) as answer:
    order = json.load(answer)[0]

print(order["id"], order["parcels"][0]["parcelNo"])
