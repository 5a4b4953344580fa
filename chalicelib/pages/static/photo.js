// A photo that is chosen while asking waits in this browser until there is a case to put it to: through whatever pages
// come between. Without this the page after asking has the button for it.
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

async function waiting(key) {
  const found = await inStore("readonly", (photos) => photos.get(key));
  return found && Date.now() - found.at < KEPT_FOR ? found.file : null;
}

function forget(key) {
  return inStore("readwrite", (photos) => photos.delete(key));
}

function fill(input, file) {
  const files = new DataTransfer();
  files.items.add(file);
  input.files = files.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

// While asking: shown for the reasons that want one, kept as soon as it is chosen.
async function whileAsking(place) {
  const input = place.querySelector("input"), key = place.dataset.photo, form = place.closest("form");
  let keeping = null;
  const follow = () => {
    place.hidden = !form.querySelector("input[name=reason_code]:checked[data-evidence]");
    input.disabled = place.hidden;
  };
  const before = await waiting(key);
  if (before) fill(input, before);
  follow();
  form.addEventListener("input", follow);
  addEventListener("pageshow", follow);
  input.addEventListener("change", () => {
    const [file] = input.files;
    const fits = file && input.validity.valid;
    keeping = (fits ? inStore("readwrite", (photos) => photos.put({ file, at: Date.now() }, key)) : forget(key))
      .catch(() => {}).finally(() => { keeping = null; });
  });
  form.addEventListener("submit", (event) => {
    if (!keeping) return;
    event.preventDefault();
    keeping.then(() => form.requestSubmit(event.submitter));
  });
}

// After asking: the photo that waits is sent without another press, once; what failed is filled in to be sent again.
async function afterAsking(form) {
  const key = form.dataset.photoOf, file = await waiting(key);
  if (!file) return;
  const input = form.querySelector("input[type=file]");
  if (input) fill(input, file);
  if (sessionStorage.getItem(SENT) === key || (input && !input.validity.valid)) return;
  if (input) sessionStorage.setItem(SENT, key);
  form.requestSubmit();
}

async function begin() {
  const there = document.querySelector("[data-photo-there]");
  if (there) {
    sessionStorage.removeItem(SENT);
    await forget(there.dataset.photoThere);
  }
  const place = document.querySelector("[data-photo]"), form = document.querySelector("form[data-photo-of]");
  if (place) await whileAsking(place);
  if (form) await afterAsking(form);
}

begin().catch(() => {});
