/** Headers, as Node has them. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What the page's own scripts send with everything that changes something, and no form or link of another site can. */
export const pageHeader = 'x-locker-console';

/**
 * Why a request may come from another site's page; undefined: it does not. Browsers say where a request comes from in
 * `Sec-Fetch-Site`, over HTTP in `Origin` alone; what says neither is no browser, which carries nobody's cookies.
 * Requests that change something need the page's own header besides: another site's page cannot send it unasked.
 */
export function foreignness(method: string, headers: RequestHeaders): string | undefined {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return `Sec-Fetch-Site is ${String(site)}`;
  const { origin, host } = headers;
  if (site === undefined && origin !== undefined && hostOf(origin) !== host)
    return `Origin is ${String(origin)}`;
  const isReading = method === 'GET' || method === 'HEAD';
  return isReading || headers[pageHeader] === '1' ? undefined : `${pageHeader} is missing`;
}

function hostOf(origin: string | readonly string[]): string | undefined {
  return URL.canParse(String(origin)) ? new URL(String(origin)).host : undefined;
}
