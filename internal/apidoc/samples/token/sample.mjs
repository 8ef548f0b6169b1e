const answer = await fetch("http://localhost:8080/api/v1/token", {
  method: "POST",
  body: new URLSearchParams({
    grant_type: "client_credentials",
    client_id: process.env.OPP_CLIENT_ID,
    client_secret: process.env.OPP_CLIENT_SECRET,
  }),
});
if (!answer.ok) throw new Error(await answer.text());

const { access_token } = await answer.json();
console.log(access_token);
