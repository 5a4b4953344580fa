// A prepared answer goes into its field at once; what is typed there already is only replaced when somebody says so.
"use strict";

for (const button of document.querySelectorAll("[data-fills]")) {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    const place = document.getElementById(button.dataset.fills);
    const typed = place.value.trim();
    if (typed && typed !== button.dataset.text && !confirm(button.dataset.ask)) return;
    place.value = button.dataset.text;
    place.focus();
  });
}
