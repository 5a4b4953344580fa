// A case's page looks whether it is still true, less and less often while nothing happens, and only while it is seen.
"use strict";

const FIRST_LOOK = 2000, LONGEST_PAUSE = 60000;
let seen = document.querySelector("[data-mark]");
let ticking = document.querySelector("[data-countdown]") !== null;
let pause = FIRST_LOOK, nextLook;

// Whether somebody has typed, or is about to type, what a new page would not have.
function isBusy() {
  if (document.activeElement?.matches("main input, main select, main textarea")) return true;
  return [...document.querySelectorAll("main form")].some((form) => [...form.elements].some((field) => {
    if (field.type === "hidden" || field.type === "submit") return false;
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.type === "file") return field.files.length > 0;
    if (field.options) return [...field.options].some((option) => option.selected !== option.defaultSelected && option.index);
    return field.value !== field.defaultValue;
  }));
}

// What is left of a deadline was reckoned when its page was asked for; the ticking began with the first page.
function reckoned(part) {
  for (const place of part.querySelectorAll("[data-countdown]")) {
    place.dataset.left = Number(place.dataset.left) + performance.now() / 1000;
  }
  return part;
}

// The page as it is now. Its conversation stays, which looks after itself; what somebody types in stays, too.
async function renew() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[data-mark]");
  if (!answer.ok || !fresh) return false;
  reckoned(page);
  document.title = page.title;
  if (isBusy()) {
    seen.replaceWith(fresh);
    document.querySelector("[data-changed]").hidden = false;
  } else {
    const opened = new Set([...document.querySelectorAll("main details[open] > summary")].map((each) => each.textContent));
    const talk = document.getElementById("messages");
    if (talk) page.getElementById("messages")?.replaceWith(talk);
    document.querySelector("main").replaceChildren(...page.querySelector("main").childNodes);
    for (const each of document.querySelectorAll("main details > summary")) {
      if (opened.has(each.textContent)) each.parentElement.open = true;
    }
    const told = document.querySelector("[data-renewed]");
    setTimeout(() => { told.textContent = fresh.dataset.renewedText; }, 100);
  }
  seen = fresh;
  if (!ticking && document.querySelector("[data-countdown]")) {
    ticking = true;
    setInterval(tick, 1000);
  }
  return true;
}

async function isStillTrue() {
  if (document.hidden || !seen.dataset.now) return;
  try {
    const answer = await fetch(seen.dataset.now, { headers: { "If-None-Match": `"${seen.dataset.mark}"` } });
    if (answer.status === 304) {
      pause = Math.min(pause * 1.5, LONGEST_PAUSE);
    } else if (answer.ok && !answer.redirected) {
      if (!await renew()) return;
      pause = FIRST_LOOK;
    } else if (answer.status < 500) {
      return; // signed out, or not theirs any more
    } else {
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
  } catch {
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  }
  nextLook = setTimeout(isStillTrue, pause);
}

function lookIn(milliseconds) {
  clearTimeout(nextLook);
  nextLook = setTimeout(isStillTrue, milliseconds);
}

// The shorter the time, the stronger it is said; once it is over the page says what that meant.
function hurry() {
  const chip = document.querySelector(".deadline [data-countdown]");
  if (!chip) return;
  const left = Number(chip.dataset.left) - performance.now() / 1000;
  const how = left < 3600 ? "last" : left < 86400 ? "soon" : "";
  if (how && !chip.classList.contains(how)) {
    chip.classList.remove("soon");
    chip.classList.add(how);
    chip.dataset.text = chip.dataset[how];
  }
  if (left <= 0 && !chip.dataset.over) {
    chip.dataset.over = "yes";
    pause = FIRST_LOOK;
    lookIn(FIRST_LOOK);
  }
}

if (seen) {
  lookIn(pause);
  setInterval(hurry, 1000);
  document.addEventListener("visibilitychange", () => {
    pause = FIRST_LOOK;
    if (document.hidden) clearTimeout(nextLook);
    else lookIn(200);
  });
}
