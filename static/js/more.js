// Visa mera: the next rows come under those that are shown, and the focus goes to the first of them. Without this the
// link leads to the next page.

document.addEventListener("click", async (event) => {
  const link = event.target.closest("[data-more]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (link.ariaBusy === "true") return;
  link.ariaBusy = "true";
  try {
    const answer = await fetch(link.href);
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!link.isConnected) return; // a search has been answered meanwhile
    const rows = [...page.getElementById(link.dataset.more).children];
    document.getElementById(link.dataset.more).append(...rows);
    const next = page.querySelector(`[data-more="${link.dataset.more}"]`);
    const first = rows[0].querySelector(".row");
    if (!first.href) first.tabIndex = -1;
    first.focus();
    if (next) link.replaceWith(next);
    else link.parentElement.remove();
    document.dispatchEvent(new CustomEvent("listed"));
  } catch {
    location.href = link.href;
  }
});
