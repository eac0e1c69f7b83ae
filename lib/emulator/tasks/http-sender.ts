import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { OutgoingRequest, OutgoingResponse } from './target-request.js';

/** How many redirects in a row are followed. */
const MAX_REDIRECTS = 10;

/** Sends requests over the network, on connections that are kept. */
export class HttpSender {
  private readonly agents = {
    http: new HttpAgent({ keepAlive: true }),
    https: new HttpsAgent({ keepAlive: true }),
  };

  /** Resolves with the answer, its body left unread; rejects when there is none. */
  async send(request: OutgoingRequest): Promise<OutgoingResponse> {
    let next = request;
    for (let redirects = 0; ; redirects++) {
      const response = await this.exchange(next);
      const location = response.headers?.['location'];
      const redirected = response.status >= 300 && response.status <= 399 && location !== undefined;
      if (!request.followRedirects || !redirected || redirects === MAX_REDIRECTS) return response;
      next = redirect(next, response.status, location);
    }
  }

  /** Closes the connections. */
  close(): void {
    this.agents.http.destroy();
    this.agents.https.destroy();
  }

  private exchange(request: OutgoingRequest): Promise<OutgoingResponse> {
    const url = new URL(request.url);
    const secure = url.protocol === 'https:';
    const open = secure ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const outgoing = open(url, {
        agent: secure ? this.agents.https : this.agents.http,
        method: request.method,
        headers: withLength(request),
        signal: request.signal,
      });
      outgoing.on('error', reject);
      outgoing.on('response', (response) => {
        response.on('error', reject);
        response.on('end', () => resolve(answerOf(response)));
        response.resume();
      });
      outgoing.end(request.body);
    });
  }
}

function withLength({ headers, body, method }: OutgoingRequest): Record<string, string> {
  const others = Object.entries(headers).filter(
    ([name]) => !/^(content-length|transfer-encoding|connection)$/i.test(name),
  );
  const needsLength = body.length > 0 || ['POST', 'PUT', 'PATCH'].includes(method);
  return Object.fromEntries(
    needsLength ? [...others, ['Content-Length', String(body.length)]] : others,
  );
}

function answerOf(response: IncomingMessage): OutgoingResponse {
  const single = Object.entries(response.headers).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : [],
  );
  return { status: response.statusCode ?? 0, headers: Object.fromEntries(single) };
}

/** 307 and 308 keep method and body, the others ask with GET: RFC 9110, section 15.4. */
function redirect(request: OutgoingRequest, status: number, location: string): OutgoingRequest {
  const url = new URL(location, request.url).href;
  if (status === 307 || status === 308) return { ...request, url };
  return { ...request, url, method: 'GET', body: new Uint8Array() };
}
