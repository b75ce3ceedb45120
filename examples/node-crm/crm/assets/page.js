// The page also works without this script: the form posts, and a reload shows new records.
const calls = document.querySelector("#calls");
const form = document.querySelector("form.dial");
const said = form.querySelector(".said");
const live = document.querySelector(".live");
const language = document.documentElement.lang.slice(0, 2);

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
      const response = await fetch(`/calls?lang=${language}`);
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

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  say("", said.dataset.dialing);
  try {
    const response = await fetch(form.action, { method: "POST", headers: { accept: "application/json" }, body: new URLSearchParams(new FormData(form)) });
    if (response.ok) {
      const { again, failure = again?.failure, nextPress } = await response.json();
      form.elements.press.value = nextPress;
      if (failure) say("bad", [again && said.dataset.again, failure.message, failure.hint].filter(Boolean).join(" "));
      else say("good", again ? said.dataset.again : said.dataset.sent);
    } else if (response.status < 500) {
      say("bad", await response.text());
    } else {
      say("bad", said.dataset.unanswered);
    }
  } catch {
    // The page cannot know whether the call was placed. The form keeps its key, so pressing again cannot place a second call.
    say("bad", said.dataset.unanswered);
  } finally {
    button.disabled = false;
  }
});

/** @param {string} kind @param {string} text */
function say(kind, text) {
  said.className = `said ${kind}`;
  said.textContent = text;
}
