const answer = await fetch("http://localhost:8080/api/v1/pickups", {
  method: "POST",
  headers: { Authorization: `Bearer ${process.env.OPP_API_KEY}`, "Content-Type": "application/json" },
  body: JSON.stringify({
    date: process.env.PICKUP_DATE, earliest: "08:00", latest: "16:00",
    trackingNumbers: [process.env.TRACKING_NUMBER],
  }),
});
if (!answer.ok) throw new Error(await answer.text());

const ordered = await answer.json();
console.log(ordered.id, ordered.status);
