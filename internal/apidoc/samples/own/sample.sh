curl --fail-with-body --silent --show-error 'http://localhost:8080/api/v1/shipments' \
  --header "Authorization: Bearer $OPP_API_KEY" \
  --header 'Idempotency-Key: order-1001' \
  --header 'Content-Type: application/json' \
  --data-binary @order.json
