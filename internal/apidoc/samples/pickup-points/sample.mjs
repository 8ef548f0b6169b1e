const answer = await fetch("http://localhost:8080/2026-04/pickuppoints", {
  method: "POST",
  headers: {
    Authorization: `Bearer ${process.env.OPP_TOKEN}`,
    "Accept-Language": "sv",
    "Content-Type": "application/json",
  },
  body: JSON.stringify({
    searchCriteria: { location: { postcode: "00100", countryCode: "FI" } },
    limit: 5,
  }),
});
if (!answer.ok) throw new Error(await answer.text());

const { pickupPoints } = await answer.json();
for (const point of pickupPoints) console.log(point.pupCode, point.publicName, point.distanceInMeters);
