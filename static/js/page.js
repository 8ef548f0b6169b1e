// Small things of every page: the notice while offline, what an address points at inside a fold, what a fold opens.

// The other modules send the event "unreached" with what failed because the network or the portal was away: it is done
// again when the network is back, or in a while; and "reached" with what needs no second time.
const notice = document.getElementById("offline");
const unreached = new Set();
let timer;
const tell = () => notice.hidden = navigator.onLine && !unreached.size;
addEventListener("online", again);
addEventListener("offline", tell);
document.addEventListener("unreached", ({detail}) => {
  unreached.add(detail);
  tell();
  clearTimeout(timer);
  timer = setTimeout(again, 5000);
});
document.addEventListener("reached", ({detail}) => unreached.delete(detail) && tell());
tell();

async function again() {
  const all = [...unreached];
  unreached.clear();
  await Promise.all(all.map((one) => one()));
  tell();
}

// An address may point into what is folded away.
const target = location.hash && document.getElementById(location.hash.slice(1));
const fold = target && target.closest("details:not([open])");
if (fold) {
  fold.open = true;
  target.scrollIntoView();
}

// What opens once is gone when it has: the first field of what it opened has the focus then.
document.addEventListener("toggle", ({target}) => {
  if (target.matches("details.fold--once[open]")) target.querySelector("input")?.focus();
}, true);

// What is kept for a year, and is no secret.
const keep = (name, value) => document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;

// Times are read in the reader's time zone, once that is known.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.split("; ").includes(`timezone=${zone}`)) keep("timezone", zone);

// Samples are read in one language, here and the next time.
document.addEventListener("change", ({target}) => {
  if (target.name === "samples") keep(target.name, target.value);
});

// All keys of those who are removed are decided of at once, where there are many.
document.addEventListener("click", ({target}) => {
  const all = target.closest("[data-decide-all]");
  if (all) for (const choice of all.form.querySelectorAll(`[type=radio][value=${all.dataset.decideAll}]`)) choice.checked = true;
});
