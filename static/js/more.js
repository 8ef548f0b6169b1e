// Visa mera: the next rows come under those that are shown, and the focus goes to the first of them. On the way back to
// the page they come again, and it stands where it stood. Without this the link leads to the next page.

document.addEventListener("click", async (event) => {
  const link = event.target.closest("[data-more]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const list = link.dataset.more;
  const [first] = await more(link, () => link.click()) ?? [];
  if (!first) return;
  const row = first.querySelector(".row");
  if (!row.href) row.tabIndex = -1;
  row.focus();
  const shown = history.state?.shown;
  history.replaceState({...history.state, shown: {...shown, [list]: (shown?.[list] ?? 0) + 1}}, "");
});

// more gives the rows that have come; none if a search has been answered meanwhile, or nobody could be reached, which again
// then tries once more.
async function more(link, again) {
  if (link.ariaBusy === "true") return;
  link.ariaBusy = "true";
  let answer, text;
  try {
    answer = await fetch(link.href);
    text = await answer.text();
  } catch {
    link.ariaBusy = null;
    document.dispatchEvent(new CustomEvent("unreached", {detail: again}));
    return;
  }
  if (!answer.ok || answer.redirected) return location.assign(link.href);
  if (!link.isConnected) return;
  const page = new DOMParser().parseFromString(text, "text/html");
  const list = link.dataset.more;
  const rows = [...page.getElementById(list).children];
  document.getElementById(list).append(...rows);
  const next = page.querySelector(`[data-more="${list}"]`);
  if (next) link.replaceWith(next);
  else link.parentElement.remove();
  document.dispatchEvent(new CustomEvent("listed"));
  return rows;
}

// Pages are not kept by the browser, so that nobody goes back to them after a log-out. What is remembered is how often
// more was shown, and where.
const missing = {...history.state?.shown};
async function restore() {
  for (const list in missing) {
    for (; missing[list] > 0; missing[list]--) {
      const link = document.querySelector(`[data-more="${list}"]`);
      if (!link) break; // they have become fewer
      if (!await more(link, restore)) return;
    }
  }
  scrollTo({top: history.state.top, behavior: "instant"});
}

addEventListener("pagehide", () => {
  if (history.state?.shown) history.replaceState({...history.state, top: scrollY}, "");
});
if (history.state?.shown) restore();
