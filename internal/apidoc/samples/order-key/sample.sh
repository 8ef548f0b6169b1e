curl --fail-with-body --silent --show-error 'http://localhost:8080/shippingapi/api/v1/shipping/order' \
  --header "Authorization: $OPP_API_KEY" \
  --header 'Content-Type: application/json' \
  --data-binary @order.json
