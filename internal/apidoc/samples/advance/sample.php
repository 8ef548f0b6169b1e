<?php

$context = stream_context_create(['http' => [
    'method' => 'POST',
    'header' => ['Authorization: Bearer ' . getenv('OPP_API_KEY')],
]]);
$shipment = getenv('SHIPMENT_ID');
$answer = file_get_contents("http://localhost:8080/api/v1/sandbox/shipments/$shipment/advance", false, $context);

$moved = json_decode($answer, true, flags: JSON_THROW_ON_ERROR);
echo $moved['trackingNumber'], ' ', $moved['status'], PHP_EOL;
