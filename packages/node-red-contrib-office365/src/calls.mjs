// The Graph calls that an action declares. The worker sends no other, whatever the component
// asks for. An id is a GUID or a user principal name, as in the runner.

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Returns whether a request is one of the calls below Graph's version root. */
export function allows(calls, graphUrl, { method, scheme, authority, path }) {
  const root = new URL(graphUrl);
  if (`${scheme}:` !== root.protocol || authority !== root.host) return false;
  const [full] = path.split("?");
  const prefix = root.pathname.replace(/\/+$/, "");
  if (!full.startsWith(`${prefix}/`)) return false;
  const given = full.slice(prefix.length + 1).split("/");
  return calls.some((call) => {
    const [ownMethod, ownPath] = call.split(" ");
    const own = ownPath.slice(1).split("/");
    return ownMethod === method && own.length === given.length &&
      own.every((segment, index) => (segment === "{id}" ? isKey(given[index]) : segment === given[index]));
  });
}

/** Whether a request changes the tenant. */
export const changes = (method) => method !== "GET";

function isKey(segment) {
  let key;
  try {
    key = decodeURIComponent(segment);
  } catch {
    return false;
  }
  return !/[/\\?\u0000-\u001f]/.test(key) && (GUID.test(key) || (key.includes("@") && !key.startsWith("$")));
}
