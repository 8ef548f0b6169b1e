import { readFile } from "node:fs/promises";

const answer = await fetch("http://localhost:8080/shippingapi/api/v2/shipping/order", {
  method: "POST",
  headers: {
    Authorization: `Bearer ${process.env.OPP_TOKEN}`,
    "Content-Type": "application/json",
  },
  body: await readFile("order.json"),
});
if (!answer.ok) throw new Error(await answer.text());

const [order] = await answer.json();
console.log(order.id, order.parcels[0].parcelNo);
