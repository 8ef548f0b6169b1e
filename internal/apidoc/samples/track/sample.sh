curl --fail-with-body --silent --show-error \
  "http://localhost:8080/tracking/7/shipments/trackingnumber/$TRACKING_NUMBER" \
  --header "Authorization: Bearer $OPP_API_KEY"
