curl --fail-with-body --silent --show-error 'http://localhost:8080/shippingapi/api/v2/shipping/order' \
  --header "Authorization: Bearer $OPP_TOKEN" \
  --header 'Content-Type: application/json' \
  --data-binary @order.json
