// Readings where there is no line (B17). What is typed stays in this browser's own store until the portal has answered for
// it. The page and the service worker (/sw.js) share this file, so that either sends; the portal makes one of two sendings.
(() => {
  const store = (mode, act) =>
    new Promise((done, fail) => {
      const opening = indexedDB.open("resident", 1);
      opening.onupgradeneeded = () => {
        for (const name of ["forms", "slips"]) opening.result.createObjectStore(name, { keyPath: "key" });
      };
      opening.onerror = () => fail(opening.error);
      opening.onsuccess = () => {
        const base = opening.result;
        const deal = base.transaction(["forms", "slips"], mode);
        const asked = act((name) => deal.objectStore(name));
        deal.oncomplete = () => done(asked.result);
        deal.onabort = () => fail(deal.error);
        base.close();
      };
    });
  const all = (name) => store("readonly", (of) => of(name).getAll());
  const put = (name, thing) => store("readwrite", (of) => of(name).put(thing));
  const drop = (name, key) => store("readwrite", (of) => of(name).delete(key));
  const news = new BroadcastChannel("slips");
  const alone = (act) => (navigator.locks ? navigator.locks.request("slips", act) : act());

  // An answer that is not the portal's own (a hotel's sign-in page, a proxy) leaves the slip where it is.
  const post = async ({ key, pass, day, typed_at, typed, lang }) => {
    const answer = await fetch(`/offline/slips?lang=${lang}`, {
      method: "POST",
      credentials: "omit",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ key, pass, day, typed_at, typed }),
    });
    const told = await answer.json();
    if (!told.state) throw new Error(answer.status);
    return told;
  };
  const send = () =>
    alone(async () => {
      const waiting = (await all("slips")).filter((slip) => !slip.state);
      for (const slip of waiting.sort((one, other) => one.at - other.at)) {
        const told = await post(slip).catch(() => null);
        if (!told) continue;
        // The values go once the portal has them; what it does not take stays for the person.
        const { key, home, at } = slip;
        await put("slips", told.state === "refused" ? { ...slip, ...told } : { key, home, at, ...told });
        news.postMessage(key);
      }
    });

  if (!self.document) {
    const kept = async (request) => (await caches.match(request, { ignoreVary: true })) || Response.error();
    self.addEventListener("install", () => self.skipWaiting());
    self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
    self.addEventListener("sync", (event) => event.waitUntil(send()));
    self.addEventListener("fetch", (event) => {
      const { request } = event;
      const page = request.mode === "navigate";
      if (request.method !== "GET" || !(page || request.url.startsWith(`${location.origin}/static/`))) return;
      event.respondWith(fetch(request).catch(() => kept(page ? "/offline" : request)));
    });
    return;
  }

  const { shell } = document.currentScript.dataset;
  const { lang } = document.documentElement;
  const section = document.getElementById("kept");
  const say = (id) => document.getElementById("say")?.replaceChildren(document.getElementById(id).content.cloneNode(true));
  let waiting = 0;

  const copy = (id) => document.getElementById(id).content.cloneNode(true).firstElementChild;
  const told = new Map();
  const line = (slip) => {
    const row = copy(`slip-${slip.state || "waits"}`);
    row.querySelector("b").textContent = slip.home;
    row.querySelector("small").textContent = [slip.say, slip.shown].filter(Boolean).join(" ");
    const link = row.querySelector("a");
    if (link) link.href = slip.link || `/readings?${new URLSearchParams({ day: slip.day, ...slip.typed })}`;
    row.querySelector("button")?.addEventListener("click", () => drop("slips", slip.key).then(draw));
    return row;
  };
  const draw = async () => {
    const slips = await all("slips");
    const kept = slips.filter((slip) => !slip.state || slip.state === "refused");
    waiting = kept.length;
    if (!section) return;
    // What the portal has is told once, on a page that somebody sees.
    for (const slip of slips) {
      if (kept.includes(slip) || document.hidden) continue;
      told.set(slip.key, slip);
      await drop("slips", slip.key);
    }
    section.hidden = !waiting && !told.size;
    section.querySelector(".acts").hidden = !waiting;
    section.querySelector("ul").replaceChildren(...[...told.values(), ...kept].map(line));
  };
  const go = () => send().then(draw);

  const keep = async (fields, from, key) => {
    const typed = {};
    for (const [name, value] of fields) if (/^(m|l|why)\d+$/.test(name) && value.trim()) typed[name] = value;
    const read = Object.keys(typed).filter((name) => from.names[name.slice(1)]);
    if (!read.length) return false;
    const shown = read
      .filter((name) => name[0] === "m")
      .map((name) => `${from.names[name.slice(1)]}: ${typed[name]} ${typed[`l${name.slice(1)}`] || ""}`.trim())
      .join(" · ");
    const now = new Date();
    const { pass, home } = from;
    const slip = { pass, home, lang, typed, shown, day: fields.get("day"), at: +now, typed_at: now.toISOString() };
    // The same, kept once more: one slip. A form that may have arrived has a key of its own, by which the portal knows it.
    const same = (await all("slips")).find((one) => !one.state && one.pass === pass && one.shown === shown && one.day === slip.day);
    await put("slips", { ...slip, key: key || same?.key || crypto.randomUUID() });
    navigator.serviceWorker?.ready.then((worker) => worker.sync?.register("slips")).catch(() => {});
    news.postMessage("");
    await draw();
    return true;
  };

  // The meters of the page, without what was typed and without names, for the day when the page cannot be had.
  const bare = (meter) => {
    const own = meter.cloneNode(true);
    for (const extra of own.querySelectorAll(".err, .use, div > small")) extra.remove();
    for (const field of own.querySelectorAll("input")) field.removeAttribute("value");
    return own.outerHTML;
  };
  const remember = async ({ pass, home, who, expires }) => {
    for (const form of await all("forms")) if (form.who !== who) await drop("forms", form.key);
    const meters = [...document.querySelectorAll("#entry .meter:has(input)")];
    const names = Object.fromEntries(meters.map((meter) => [meter.id.slice(1), meter.querySelector("legend").childNodes[1].textContent.trim()]));
    const here = { key: `${who}-${home}`.replaceAll(" ", "-"), who, home, pass, names, expires: +expires, html: meters.map(bare).join("") };
    await put("forms", here);
    return here;
  };
  const cache = async () => {
    if (await caches.match("/offline", { cacheName: shell, ignoreVary: true })) return;
    const answer = await fetch(shell, { credentials: "omit" });
    const files = new Set((await answer.clone().text()).match(/\/static\/[^"#]+/g));
    const kept = await caches.open(shell);
    await kept.addAll([...files]);
    await kept.put("/offline", answer);
    for (const name of await caches.keys()) if (name !== shell) await caches.delete(name);
  };

  const sheets = document.getElementById("sheets");
  const fill = async () => {
    const forms = (await all("forms")).filter((form) => form.expires > Date.now());
    document.getElementById("no-sheets").hidden = forms.length > 0;
    const today = new Date().toLocaleDateString("sv");
    for (const from of forms) {
      const sheet = copy("sheet");
      sheet.querySelector("h2").textContent = from.home;
      sheet.querySelector(".meters").innerHTML = from.html;
      const { day } = sheet.elements;
      day.value = day.max = today;
      day.id = sheet.querySelector("label").htmlFor = from.key;
      sheet.addEventListener("submit", async (event) => {
        event.preventDefault();
        if (!(await keep(new FormData(sheet), from))) return sheet.querySelector(".meters input").focus();
        sheet.querySelector(".meters").innerHTML = from.html;
        section.querySelector("h2").focus();
        go();
      });
      sheets.append(sheet);
    }
  };

  document.addEventListener("submit", (event) => {
    if (!event.target.matches('[action="/sign-out"]') || !waiting) return;
    event.preventDefault();
    waiting = 0;
    say("waits");
  });
  news.onmessage = draw;
  addEventListener("online", go);
  if (shell !== undefined) {
    navigator.serviceWorker?.register("/sw.js").then(() => shell && cache()).catch(() => {});
    section?.querySelector("[data-send]").addEventListener("click", go);
    if (sheets) fill();
    if (section?.dataset.pass && document.querySelector("#entry .meter input")) {
      const here = remember(section.dataset);
      document.addEventListener("no-line", async (event) => {
        const form = event.detail;
        if (!form?.matches("#entry form")) return;
        event.preventDefault();
        if (!(await keep(new FormData(form), await here, form.elements.once?.value))) return;
        say("kept-said");
        form.reset();
      });
    }
    go();
  }
})();
