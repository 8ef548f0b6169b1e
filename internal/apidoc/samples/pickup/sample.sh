curl --fail-with-body --silent --show-error 'http://localhost:8080/api/v1/pickups' \
  --header "Authorization: Bearer $OPP_API_KEY" \
  --header 'Content-Type: application/json' \
  --data-binary @- <<JSON
{
  "date": "$PICKUP_DATE", "earliest": "08:00", "latest": "16:00",
  "trackingNumbers": ["$TRACKING_NUMBER"]
}
JSON
