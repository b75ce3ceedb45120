// The page also works without this script: the form posts, and a reload shows new records.
const calls = document.querySelector("#calls");
const form = document.querySelector("form.dial");
const said = form.querySelector(".said");
const live = document.querySelector(".live");
const filter = document.querySelector("form.filter");
/** The address of the list: of the page, in its language. */
const list = new URLSearchParams(location.search);
list.set("lang", document.documentElement.lang.slice(0, 2));

const source = new EventSource("/events");
source.addEventListener("open", () => {
  show(true);
  void renew(); // shows the changes that were missed while the connection was down
});
source.addEventListener("error", () => show(false));
source.addEventListener("changed", () => void renew());

let renewing = false;
let again = false;

/** Fetches the list and replaces only changed entries, so that an open record stays open and a recording continues to play. */
async function renew() {
  if (renewing) {
    again = true;
    return;
  }
  renewing = true;
  try {
    do {
      again = false;
      const response = await fetch(`/calls?${list}`);
      if (response.ok) replace(await response.text());
    } while (again);
  } catch {
    // The event stream reports the lost connection, and calls renew when it is back.
  } finally {
    renewing = false;
  }
}

/** @param {string} markup */
function replace(markup) {
  const template = document.createElement("template");
  template.innerHTML = markup;
  const present = new Map([...calls.children].map((element) => [element.dataset.entry, element]));
  let previous = null;
  for (const fresh of [...template.content.children]) {
    const old = present.get(fresh.dataset.entry);
    present.delete(fresh.dataset.entry);
    let element = old;
    if (!old || old.dataset.version !== fresh.dataset.version) {
      element = fresh;
      if (old) old.replaceWith(fresh);
      if (!old || fresh.matches(".call")) fresh.classList.add("fresh");
    }
    const place = previous ? previous.nextElementSibling : calls.firstElementChild;
    if (element !== place) calls.insertBefore(element, place);
    previous = element;
  }
  for (const gone of present.values()) gone.remove();
}

/** @param {boolean} connected */
function show(connected) {
  live.hidden = false;
  live.classList.toggle("lost", !connected);
  live.querySelector("span").textContent = connected ? live.dataset.live : live.dataset.offline;
}

// A choice filters at once; a typed number waits for Enter.
filter.addEventListener("change", (event) => {
  if (event.target.matches("select") || (event.target.type === "date" && event.target.value !== "")) filter.requestSubmit();
});
// Leaves empty fields out of the address.
filter.addEventListener("formdata", ({ formData }) => {
  for (const [name, value] of [...formData]) if (value === "") formData.delete(name);
});

form.addEventListener("submit", (event) => void send(event, form, said));
// The buttons of a call: redial, hang up.
calls.addEventListener("submit", (event) => void send(event, event.target, event.target.parentElement.querySelector(".said")));

/**
 * Posts a form, and reports the result beside it.
 *
 * @param {SubmitEvent} event
 * @param {HTMLFormElement} sent
 * @param {HTMLElement} place
 */
async function send(event, sent, place) {
  event.preventDefault();
  const button = sent.querySelector("button");
  const { dialing, again: handled, sent: placed, unanswered } = said.dataset;
  const isDial = sent.elements.press !== undefined;
  button.disabled = true;
  say(place, "", isDial ? dialing : "");
  try {
    const response = await fetch(sent.action, { method: "POST", headers: { accept: "application/json" }, body: new URLSearchParams(new FormData(sent)) });
    if (response.ok) {
      const { again, failure = again?.failure, nextPress } = await response.json();
      if (isDial) sent.elements.press.value = nextPress;
      if (failure) say(place, "bad", [again && handled, failure.message, failure.hint].filter(Boolean).join(" "));
      else say(place, "good", again ? handled : isDial ? placed : calls.dataset.hungUp);
    } else if (response.status < 500) {
      say(place, "bad", await response.text());
    } else {
      say(place, "bad", unanswered);
    }
  } catch {
    // The page cannot know whether the call was placed. The form keeps its key, so pressing again cannot place a second call.
    say(place, "bad", unanswered);
  } finally {
    button.disabled = false;
  }
}

/** @param {HTMLElement} place @param {string} kind @param {string} text */
function say(place, kind, text) {
  place.className = `said ${kind}`;
  place.textContent = text;
}
