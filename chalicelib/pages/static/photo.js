// Photos that are chosen while asking wait in this browser until there is a case to put them to: through whatever pages
// come between. They are sent one after the other, as a bucket takes one at a time. Without this the page after asking
// has the button for each.
"use strict";

const KEPT_FOR = 24 * 3600 * 1000;
const SENT = "photo:sent";

function inStore(mode, act) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("batal-photos", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("photos");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const work = opening.result.transaction("photos", mode);
      const asked = act(work.objectStore("photos"));
      work.oncomplete = () => { opening.result.close(); resolve(asked.result); };
      work.onabort = work.onerror = () => { opening.result.close(); reject(work.error); };
    };
  });
}

// What waits, and of how many; one that an earlier version of this page kept is one.
async function waiting(key) {
  const found = await inStore("readonly", (photos) => photos.get(key));
  if (!found || Date.now() - found.at > KEPT_FOR) return { files: [], count: 0 };
  const files = found.files || [found.file];
  return { files, count: found.count || files.length };
}

function keep(key, files, count = files.length) {
  return inStore("readwrite", (photos) => (files.length ? photos.put({ files, count, at: Date.now() }, key) : photos.delete(key)));
}

function fill(input, files) {
  const chosen = new DataTransfer();
  for (const file of files) chosen.items.add(file);
  input.files = chosen.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

function sameFile(one, other) {
  return one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;
}

// Each that was chosen, with a button that takes it away again.
function list(place, files, takeAway) {
  place.replaceChildren(...files.map((file) => {
    const row = document.createElement("li"), name = document.createElement("span"), button = document.createElement("button");
    row.className = "row";
    name.textContent = file.name;
    button.type = "button";
    button.className = "second small";
    button.textContent = place.dataset.away;
    button.setAttribute("aria-label", `${place.dataset.away} ${file.name}`);
    button.addEventListener("click", () => takeAway(file));
    row.append(name, button);
    return row;
  }));
}

// While asking: shown for the reasons that want some, kept as soon as they are chosen. Whoever chooses again has one
// more: a phone's camera gives one at a time.
async function whileAsking(place) {
  const input = place.querySelector("input"), key = place.dataset.photo, form = place.closest("form");
  let keeping = null, chosen = [], filling = false;
  const follow = () => {
    place.hidden = !form.querySelector("input[name=reason_code]:checked[data-evidence]");
    input.disabled = place.hidden;
  };
  const set = (files) => {
    chosen = files;
    filling = true;
    fill(input, files);
    filling = false;
    list(place.querySelector("[data-away]"), files, (gone) => { set(chosen.filter((each) => each !== gone)); input.focus(); });
  };
  input.addEventListener("change", () => {
    if (!filling) {
      const more = [...input.files].filter((file) => !chosen.some((each) => sameFile(each, file)));
      set([...chosen, ...more]);
      return;
    }
    keeping = keep(key, input.validity.valid ? chosen : []).catch(() => {}).finally(() => { keeping = null; });
  });
  const before = await waiting(key);
  if (before.files.length) set(before.files);
  follow();
  form.addEventListener("input", follow);
  addEventListener("pageshow", follow);
  form.addEventListener("submit", (event) => {
    if (!keeping) return;
    event.preventDefault();
    keeping.then(() => form.requestSubmit(event.submitter));
  });
}

// After asking: what waits is sent without another press, each once; what failed is filled in to be sent again.
async function afterAsking(form) {
  const key = form.dataset.photoOf, { files, count } = await waiting(key);
  const input = form.querySelector("input[type=file]");
  if (input) takesSeveral(form, input, key);
  if (!files.length) return;
  if (input) fill(input, [files[0]]);
  say(files, count);
  if (sessionStorage.getItem(SENT) === key || (input && !input.validity.valid)) return;
  if (input) sessionStorage.setItem(SENT, key);
  form.requestSubmit();
}

// The form of one place takes one file: the others wait for a place of their own.
function takesSeveral(form, input, key) {
  input.multiple = true;
  form.addEventListener("submit", (event) => {
    const files = [...input.files];
    if (files.length < 2) return;
    event.preventDefault();
    keep(key, files).then(() => {
      fill(input, [files[0]]);
      sessionStorage.setItem(SENT, key);
      form.requestSubmit();
    });
  });
}

function say(files, count) {
  const place = document.querySelector("[data-photo-going]");
  if (!place || count < 2) return;
  place.textContent = place.dataset.photoGoing.replace("{number}", count - files.length + 1).replace("{count}", count);
  place.hidden = false;
}

// The one that this tab sent has arrived, and there is a next one; a page that is loaded anew brings nothing.
async function oneIsThere(key) {
  if (sessionStorage.getItem(SENT) !== key) return false;
  const { files, count } = await waiting(key);
  sessionStorage.removeItem(SENT);
  await keep(key, files.slice(1), count);
  return files.length > 1;
}

// A file that was refused is read about before the next one goes.
async function begin() {
  const there = document.querySelector("[data-photo-there]"), place = document.querySelector("[data-photo]");
  const goesOn = !there || ((await oneIsThere(there.dataset.photoThere)) && !("refused" in there.dataset));
  const form = goesOn && document.querySelector("form[data-photo-of]");
  if (place) await whileAsking(place);
  if (form) await afterAsking(form);
}

begin().catch(() => {});
