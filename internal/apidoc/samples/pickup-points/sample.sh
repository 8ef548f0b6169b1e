curl --fail-with-body --silent --show-error 'http://localhost:8080/2026-04/pickuppoints' \
  --header "Authorization: Bearer $OPP_TOKEN" \
  --header 'Accept-Language: sv' \
  --header 'Content-Type: application/json' \
  --data '{"searchCriteria": {"location": {"postcode": "00100", "countryCode": "FI"}}, "limit": 5}'
