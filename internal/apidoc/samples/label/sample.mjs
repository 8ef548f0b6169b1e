import { writeFile } from "node:fs/promises";

const label = `http://localhost:8080/api/v1/shipments/${process.env.SHIPMENT_ID}/label?format=pdf&media=thermo-225`;
const answer = await fetch(label, {
  headers: { Authorization: `Bearer ${process.env.OPP_API_KEY}` },
});
if (!answer.ok) throw new Error(await answer.text());

await writeFile("label.pdf", Buffer.from(await answer.arrayBuffer()));
