// Filters the operations, opens what an address points at, and copies calls. The page is whole without it.
"use strict";

const form = document.querySelector(".filter");
const input = document.querySelector("#filter");
const found = document.querySelector("#found");
const narrow = matchMedia("(max-width: 60rem)");

function filter() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const one of document.querySelectorAll("[data-words]")) {
    const fits = words.every((word) => one.dataset.words.includes(word));
    one.hidden = !fits;
    if (fits && one.matches(".operation")) count += 1;
  }
  for (const room of document.querySelectorAll("nav section, main .room")) {
    const all = room.querySelectorAll("[data-words]");
    room.hidden = words.length > 0 && ![...all].some((one) => !one.hidden);
  }
  found.textContent =
    words.length === 0 ? "" : count === 1 ? "1 operation" : count === 0 ? "No operation has all of these words." : `${count} operations`;
}

function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  if (target.hidden || target.closest("[hidden]")) {
    input.value = "";
    filter();
  }
  if (target.matches("details")) target.open = true;
  target.scrollIntoView();
}

form.hidden = false;
form.addEventListener("submit", (event) => event.preventDefault());
input.addEventListener("input", filter);
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.target.closest("input") && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    input.focus();
  } else if (event.key === "Escape" && event.target === input) {
    input.value = "";
    filter();
  }
});
addEventListener("hashchange", openTarget);

const rooms = document.querySelector(".rooms");
rooms.open = !narrow.matches;
narrow.addEventListener("change", () => (rooms.open = !narrow.matches));
rooms.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link) return;
  if (narrow.matches) rooms.open = false;
  // The same address again changes no hash.
  if (link.hash === location.hash) openTarget();
});

if (navigator.clipboard) {
  for (const button of document.querySelectorAll(".copy")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(button.parentElement.querySelector("code").textContent);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Not copied";
      }
      setTimeout(() => (button.textContent = "Copy"), 2000);
    });
  }
}
openTarget();
