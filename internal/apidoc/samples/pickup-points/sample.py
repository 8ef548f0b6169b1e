import json
import os
import urllib.request

search = {"searchCriteria": {"location": {"postcode": "00100", "countryCode": "FI"}}, "limit": 5}
request = urllib.request.Request(
    "http://localhost:8080/2026-04/pickuppoints",
    data=json.dumps(search).encode(),
    headers={
        "Authorization": "Bearer " + os.environ["OPP_TOKEN"],
        "Accept-Language": "sv",
        "Content-Type": "application/json",
    },
)
with urllib.request.urlopen(request) as answer:
    for point in json.load(answer)["pickupPoints"]:
        print(point["pupCode"], point["publicName"], point["distanceInMeters"])
