/** The user agent of HTTP targets, as recorded from the real service. */
export const HTTP_USER_AGENT = 'Google-Cloud-Tasks';

/** The user agent of App Engine targets, as recorded from the real service. */
export const APP_ENGINE_USER_AGENT = 'AppEngine-Google; (+http://code.google.com/appengine)';

type Headers = Readonly<Record<string, string>>;

/** Headers that the service computes itself or keeps for itself: HttpRequest.headers in Google's target.proto. */
const RESERVED = /^(host|content-length|x-google-.*|x-appengine-.*|x-cloudtasks-.*)$/i;

/** The headers of an HTTP task as it is stored: the caller's, their case kept, with the service's user agent. */
export function storedHttpHeaders(headers: Headers): Record<string, string> {
  return { ...without(headers, /^user-agent$/i), 'User-Agent': HTTP_USER_AGENT };
}

/**
 * The headers of an App Engine task as it is stored: the service's user agent is appended to the caller's, and a
 * body brings its length and, unless the caller named one, the type application/octet-stream.
 */
export function storedAppEngineHeaders(
  headers: Headers,
  bodyLength: number,
): Record<string, string> {
  const given = without(headers, /^user-agent$/i);
  const userAgent = find(headers, 'user-agent');
  const stored: Record<string, string> = {
    ...given,
    'User-Agent':
      userAgent === undefined ? APP_ENGINE_USER_AGENT : `${userAgent} ${APP_ENGINE_USER_AGENT}`,
  };
  if (bodyLength === 0) return stored;
  if (find(given, 'content-type') === undefined) {
    stored['Content-Type'] = 'application/octet-stream';
  }
  return { ...stored, 'Content-Length': String(bodyLength) };
}

function without(headers: Headers, names: RegExp): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !RESERVED.test(name) && !names.test(name)),
  );
}

function find(headers: Headers, name: string): string | undefined {
  return Object.entries(headers).find(([given]) => given.toLowerCase() === name)?.[1];
}
