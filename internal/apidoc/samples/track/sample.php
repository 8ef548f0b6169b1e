<?php

$context = stream_context_create(['http' => [
    'header' => ['Authorization: Bearer ' . getenv('OPP_API_KEY')],
]]);
$number = getenv('TRACKING_NUMBER');
$answer = file_get_contents("http://localhost:8080/tracking/7/shipments/trackingnumber/$number", false, $context);

$found = json_decode($answer, true, flags: JSON_THROW_ON_ERROR);
foreach ($found['parcelShipments'] as $shipment) {
    echo $shipment['trackingNumber'], ' ', $shipment['status'], PHP_EOL;
}
