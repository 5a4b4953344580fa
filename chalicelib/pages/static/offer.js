// A slider beside an amount that is typed, and what the buyer then gets; the field alone does as well.
"use strict";

const lang = document.documentElement.dataset.numbers;

// As the server writes amounts: the sign right before the number, rupiah with Indonesian points.
function amount(minor, currency) {
  const language = currency === "IDR" ? "id" : lang;
  const digits = digitsOf(currency);
  const parts = new Intl.NumberFormat(language, {
    style: "currency", currency, minimumFractionDigits: digits, maximumFractionDigits: digits,
  }).formatToParts(minor / 10 ** digits);
  return parts.filter((part) => part.type !== "literal").map((part) => part.value).join("");
}

function digitsOf(currency) {
  if (currency === "IDR") return 0;
  return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits;
}

for (const place of document.querySelectorAll("[data-slide]")) {
  const field = document.getElementById(place.dataset.slide);
  const [range, told] = [place.querySelector("input"), place.querySelector("output")];
  const { currency, text } = place.dataset;
  const full = Number(place.dataset.full);
  const most = Number(range.max);
  // About a hundred stops, on round amounts; the last one is the most that may be offered, round or not.
  const step = 10 ** Math.max(0, Math.floor(Math.log10(most)) - 2);
  const stops = Math.ceil(most / step);
  Object.assign(range, { min: 1, max: stops, step: 1, value: Math.ceil(stops / 4) });

  const minor = () => Math.min(most, Number(range.value) * step);
  const typed = (value) => (value / 10 ** digitsOf(currency)).toFixed(digitsOf(currency)).replace(".", new Intl.NumberFormat(lang).format(0.1)[1]);

  function tell(value) {
    const kept = place.dataset.slide === "fee" ? value : full - value;
    told.textContent = text.replace("{kept}", amount(kept, currency)).replace("{rest}", amount(full - kept, currency));
    range.setAttribute("aria-valuetext", told.textContent);
  }

  range.addEventListener("input", () => {
    field.value = typed(minor());
    tell(minor());
  });
  // What is typed may be written in many ways; the server reads it and says it back before it counts.
  field.addEventListener("input", () => {
    const plain = /^\d+$/.test(field.value) && digitsOf(currency) === 0 ? Number(field.value) : NaN;
    if (plain >= 1 && plain <= most) {
      range.value = Math.round(plain / step);
      tell(plain);
    } else told.textContent = "";
  });
  place.hidden = false;
}

// Only the field of what is chosen is shown.
const what = document.getElementById("what");

function choose() {
  for (const place of document.querySelectorAll("[data-offer]")) place.hidden = place.dataset.offer !== what.value;
}

if (what && document.querySelector("[data-offer]")) {
  what.addEventListener("change", choose);
  choose();
}
