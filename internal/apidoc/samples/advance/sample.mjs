const shipment = process.env.SHIPMENT_ID;
const answer = await fetch(`http://localhost:8080/api/v1/sandbox/shipments/${shipment}/advance`, {
  method: "POST",
  headers: { Authorization: `Bearer ${process.env.OPP_API_KEY}` },
});
if (!answer.ok) throw new Error(await answer.text());

const moved = await answer.json();
console.log(moved.trackingNumber, moved.status);
