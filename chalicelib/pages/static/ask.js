// Asking on one screen: quantities by a press, and the quote follows what is chosen. Without this the button
// "work it out" does the same.
"use strict";

const asking = document.querySelector("form[data-quote]");
const told = document.getElementById("told");
const again = document.querySelector(".again");
let under, later;

function press(input, by) {
  const next = Math.min(Number(input.max), Math.max(0, (Number.parseInt(input.value, 10) || 0) + by));
  if (String(next) === input.value) return;
  input.value = next;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

function step(input, sign, by, words) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "second";
  button.textContent = sign;
  button.setAttribute("aria-label", words.replace("{name}", input.labels[0].firstChild.textContent.trim()));
  button.addEventListener("click", () => press(input, by));
  return button;
}

// The same as the server drew, in its place; a button that had the focus keeps it.
function draw(html) {
  const drawn = new DOMParser().parseFromString(html, "text/html");
  const focused = document.getElementById("press").contains(document.activeElement);
  for (const id of ["quote", "press"]) document.getElementById(id).replaceWith(drawn.getElementById(id));
  if (focused) document.querySelector("#press button")?.focus();
  told.textContent = document.querySelector("#press [data-told]").dataset.told;
}

async function quote() {
  under?.abort();
  under = new AbortController();
  const wish = new URLSearchParams({ part: "quote" });
  for (const [name, value] of new FormData(asking))
    if (name === "reason_code" || name.startsWith("line-")) wish.set(name, value);
  document.getElementById("quote").setAttribute("aria-busy", "true");
  const { signal } = under;
  try {
    const answer = await fetch(`${asking.dataset.quote}?${wish}`, { signal, headers: { Accept: "text/html" } });
    const html = await answer.text();
    if (answer.redirected || !answer.ok || !html.includes('id="press"')) throw new Error("no quote");
    draw(html);
    again?.classList.add("noscript-only");
  } catch {
    // Something newer was asked for, or there is no quote to be had: then there is the button, and the server looks.
    if (signal.aborted) return;
    document.getElementById("quote").removeAttribute("aria-busy");
    again?.classList.remove("noscript-only");
  }
}

if (asking) {
  for (const input of asking.querySelectorAll("input[type=number]")) {
    input.before(step(input, "−", -1, asking.dataset.less));
    input.after(step(input, "+", 1, asking.dataset.more));
  }
  asking.addEventListener("input", (event) => {
    if (event.target.name !== "reason_code" && event.target.type !== "number") return;
    clearTimeout(later);
    later = setTimeout(quote, event.target.type === "number" ? 300 : 50);
  });
  // What a browser finds wrong is shown, even in a part that is folded.
  asking.addEventListener("invalid", (event) => {
    const folded = event.target.closest("details");
    if (folded) folded.open = true;
  }, true);
  // What was typed before is filled in again without a word, by the browser or by typed.js: the quote follows.
  addEventListener("pageshow", () => {
    const wished = [...asking.querySelectorAll("input[type=number], input[type=radio]")];
    if (wished.some((each) => each.value !== each.defaultValue || each.checked !== each.defaultChecked)) quote();
  });
}
