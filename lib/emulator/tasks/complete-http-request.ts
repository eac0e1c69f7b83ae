import type { HttpRequestProto } from '../../google/tasks-api.js';
import { refusal } from './refusals.js';
import { storedHttpHeaders } from './stored-headers.js';
import { bodyOf, checkBody, filled, MAX_URL_LENGTH, methodOf, refuseIf } from './target-rules.js';

/** HttpRequest.headers in Google's target.proto. */
const MAX_HEADER_BYTES = 80 * 1024;

/** Checks an HTTP target and completes it as it will be stored. */
export function completeHttpRequest(request: HttpRequestProto): HttpRequestProto {
  const url = request.url ?? '';
  refuseIf(url === '', 'HttpRequest.url is required.');
  refuseIf(!/^https?:\/\//.test(url), "HttpTarget.url must start with 'http://' or 'https://'.");
  refuseIf(url.length > MAX_URL_LENGTH, `HttpRequest.url is longer than ${MAX_URL_LENGTH}.`);
  const headers = request.headers ?? {};
  refuseIf(sizeOf(headers) >= MAX_HEADER_BYTES, 'HttpRequest.headers must be less than 80KB.');
  checkBody(request, ['POST', 'PUT', 'PATCH'], 'HttpRequest');
  if (request.oauthToken) throw refusal.unimplemented('HttpRequest.oauthToken');
  refuseIf(
    Boolean(request.oidcToken) && !request.oidcToken?.serviceAccountEmail,
    'HttpRequest.oidcToken.serviceAccountEmail is required.',
  );
  const { serviceAccountEmail, audience } = request.oidcToken ?? {};
  return {
    url,
    httpMethod: methodOf(request),
    headers: storedHttpHeaders(headers),
    body: filled(bodyOf(request)),
    ...(request.oidcToken && {
      oidcToken: { serviceAccountEmail: filled(serviceAccountEmail), audience: filled(audience) },
    }),
  };
}

function sizeOf(headers: Record<string, string>): number {
  return Object.entries(headers).reduce(
    (size, [name, value]) => size + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
}
