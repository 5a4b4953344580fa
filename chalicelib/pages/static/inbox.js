// The inbox with a keyboard and many at once; without this script every form works by itself.
"use strict";

const inbox = document.querySelector("[data-inbox]");
const language = document.documentElement.dataset.numbers;

// As the server writes amounts: the sign right before the number, rupiah with Indonesian points.
function written(minor, currency) {
  const style = new Intl.NumberFormat(currency === "IDR" ? "id" : language, { style: "currency", currency });
  const digits = currency === "IDR" ? 0 : style.resolvedOptions().maximumFractionDigits;
  const exact = new Intl.NumberFormat(currency === "IDR" ? "id" : language, {
    style: "currency", currency, minimumFractionDigits: digits, maximumFractionDigits: digits,
  });
  const parts = exact.formatToParts(minor / 10 ** digits);
  return parts.filter((part) => part.type !== "literal").map((part) => part.value).join("");
}

if (inbox) {
  const boxes = [...inbox.querySelectorAll("[name=case_id]")];
  const all = inbox.querySelector("[data-all]");
  const every = inbox.querySelector("[data-every]");
  const told = inbox.querySelector("[data-selected]");

  function tell() {
    const chosen = boxes.filter((box) => box.checked);
    const sums = new Map();
    for (const { dataset } of chosen) {
      sums.set(dataset.currency, (sums.get(dataset.currency) ?? 0) + Number(dataset.amount));
    }
    const sum = [...sums].map(([currency, amount]) => written(amount, currency)).join(" + ");
    if (told) {
      const some = told.dataset.text.replace("{count}", chosen.length).replace("{sum}", sum);
      told.textContent = all?.checked ? all.parentElement.textContent.trim() : chosen.length ? some : "";
    }
    if (every) {
      const box = every.querySelector("input");
      box.checked = chosen.length === boxes.length;
      box.indeterminate = chosen.length > 0 && chosen.length < boxes.length;
    }
  }

  if (every && boxes.length > 1) {
    every.hidden = false;
    every.addEventListener("change", (event) => {
      for (const box of boxes) box.checked = event.target.checked;
      tell();
    });
  }
  inbox.addEventListener("change", tell);
  // A browser that comes back to a page may have kept its ticks.
  addEventListener("pageshow", tell);

  const rows = [...inbox.querySelectorAll("[data-row]")];
  const help = document.getElementById("keys");
  const open = document.querySelector("[data-help]");
  const on = help?.querySelector("[data-keys-on]");
  let at = -1;

  function go(to) {
    rows[at]?.classList.remove("at");
    at = Math.min(rows.length - 1, Math.max(0, to));
    rows[at].classList.add("at");
    rows[at].querySelector("input, a").focus({ preventScroll: true });
    rows[at].scrollIntoView({ block: "nearest" });
  }

  // What is answered by a key is looked at once more on the next page, as by the button.
  function answer(key) {
    const button = inbox.querySelector(`[data-key=${key}]`);
    if (!button) return;
    const box = rows[at]?.querySelector("[name=case_id]");
    if (!all?.checked && !boxes.some((each) => each.checked) && box) box.checked = true;
    tell();
    if (all?.checked || boxes.some((each) => each.checked)) button.click();
  }

  const acts = {
    j: () => go(at + 1),
    k: () => go(at - 1),
    x: () => rows[at]?.querySelector("[name=case_id]")?.click(),
    a: () => answer("a"),
    r: () => answer("r"),
    "?": () => help.showModal(),
  };

  if (help && open) {
    open.hidden = false;
    open.addEventListener("click", () => help.showModal());
    // One key alone may be pressed by chance, or said by a voice: whoever does not want that switches it off.
    on.checked = localStorage.getItem("keys") !== "off";
    on.addEventListener("change", () => localStorage.setItem("keys", on.checked ? "on" : "off"));
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
      if (typing || help.open || !on.checked || event.ctrlKey || event.metaKey || event.altKey) return;
      const act = acts[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    });
  }
}

// Many answers travel some at a time, so that it can be seen how far they are, and what failed and why.
const many = document.querySelector("[data-batches]");

async function send(event) {
  const named = [...many.querySelectorAll("[name=case_id]")].map((each) => each.value);
  const size = Number(many.dataset.batches);
  if (named.length < 2) return;
  event.preventDefault();
  const outcome = document.querySelector("[data-outcome]");
  const [bar, words, failures, back] = ["progress", "[role=status]", "ul", "a"].map((each) => outcome.querySelector(each));
  const say = (text, done) => { words.textContent = text.replace("{done}", done).replace("{count}", named.length); };
  many.hidden = true;
  outcome.hidden = false;
  let failed = 0;
  // Few enough that something moves, and never more than one request takes.
  const step = Math.min(size, Math.max(5, Math.ceil(named.length / 10)));
  for (let begin = 0; begin < named.length; begin += step) {
    say(many.dataset.progress, begin);
    const form = new FormData(many);
    form.delete("case_id");
    for (const id of named.slice(begin, begin + step)) form.append("case_id", id);
    try {
      const answer = await fetch(many.action, { method: "POST", body: new URLSearchParams(form) });
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const each of page.querySelectorAll("[data-failed] li")) {
        failed += 1;
        failures.append(document.importNode(each, true));
      }
    } catch {
      // The same form may be sent again: what was taken is not done twice.
      words.textContent = many.dataset.broken.replace("{done}", begin - failed).replace("{count}", named.length);
      many.hidden = false;
      failures.hidden = !failed;
      return;
    }
    bar.value = Math.min(named.length, begin + step);
  }
  failures.hidden = !failed;
  back.hidden = false;
  say(many.dataset.ended, named.length - failed);
  back.focus();
}

many?.addEventListener("submit", send);
