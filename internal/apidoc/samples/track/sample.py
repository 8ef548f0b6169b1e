import json
import os
import urllib.request

request = urllib.request.Request(
    f"http://localhost:8080/tracking/7/shipments/trackingnumber/{os.environ['TRACKING_NUMBER']}",
    headers={"Authorization": "Bearer " + os.environ["OPP_API_KEY"]},
)
with urllib.request.urlopen(request) as answer:
    for shipment in json.load(answer)["parcelShipments"]:
        print(shipment["trackingNumber"], shipment["status"])
