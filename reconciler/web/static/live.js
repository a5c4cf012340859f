// Everything works without this. With it: times tick, pages refresh, filters apply while typing, commands can be copied.
"use strict";

const REFRESH_MS = 5000;
const PAUSE_MS = 300;

let aheadMs = Date.parse(document.body.dataset.now) - Date.now();
let listening = null;

// The same words as web/words.py.
function relative(at) {
  const seconds = Math.round((at - Date.now() - aheadMs) / 1000);
  const [size, unit] = [[86400, "d"], [3600, "h"], [60, "min"]].find(([s]) => Math.abs(seconds) >= s) || [1, "s"];
  const amount = `${Math.floor(Math.abs(seconds) / size)} ${unit}`;
  return seconds === 0 ? "now" : seconds > 0 ? `in ${amount}` : `${amount} ago`;
}

function tick() {
  for (const time of document.querySelectorAll("time:not([data-exact])")) {
    const words = relative(Date.parse(time.dateTime));
    if (time.textContent !== words) time.textContent = words;
  }
}

function say(words) {
  const state = document.getElementById("state");
  if (state.textContent !== words) state.textContent = words;
}

function offerCopies() {
  for (const command of document.querySelectorAll(".command:not([data-copy])")) {
    command.dataset.copy = "";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-label", `Copy ${command.textContent}`);
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(command.querySelector("code").textContent);
      button.textContent = "Copied";
      say("Copied.");
      setTimeout(() => { button.textContent = "Copy"; say(""); }, 2000);
    });
    command.append(button);
  }
}

// What a reader has opened, focused or selected stays as it is.
function isBusy(part) {
  const selection = document.getSelection();
  return (part.contains(document.activeElement) && document.activeElement !== part)
    || (selection && !selection.isCollapsed && part.contains(selection.anchorNode));
}

function replace(part, fresh) {
  const opened = new Map([...part.querySelectorAll("details[id]")].map((each) => [each.id, each.open]));
  part.replaceChildren(...fresh.childNodes);
  for (const each of part.querySelectorAll("details[id]")) if (opened.has(each.id)) each.open = opened.get(each.id);
  offerCopies();
  tick();
}

async function read(address, signal) {
  const answer = await fetch(address, { headers: { accept: "text/html" }, signal });
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

async function refresh() {
  const main = document.querySelector("main[data-live]");
  if (!main || document.hidden || isBusy(main)) return;
  try {
    const page = await read(location.href);
    const fresh = page.querySelector("main");
    aheadMs = Date.parse(page.body.dataset.now) - Date.now();
    if (!isBusy(main)) replace(main, fresh);
    document.title = page.title;
    document.querySelector("footer time").replaceWith(page.querySelector("footer time"));
    say("");
  } catch {
    say("The daemon does not answer; what you see is the last it said.");
  }
}

// Filters: without a reload, while typing, with the address kept.
function filter(form) {
  const apply = async () => {
    listening?.abort();
    listening = new AbortController();
    const query = [...new FormData(form)].filter(([, value]) => value.trim());
    const address = `${form.getAttribute("action")}?${new URLSearchParams(query)}`;
    try {
      const page = await read(address, listening.signal);
      replace(document.querySelector("[data-part]"), page.querySelector("[data-part]"));
      history.replaceState(null, "", query.length ? address : form.getAttribute("action"));
    } catch (error) {
      if (error.name !== "AbortError") location.assign(address);
    }
  };
  let soon = 0;
  form.addEventListener("input", () => { clearTimeout(soon); soon = setTimeout(apply, PAUSE_MS); });
  form.addEventListener("submit", (event) => { event.preventDefault(); clearTimeout(soon); apply(); });
}

offerCopies();
setInterval(tick, 1000);
setInterval(refresh, REFRESH_MS);
for (const form of document.querySelectorAll("form[data-filter]")) filter(form);
