// What plain HTML cannot do, and the page works without: reveal a password, copy a figure, print, focus what was said.
(() => {
  const reveal = (root) => {
    // A browser lends its clipboard to https and to its own machine only.
    const able = navigator.clipboard ? "[data-reveal], [data-copy], [data-print]" : "[data-reveal], [data-print]";
    for (const button of root.querySelectorAll(able)) button.hidden = false;
    const summary = root.querySelector(".errors");
    if (summary) summary.focus();
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-reveal], [data-copy], [data-print]");
    if (!button) return;
    if (button.dataset.print !== undefined) {
      window.print();
      return;
    }
    if (button.dataset.copy !== undefined) {
      navigator.clipboard.writeText(button.dataset.copy).then(() => {
        document.getElementById("say").textContent = button.dataset.said;
      });
      return;
    }
    const field = document.getElementById(button.dataset.reveal);
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
  });

  // Somebody types digits: neither alarm nor another focus, the check page says it all.
  const typing = (event) => event.detail.ctx?.sourceElement?.matches(".meter");

  // No line, or an answer that is not ours: the form stays as it is, and #say tells so. offline.js may keep what it holds.
  const unreached = (event) => {
    const detail = event.detail.ctx?.sourceElement;
    if (typing(event) || !document.dispatchEvent(new CustomEvent("no-line", { detail, cancelable: true }))) return;
    const say = document.getElementById("say");
    const trouble = document.getElementById("no-line");
    if (say && trouble) say.replaceChildren(trouble.content.cloneNode(true));
  };
  document.addEventListener("htmx:error", unreached);
  // What a proxy says when the portal is away. Our own refusals are 409 and 422, our errors name #say as their place.
  document.addEventListener("htmx:before:response", (event) => {
    const { status, headers } = event.detail.ctx.response;
    if (status < 400 || status === 409 || status === 422 || headers.has("HX-Retarget")) return;
    event.preventDefault();
    unreached(event);
  });

  // Readings from paper: Enter goes on to the next field; a sheet's number, typed or scanned, leads to its home, and from its
  // last field back to the number.
  let led = null;
  document.addEventListener("keydown", (event) => {
    const field = event.target, form = field.closest?.("form[data-paper]");
    if (!form || event.key !== "Enter" || field.tagName !== "INPUT") return;
    const row = field.name === "short" && form.querySelector(`[data-sheet="${CSS.escape(field.value.replace(/[\s-]/g, ""))}"]`);
    const first = row && row.querySelector("input.cell");
    // What is not here the server tells.
    if (field.name === "short" && !first) return;
    event.preventDefault();
    if (first) {
      led = row;
      field.value = "";
      first.focus();
      return;
    }
    const fields = [...form.querySelectorAll("input.cell")], next = fields[fields.indexOf(field) + 1];
    (led?.contains(field) && !led.contains(next ?? null) ? form.elements.short : next ?? form.querySelector(".dock .btn")).focus();
  });

  // More than any form takes is cut off on its way, and looks as if there were no line: the hint at the field is said before.
  document.addEventListener("submit", (event) => {
    const fields = [...event.target.querySelectorAll("input[type=file]")];
    const octets = fields.flatMap((field) => [...field.files]).reduce((sum, file) => sum + file.size, 0);
    const hint = octets > 25900000 && document.getElementById(fields[0].getAttribute("aria-describedby")?.split(" ")[0]);
    if (!hint) return;
    event.preventDefault();
    event.stopPropagation();
    hint.className = "err";
    fields[0].setAttribute("aria-invalid", "true");
    fields[0].focus();
    document.getElementById("say").textContent = hint.textContent;
  }, true);

  document.addEventListener("htmx:after:swap", (event) => typing(event) || reveal(document));
  reveal(document);
})();
