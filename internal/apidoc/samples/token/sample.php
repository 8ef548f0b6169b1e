<?php

$context = stream_context_create(['http' => [
    'method' => 'POST',
    'content' => http_build_query([
        'grant_type' => 'client_credentials',
        'client_id' => getenv('OPP_CLIENT_ID'),
        'client_secret' => getenv('OPP_CLIENT_SECRET'),
    ]),
    'header' => [
        'Content-Type: application/x-www-form-urlencoded',
    ],
]]);
$answer = file_get_contents('http://localhost:8080/api/v1/token', false, $context);

$token = json_decode($answer, true, flags: JSON_THROW_ON_ERROR);
echo $token['access_token'], PHP_EOL;
