// What plain HTML cannot do, and the page works without: reveal a password, copy a figure, focus what was said.
(() => {
  const reveal = (root) => {
    for (const button of root.querySelectorAll("[data-reveal], [data-copy]")) button.hidden = false;
    const summary = root.querySelector(".errors");
    if (summary) summary.focus();
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-reveal], [data-copy]");
    if (!button) return;
    if (button.dataset.copy !== undefined) {
      navigator.clipboard.writeText(button.dataset.copy);
      return;
    }
    const field = document.getElementById(button.dataset.reveal);
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
  });

  // No line, or an answer that is not ours: the form stays as it is, and #say tells so.
  document.addEventListener("htmx:error", () => {
    const say = document.getElementById("say");
    const trouble = document.getElementById("no-line");
    if (say && trouble) say.replaceChildren(trouble.content.cloneNode(true));
  });

  reveal(document);
})();
