import json
import os
import urllib.parse
import urllib.request

form = {
    "grant_type": "client_credentials",
    "client_id": os.environ["OPP_CLIENT_ID"],
    "client_secret": os.environ["OPP_CLIENT_SECRET"],
}
data = urllib.parse.urlencode(form).encode()
with urllib.request.urlopen("http://localhost:8080/api/v1/token", data) as answer:
    print(json.load(answer)["access_token"])
