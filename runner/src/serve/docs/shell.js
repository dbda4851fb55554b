"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const key = byId("key");
  const open = byId("open");
  // Relative, so that a proxy may serve the page below another path.
  const base = new URL(".", location.href);

  class Refused extends Error {}

  async function get(path, bearer) {
    let response;
    try {
      response = await fetch(new URL(path, base), {
        headers: { Authorization: `Bearer ${bearer}` },
        credentials: "omit",
        referrerPolicy: "no-referrer",
      });
    } catch (error) {
      throw new Refused("The server does not answer. Look whether it is running, then try again.");
    }
    if (response.status === 401) {
      throw new Refused("The server does not know this key. Check it, or make a new one.");
    }
    if (!response.ok) {
      const problem = await response.json().catch(() => ({}));
      const detail = problem.detail || `The server answered ${response.status}.`;
      throw new Refused([detail, problem.error?.fix].filter(Boolean).join(" "));
    }
    return response;
  }

  function loaded(element, blob) {
    return new Promise((resolve, reject) => {
      const url = URL.createObjectURL(blob);
      const settle = (done) => () => {
        URL.revokeObjectURL(url);
        done(new Refused("The page's own files are broken. Reload the page."));
      };
      element.onload = settle(resolve);
      element.onerror = settle(reject);
      element[element.rel ? "href" : "src"] = url;
      document.head.append(element);
    });
  }

  async function load(bearer) {
    // First, so that a wrong key is refused once.
    const spec = await get("openapi.json", bearer).then((response) => response.json());
    const [style, script] = await Promise.all([
      get("docs/assets/swagger-ui.css", bearer).then((response) => response.blob()),
      get("docs/assets/swagger-ui-bundle.js", bearer).then((response) => response.blob()),
    ]);
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet" });
    await Promise.all([loaded(link, style), loaded(document.createElement("script"), script)]);
    return spec;
  }

  function show(spec, bearer) {
    // This server, whatever URL other callers have for it.
    spec.servers = [{ url: base.pathname.replace(/\/$/, "") || "/" }];
    const nothing = () => () => null;
    const explorer = window.SwaggerUIBundle({
      spec,
      domNode: byId("explorer"),
      validatorUrl: null,
      queryConfigEnabled: false,
      deepLinking: false,
      displayRequestDuration: true,
      defaultModelsExpandDepth: -1,
      // The key is added here alone, and the commands that are shown are without it.
      showMutatedRequest: false,
      requestInterceptor: (request) => {
        if (new URL(request.url, location.href).origin === location.origin) {
          request.headers.Authorization = `Bearer ${bearer}`;
        }
        return request;
      },
      // There is one key, and it has been asked for.
      plugins: [() => ({ wrapComponents: { authorizeBtn: nothing, authorizeOperationBtn: nothing } })],
      onComplete: () => explorer.layoutActions.show(["operations-tag", "Descriptions"], false),
    });
  }

  byId("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const bearer = key.value.trim();
    const say = (text) => {
      byId("error").textContent = text;
      key.setAttribute("aria-invalid", String(text !== ""));
    };
    if (!/^[!-~]+$/.test(bearer)) {
      say(bearer ? "No key has blanks or such letters in it." : "Give the tenant's key.");
      key.focus();
      return;
    }
    say("");
    open.disabled = true;
    try {
      const spec = await load(bearer);
      key.value = "";
      byId("ask").hidden = true;
      byId("shown").hidden = false;
      show(spec, bearer);
      byId("license").addEventListener("toggle", async () => {
        const text = await get("docs/assets/LICENSE", bearer).then((response) => response.text(), String);
        byId("license").querySelector("pre").textContent = text;
      }, { once: true });
    } catch (error) {
      say(error instanceof Refused ? error.message : "The page cannot be shown. Reload it.");
      key.select();
    } finally {
      open.disabled = false;
    }
  });

  byId("close").addEventListener("click", () => location.reload());

  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
  dark.addEventListener("change", follow);
  follow();
})();
