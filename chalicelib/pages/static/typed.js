// What is typed outlives Back, another language, a closed lid: kept in this tab alone, until it is sent.
"use strict";

const place = location.pathname;
const SENT = "typed:sent";

function keyOf(form, field) {
  return `typed:${new URL(form.action, location.href).pathname}:${field.name}`;
}

function isKept(field) {
  return field.name && field.type !== "hidden" && field.type !== "file" && field.type !== "checkbox"
    && field.tagName !== "BUTTON" && !field.closest("[data-private]");
}

function fieldsOf(form) {
  return [...form.elements].filter(isKept);
}

function forget(prefix) {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(prefix)) sessionStorage.removeItem(key);
}

// The page after a form says how it went: one that was refused stands at the form's own address, with all in it; one
// that was done says so there.
const sent = sessionStorage.getItem(SENT);
if (sent && (place !== sent || document.querySelector("[data-sent]"))) forget(`typed:${sent}:`);
sessionStorage.removeItem(SENT);

// One of several is chosen again where the page itself chose none.
function choose(field, kept) {
  const chosen = [...field.form.elements].some((each) => each.name === field.name && each.defaultChecked);
  if (chosen || field.value !== kept) return;
  field.checked = true;
  field.closest("details")?.setAttribute("open", "");
}

for (const form of document.querySelectorAll("main form[method=post]")) {
  for (const field of fieldsOf(form)) {
    const kept = sessionStorage.getItem(keyOf(form, field));
    if (field.type === "radio") {
      if (kept !== null) choose(field, kept);
      continue;
    }
    const untouched = field.options ? !field.selectedIndex || field.selectedIndex < 0 : field.value === field.defaultValue;
    if (kept === null || !untouched || kept === field.value) continue;
    field.value = kept;
    field.closest("details")?.setAttribute("open", "");
  }
}

// Whatever form it is: a page that follows its case puts in new ones.
function isOurs(form) {
  return form?.matches("main form[method=post]");
}

document.addEventListener("input", ({ target }) => {
  if (isOurs(target.form) && isKept(target)) sessionStorage.setItem(keyOf(target.form, target), target.value);
});
document.addEventListener("submit", ({ target }) => {
  if (isOurs(target)) sessionStorage.setItem(SENT, new URL(target.action, location.href).pathname);
});

document.querySelector("header form")?.addEventListener("submit", () => {
  forget("typed:");
  indexedDB.deleteDatabase("batal-photos");
});
