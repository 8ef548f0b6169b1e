<?php

$context = stream_context_create(['http' => [
    'method' => 'POST',
    'content' => json_encode([
        'date' => getenv('PICKUP_DATE'), 'earliest' => '08:00', 'latest' => '16:00',
        'trackingNumbers' => [getenv('TRACKING_NUMBER')],
    ]),
    'header' => [
        'Authorization: Bearer ' . getenv('OPP_API_KEY'),
        'Content-Type: application/json',
    ],
]]);
$answer = file_get_contents('http://localhost:8080/api/v1/pickups', false, $context);

$ordered = json_decode($answer, true, flags: JSON_THROW_ON_ERROR);
echo $ordered['id'], ' ', $ordered['status'], PHP_EOL;
