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

// What was chosen once stays to be seen when it is taken away.
document.addEventListener("change", ({target}) => target.closest(".picker__item")?.classList.add("was-chosen"));

// Not as soon as the focus goes: what is about to be pressed must not move away from under the pointer.
document.addEventListener("click", (event) => {
  for (const picker of openPickers()) {
    if (!picker.closest(".picker__box").contains(event.target)) picker.open = false;
  }
});
