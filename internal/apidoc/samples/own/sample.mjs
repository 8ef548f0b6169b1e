import { readFile } from "node:fs/promises";

const answer = await fetch("http://localhost:8080/api/v1/shipments", {
  method: "POST",
  headers: {
    Authorization: `Bearer ${process.env.OPP_API_KEY}`,
    "Content-Type": "application/json",
    "Idempotency-Key": "order-1001",
  },
  body: await readFile("order.json"),
});
if (!answer.ok) throw new Error(await answer.text());

const shipment = await answer.json();
console.log(shipment.id, shipment.shipmentNumber);
