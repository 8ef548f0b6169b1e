<?php

$context = stream_context_create(['http' => [
    'method' => 'POST',
    'content' => json_encode([
        'searchCriteria' => ['location' => ['postcode' => '00100', 'countryCode' => 'FI']],
        'limit' => 5,
    ]),
    'header' => [
        'Authorization: Bearer ' . getenv('OPP_TOKEN'),
        'Accept-Language: sv',
        'Content-Type: application/json',
    ],
]]);
$answer = file_get_contents('http://localhost:8080/2026-04/pickuppoints', false, $context);

$found = json_decode($answer, true, flags: JSON_THROW_ON_ERROR);
foreach ($found['pickupPoints'] as $point) {
    echo $point['pupCode'], ' ', $point['publicName'], ' ', $point['distanceInMeters'], PHP_EOL;
}
