// Small things of every page: the notice while offline, what an address points at inside a fold.

const notice = document.getElementById("offline");
const tell = () => notice.hidden = navigator.onLine;
addEventListener("online", tell);
addEventListener("offline", tell);
tell();

// An address may point into what is folded away.
const target = location.hash && document.getElementById(location.hash.slice(1));
const fold = target && target.closest("details:not([open])");
if (fold) {
  fold.open = true;
  target.scrollIntoView();
}

// What is kept for a year, and is no secret.
const keep = (name, value) => document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;

// Times are read in the reader's time zone, once that is known.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.split("; ").includes(`timezone=${zone}`)) keep("timezone", zone);

// Samples are read in one language, here and the next time.
document.addEventListener("change", ({target}) => {
  if (target.name === "samples") keep(target.name, target.value);
});
