// Makes the calls of /docs from the page. What is typed in stays here: it goes to this server and nowhere else.
"use strict";

// An element with its attributes and what is in it.
function make(tag, attributes = {}, ...inside) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes))
        element.setAttribute(name, value);
    element.append(...inside);
    return element;
}

function labelled(id, words, field) {
    field.id = id;
    field.setAttribute("autocomplete", "off");
    field.setAttribute("spellcheck", "false");
    return [make("label", {for: id}, words), field];
}

const token = make("input", {class: "field", type: "password"});

function addTokenField() {
    const section = document.getElementById("credentials").parentElement;
    section.append(make("form", {class: "token"}, ...labelled("token", "Your token, for trying the calls", token)));
    section.lastElementChild.addEventListener("submit", event => event.preventDefault());
}

// The example of the body, as it stands in the line for the terminal.
function bodyOf(call) {
    const line = call.querySelector(".curl code").textContent;
    if (call.dataset.media === "application/x-www-form-urlencoded")
        return [...line.matchAll(/--data-urlencode '(.*)'/g)].map(found => found[1]).join("&");
    return line.match(/-d '([^]*)'$/)?.[1] ?? "";
}

// What the fields of a form say: the path with its query, and the fields of the head.
function requestOf(call, form) {
    let path = call.dataset.path;
    const query = new URLSearchParams(), headers = {};
    for (const field of form.querySelectorAll("[data-in]")) {
        const {name, in: place} = field.dataset;
        if (place === "path")
            path = path.replace(`{${name}}`, encodeURIComponent(field.value));
        else if (field.value && place === "query")
            query.append(name, field.value);
        else if (field.value)
            headers[name] = field.value;
    }
    if ("token" in call.dataset && token.value)
        headers.Authorization = `Bearer ${token.value}`;
    const body = form.querySelector("textarea")?.value;
    if (body !== undefined)
        headers["Content-Type"] = call.dataset.media;
    const search = String(query);
    return {path: search ? `${path}?${search}` : path, headers, body};
}

// The text as people read it, if it is JSON.
function readable(text) {
    try {
        return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
        return text;
    }
}

async function send(call, form, outcome) {
    const {path, headers, body} = requestOf(call, form);
    const lines = [];
    let status;
    try {
        // Without a session where none is asked for: a browser would answer for itself otherwise.
        const credentials = "session" in call.dataset ? "same-origin" : "omit";
        const answer = await fetch(
            path, {method: call.dataset.method, headers, body, credentials, redirect: "manual", cache: "no-store"});
        status = `${answer.status} ${answer.statusText}`;
        lines.push([...answer.headers].map(([name, value]) => `${name}: ${value}`).join("\n"));
        lines.push(readable(await answer.text()));
    } catch (trouble) {
        status = `No answer: ${trouble.message}`;
    }
    outcome.replaceChildren(make("p", {}, status), ...lines.filter(Boolean).map(text => make("pre", {}, text)));
}

function addForm(call) {
    const form = make("form");
    for (const parameter of call.querySelectorAll("[data-in]")) {
        const {name, in: place, example} = parameter.dataset;
        const optional = place !== "path" && !parameter.querySelector("b");
        const field = make("input", {
            class: "field", "data-name": name, "data-in": place, value: optional ? "" : example,
            placeholder: optional ? example : ""});
        form.append(...labelled(`${call.id}-${name}`, name, field));
    }
    if (call.dataset.media) {
        const text = bodyOf(call);
        const field = make("textarea", {rows: Math.min(14, text.split("\n").length + 1)}, text);
        form.append(...labelled(`${call.id}-body`, "Body", field));
    }
    const outcome = make("div", {class: "outcome", "aria-live": "polite"});
    form.append(make("button", {type: "submit"}, "Send"), outcome);
    form.addEventListener("submit", event => {
        event.preventDefault();
        send(call, form, outcome);
    });
    call.querySelector(".shown").append(make("details", {class: "try"}, make("summary", {}, "Try it"), form));
}

function addCopyButton(figure) {
    const button = make("button", {class: "copy quiet", type: "button"}, "Copy");
    button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(figure.querySelector("code").textContent);
        button.textContent = "Copied";
    });
    figure.querySelector("figcaption").append(button);
}

addTokenField();
for (const call of document.querySelectorAll(".call[data-method]"))
    addForm(call);
if (navigator.clipboard)
    for (const figure of document.querySelectorAll(".curl"))
        addCopyButton(figure);
