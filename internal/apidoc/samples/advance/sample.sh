curl --fail-with-body --silent --show-error --request POST \
  "http://localhost:8080/api/v1/sandbox/shipments/$SHIPMENT_ID/advance" \
  --header "Authorization: Bearer $OPP_API_KEY"
