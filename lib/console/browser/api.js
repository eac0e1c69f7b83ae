// @ts-check
/** The console's own address: everything it asks for is below. */
const base = new URL('./', import.meta.url);

/**
 * @param {string} path
 * @param {Record<string, string>} [query] empty values are left out
 */
function addressOf(path, query = {}) {
  const url = new URL(`api/${path}`, base);
  for (const [name, value] of Object.entries(query)) if (value) url.searchParams.set(name, value);
  return url;
}

/** Answers of the API. @throws Error with the API's own words
 * @param {string} path
 * @param {Record<string, string>} [query]
 * @returns {Promise<unknown>} */
export async function get(path, query) {
  return answerOf(await fetch(addressOf(path, query), { headers: { accept: 'application/json' } }));
}

/** Does something. The header tells the server that this page asks: other sites' pages cannot send it.
 * @param {string} path
 * @param {object} body
 * @returns {Promise<unknown>} */
export async function post(path, body) {
  return answerOf(
    await fetch(addressOf(path), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-locker-console': '1' },
      body: JSON.stringify(body),
    }),
  );
}

/** @param {Response} response */
async function answerOf(response) {
  /** @type {unknown} */
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  const { error } = /** @type {{ error?: string }} */ (body);
  throw new Error(error ?? `The server answered ${response.status}. Are you still signed in?`);
}

/** Listens to snapshots, for as long as the page is open.
 * @param {(snapshot: import('../wire.js').SnapshotJson) => void} onSnapshot
 * @param {(state: 'yes' | 'no' | 'trouble') => void} onState */
export function listen(onSnapshot, onState) {
  const events = new EventSource(addressOf('events'));
  events.addEventListener('snapshot', (event) => {
    onState('yes');
    onSnapshot(/** @type {import('../wire.js').SnapshotJson} */ (JSON.parse(String(event.data))));
  });
  events.addEventListener('trouble', () => onState('trouble'));
  events.addEventListener('error', () => {
    onState('no');
    // A browser gives up where a guard refuses.
    if (events.readyState === EventSource.CLOSED)
      setTimeout(() => listen(onSnapshot, onState), 5_000);
  });
}

/** @param {unknown} error */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
