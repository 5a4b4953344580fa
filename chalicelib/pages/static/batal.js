// Small comforts; every page works without them.
"use strict";

document.documentElement.classList.add("js");

// A deadline ticks. The server said how long is left, so a clock that is set wrong on this machine does not matter.
const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
const began = performance.now();

function lasting(seconds) {
  const words = [];
  let rest = seconds;
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count || (unit === "second" && !words.length)) {
      const style = { style: "unit", unit, unitDisplay: "long" };
      words.push(new Intl.NumberFormat(document.documentElement.dataset.numbers, style).format(count));
    }
  }
  return words.slice(0, 2).join(" ");
}

function tick() {
  for (const place of document.querySelectorAll("[data-countdown]")) {
    const left = Math.max(0, Math.round(Number(place.dataset.left) - (performance.now() - began) / 1000));
    place.textContent = place.dataset.text.replace("{left}", lasting(left));
  }
}

if (document.querySelector("[data-countdown]")) {
  tick();
  setInterval(tick, 1000);
}

// Who has not chosen a zone reads the times of the one that their machine is set to, from their first page on: in
// Indonesia one of its three, elsewhere whichever it is.
const zones = {
  "Asia/Jakarta": "WIB", "Asia/Pontianak": "WIB", "Asia/Makassar": "WITA", "Asia/Ujung_Pandang": "WITA",
  "Asia/Jayapura": "WIT",
};
const shown = document.documentElement.dataset.zone;
const machine = Intl.DateTimeFormat().resolvedOptions().timeZone;
const theirs = zones[machine] ?? (Object.values(zones).includes(shown) ? undefined : machine);

async function toTheirs() {
  const address = new URL(location.href);
  address.searchParams.set("zone", theirs);
  const answer = await fetch(address);
  if (!answer.ok || answer.redirected) return;
  // Once: where no cookie is kept it would come out the same for ever.
  sessionStorage.setItem("zone", theirs);
  if (!document.querySelector(":focus:is(input, textarea, select)")) location.reload();
}

if (shown && theirs && theirs !== shown && !sessionStorage.getItem("zone")) toTheirs();

// A conversation looks every two seconds whether somebody answered, while anybody is looking at it.
const thread = document.querySelector("[data-poll]");

function toTheEnd() {
  thread.scrollTop = thread.scrollHeight;
}

async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch(thread.dataset.poll, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const html = (await answer.text()).trim();
    if (html !== thread.dataset.seen) {
      const first = thread.dataset.seen === undefined;
      thread.dataset.seen = html;
      thread.innerHTML = html;
      if (html) document.querySelector("[data-empty]")?.remove();
      if (!first) toTheEnd();
    }
  } catch {
    // No network just now: the next look tries again.
  }
}

if (thread) {
  toTheEnd();
  setInterval(look, 2000);
}

// A message that was written for the buyer goes to the clipboard.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
    const before = button.textContent;
    button.textContent = button.dataset.copied;
    setTimeout(() => { button.textContent = before; }, 2000);
  });
}

// A file that would be refused is said to be before it travels: the bucket's own refusal is no page of ours.
for (const input of document.querySelectorAll("input[type=file][data-most]")) {
  input.addEventListener("change", () => {
    const files = [...input.files];
    let why = "";
    if (files.some((file) => file.size === 0)) why = input.dataset.empty;
    if (files.some((file) => file.size > Number(input.dataset.most))) why = input.dataset.tooLarge;
    if (input.accept && files.some((file) => file.type && !input.accept.split(",").includes(file.type))) why = input.dataset.otherType;
    if (input.dataset.mostFiles && files.length > Number(input.dataset.mostFiles)) why = input.dataset.tooMany;
    input.setCustomValidity(why);
    input.reportValidity();
  });
}
