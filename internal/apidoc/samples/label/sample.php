<?php

$context = stream_context_create(['http' => [
    'header' => ['Authorization: Bearer ' . getenv('OPP_API_KEY')],
]]);
$id = getenv('SHIPMENT_ID');
$label = file_get_contents("http://localhost:8080/api/v1/shipments/$id/label?format=pdf&media=thermo-225", false, $context);

if ($label === false) {
    exit(1);
}
file_put_contents('label.pdf', $label);
