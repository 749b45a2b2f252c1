// Passkeys: the one thing that HTML cannot ask for. A form marked data-passkey comes to light where the browser has them.
(() => {
  const able = (site) => window.PublicKeyCredential && (location.hostname === site || location.hostname.endsWith(`.${site}`));
  const octets = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  // JSON carries base64url where the browser wants octets, and the other way round.
  const asked = (options) => {
    const keys = (list) => list?.map((key) => ({ ...key, id: octets(key.id) }));
    const made = { ...options, challenge: octets(options.challenge) };
    if (options.user) made.user = { ...options.user, id: octets(options.user.id) };
    if (options.excludeCredentials) made.excludeCredentials = keys(options.excludeCredentials);
    if (options.allowCredentials) made.allowCredentials = keys(options.allowCredentials);
    return made;
  };
  const answered = (key) => {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (key.response[name]) response[name] = text(key.response[name]);
    }
    return JSON.stringify({ id: key.id, rawId: text(key.rawId), type: key.type, response });
  };

  const show = async (form) => {
    const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value, for: form.dataset.passkey });
    const answer = await fetch(form.dataset.ask, { method: "POST", body });
    if (!answer.ok) throw new Error(answer.status);
    const publicKey = asked(await answer.json());
    const key = await navigator.credentials[publicKey.user ? "create" : "get"]({ publicKey });
    form.elements.credential.value = answered(key);
    form.submit();
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (!able(form.dataset.site)) continue;
    form.hidden = false;
    const around = form.closest("[data-with=passkey]");
    if (around) around.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const button = form.querySelector("button");
      const told = form.querySelector("[data-said]");
      button.disabled = told.hidden = true;
      show(form).catch(() => {
        told.querySelector("span").textContent = told.dataset.said;
        button.disabled = told.hidden = false;
        button.focus();
      });
    });
  }
})();
