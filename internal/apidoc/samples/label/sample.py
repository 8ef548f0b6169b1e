import os
import urllib.request

request = urllib.request.Request(
    f"http://localhost:8080/api/v1/shipments/{os.environ['SHIPMENT_ID']}/label?format=pdf&media=thermo-225",
    headers={"Authorization": "Bearer " + os.environ["OPP_API_KEY"]},
)
with urllib.request.urlopen(request) as answer, open("label.pdf", "wb") as file:
    file.write(answer.read())
