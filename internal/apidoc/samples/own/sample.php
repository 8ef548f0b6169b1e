<?php

$context = stream_context_create(['http' => [
    'method' => 'POST',
    'content' => file_get_contents('order.json'),
    'header' => [
        'Authorization: Bearer ' . getenv('OPP_API_KEY'),
        'Idempotency-Key: order-1001',
        'Content-Type: application/json',
    ],
]]);
$answer = file_get_contents('http://localhost:8080/api/v1/shipments', false, $context);

$shipment = json_decode($answer, true, flags: JSON_THROW_ON_ERROR);
echo $shipment['id'], ' ', $shipment['shipmentNumber'], PHP_EOL;
