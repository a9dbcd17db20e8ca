// The live page: pictures and runs as they come, over one WebSocket.
const MOST_RUNS = 100;
const at = (id) => document.getElementById(id);
const places = new Map(); // picture id -> {figure, shown, wanted}
let key = sessionStorage.getItem("key") ?? "";
let wait = 500; // ms until the next try to connect

const withKey = (url) => (key ? `${url}${url.includes("?") ? "&" : "?"}api_key=${encodeURIComponent(key)}` : url);
const clock = (time) => new Date(time).toLocaleTimeString();

function say(state, text) {
  at("link").dataset.state = state;
  at("link").textContent = text;
}

function showEmpty() {
  const empty = places.size === 0 && !at("runs").querySelector("tbody tr");
  at("empty").hidden = !empty;
  if (!empty) return;
  const { origin } = location;
  const bearer = key ? " -H 'Authorization: Bearer KEY'" : "";
  at("enrol").textContent = `curl${bearer} -F name=Ann -F file=@ann.jpg ${origin}/api/v1/people`;
  at("recognize").textContent = `curl${bearer} -F file=@group.jpg ${origin}/api/v1/recognize`;
  at("run").textContent =
    `printf '{"inputs":{"image":{"type":"base64","value":"%s"}}}' "$(base64 -w0 group.jpg)" |\n` +
    `  curl${bearer} -H 'Content-Type: application/json' -d @- ${origin}/local/workflows/face_http_push`;
}

// One request at a time for each place: what comes meanwhile is only the newest.
function load(place) {
  if (place.busy || place.shown === place.wanted.version) return;
  const { version, url } = place.wanted;
  place.busy = true;
  const next = new Image();
  const done = () => {
    place.busy = false;
    place.shown = version;
    load(place);
  };
  next.onload = () => {
    const image = place.figure.querySelector("img");
    image.src = next.src;
    place.figure.querySelector("a").href = next.src;
    done();
  };
  next.onerror = done;
  next.src = withKey(`${url}?v=${version}`);
}

function showPicture(picture) {
  let place = places.get(picture.id);
  if (!place) {
    const figure = at("picture").content.firstElementChild.cloneNode(true);
    place = { figure, shown: 0, wanted: picture, busy: false };
    places.set(picture.id, place);
    at("pictures").prepend(figure);
  }
  if (picture.version < place.wanted.version) return;
  place.wanted = picture;
  const name = picture.workflow ?? "sent along";
  place.figure.querySelector("b").textContent = name;
  place.figure.querySelector("span").textContent = picture.step;
  place.figure.querySelector("time").textContent = clock(picture.time);
  place.figure.querySelector("img").alt = `Latest picture of ${picture.step} in ${name}`;
  if (!document.hidden) load(place);
}

function cell(text, className = "") {
  const td = document.createElement("td");
  td.textContent = text;
  td.className = className;
  return td;
}

function showRun(run) {
  const rows = at("runs").querySelector("tbody");
  if (rows.querySelector(`[data-id="${run.id}"]`)) return;
  const row = document.createElement("tr");
  row.dataset.id = run.id;
  const good = run.status < 400;
  row.append(
    cell(clock(run.started)),
    cell(run.workflow ?? "sent along"),
    cell(good ? "ok" : `${run.status} ${run.message ?? ""}`, good ? "good" : "bad"),
    cell(run.ms.toFixed(1), "number"),
    cell(run.steps.map((step) => `${step.name} ${step.ms.toFixed(1)}`).join(" · "), "steps"),
  );
  rows.prepend(row);
  while (rows.children.length > MOST_RUNS) rows.lastElementChild.remove();
  at("runs").hidden = false;
}

function take(message) {
  if (message.type === "snapshot") {
    message.pictures.toReversed().forEach(showPicture);
    message.runs.toReversed().forEach(showRun);
  } else if (message.type === "picture") {
    showPicture(message.picture);
  } else if (message.type === "run") {
    showRun(message.run);
  }
  showEmpty();
}

async function needsKey() {
  const answer = await fetch(withKey("/api/v1/runs?limit=1")).catch(() => null);
  return answer?.status === 401;
}

function connect() {
  const socket = new WebSocket(withKey(`${location.origin.replace("http", "ws")}/api/v1/live`));
  socket.onopen = () => {
    wait = 500;
    say("live", "live");
  };
  socket.onmessage = (event) => take(JSON.parse(event.data));
  socket.onclose = async () => {
    say("lost", "connection lost, trying again");
    if (await needsKey()) return at("key").open || at("key").showModal();
    setTimeout(connect, wait);
    wait = Math.min(wait * 2, 8000);
  };
}

at("key").addEventListener("close", () => {
  key = at("key-text").value.trim();
  sessionStorage.setItem("key", key);
  connect();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) places.forEach(load);
});
connect();
