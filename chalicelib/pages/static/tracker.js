// A case's page looks whether it is still true, less and less often while nothing happens, and only while it is seen.
"use strict";

const state = document.querySelector("[data-now]");
const FIRST = 2000, LAST = 60000;
let pause = FIRST, timer;

// Whether somebody has typed something that a new page would not have.
function isTyped() {
  return [...document.querySelectorAll("main form")].some((form) => [...form.elements].some((field) => {
    if (field.type === "hidden" || field.type === "submit") return false;
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.type === "file") return field.files.length > 0;
    if (field.options) return [...field.options].some((option) => option.selected !== option.defaultSelected && option.index);
    return field.value !== field.defaultValue;
  }));
}

function hasChanged() {
  if (!isTyped() && !document.querySelector("main details[open] form :focus")) {
    sessionStorage.setItem("changed", location.pathname);
    location.reload();
    return;
  }
  document.querySelector("[data-changed]").hidden = false;
}

async function isStillTrue() {
  if (document.hidden) return;
  try {
    const answer = await fetch(state.dataset.now, { headers: { "If-None-Match": `"${state.dataset.mark}"` } });
    if (answer.status === 304) {
      pause = Math.min(pause * 1.5, LAST);
    } else if (answer.ok && !answer.redirected) {
      return hasChanged();
    } else if (answer.status < 500) {
      return; // signed out, or not theirs any more
    }
  } catch {
    pause = Math.min(pause * 2, LAST);
  }
  timer = setTimeout(isStillTrue, pause);
}

if (state) {
  if (sessionStorage.getItem("changed") === location.pathname) {
    document.querySelector("[data-renewed]").textContent = state.dataset.renewed;
  }
  sessionStorage.removeItem("changed");
  timer = setTimeout(isStillTrue, pause);
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    pause = FIRST;
    if (!document.hidden) timer = setTimeout(isStillTrue, 200);
  });
}
