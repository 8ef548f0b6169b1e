curl --fail-with-body --silent --show-error 'http://localhost:8080/api/v1/token' \
  --data-urlencode 'grant_type=client_credentials' \
  --data-urlencode "client_id=$OPP_CLIENT_ID" \
  --data-urlencode "client_secret=$OPP_CLIENT_SECRET"
