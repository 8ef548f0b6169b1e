// The drop-downs of contract numbers shut like others do: by Escape, which then leaves the dialog alone, and when one goes
// on elsewhere.

const openPickers = () => document.querySelectorAll(".picker details[open]");

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const picker of openPickers()) {
    event.preventDefault();
    picker.open = false;
    picker.querySelector("summary").focus();
  }
});

for (const type of ["click", "focusin"]) {
  document.addEventListener(type, (event) => {
    for (const picker of openPickers()) {
      if (!picker.closest(".picker__box").contains(event.target)) picker.open = false;
    }
  });
}
