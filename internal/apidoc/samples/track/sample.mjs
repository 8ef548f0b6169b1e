const number = process.env.TRACKING_NUMBER;
const answer = await fetch(`http://localhost:8080/tracking/7/shipments/trackingnumber/${number}`, {
  headers: { Authorization: `Bearer ${process.env.OPP_API_KEY}` },
});
if (!answer.ok) throw new Error(await answer.text());

const { parcelShipments } = await answer.json();
for (const shipment of parcelShipments) console.log(shipment.trackingNumber, shipment.status);
