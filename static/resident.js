// What plain HTML cannot do, and the page works without: reveal a password, copy a figure, print, focus what was said, work out use.
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

  // No line, or an answer that is not ours: the form stays as it is, and #say tells so.
  const unreached = () => {
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
    unreached();
  });

  // The use beside a counter, worked out while its digits are typed. The check page says it without script.
  const steps = (black, red, decimals) => {
    const [whole, rest, more] = black.replace(/[ \u00a0\u202f]/g, "").replace(",", ".").split(".");
    const after = rest ?? red.replace(/\s/g, "").padStart(red ? decimals : 0, "0");
    if (more !== undefined || !/^\d{1,9}$/.test(whole) || !/^\d*$/.test(after) || after.length > decimals) return null;
    return Number(whole) * 10 ** decimals + Number(after.padEnd(decimals, "0"));
  };
  document.addEventListener("input", (event) => {
    const output = event.target.closest(".meter")?.querySelector("output[data-last]");
    if (!output) return;
    const [black, red] = output.closest(".meter").querySelectorAll("input");
    const { last, decimals, measure, lower } = output.dataset;
    const now = steps(black.value, red?.value ?? "", Number(decimals));
    const digits = { minimumFractionDigits: Number(decimals) };
    const used = (now - last) / 10 ** decimals;
    output.value = now === null ? "–" : used < 0 ? lower : `${used.toLocaleString(document.documentElement.lang, digits)}\u00a0${measure}`;
  });

  document.addEventListener("htmx:after:swap", () => reveal(document));
  reveal(document);
})();
