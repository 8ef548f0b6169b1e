<?php

$context = stream_context_create(['http' => [
    'method' => 'POST',
    'content' => file_get_contents('order.json'),
    'header' => [
        'Authorization: ' . getenv('OPP_API_KEY'),
        'Content-Type: application/json',
    ],
]]);
$answer = file_get_contents('http://localhost:8080/shippingapi/api/v1/shipping/order', false, $context);

[$order] = json_decode($answer, true, flags: JSON_THROW_ON_ERROR);
echo $order['id'], ' ', $order['parcels'][0]['parcelNo'], PHP_EOL;
