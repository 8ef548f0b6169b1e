curl --fail-with-body --silent --show-error --output label.pdf \
  "http://localhost:8080/api/v1/shipments/$SHIPMENT_ID/label?format=pdf&media=thermo-225" \
  --header "Authorization: Bearer $OPP_API_KEY"
