import { Agent, request } from 'node:http';

/** Headers as they go over the wire; a list sends one header several times. */
export type RawHeaders = Record<string, string | string[] | undefined>;

/** What came back. */
export interface RawResponse {
  readonly status: number;
  readonly text: string;
  readonly headers: Record<string, unknown>;
}

/** Sends requests exactly as they are given, over connections that are kept. */
export class Sender {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 8 });

  constructor(private readonly baseUrl: string) {}

  send(path: string, headers: RawHeaders, body = '{}', method = 'POST'): Promise<RawResponse> {
    const given = Object.entries(headers).filter(([, value]) => value !== undefined);
    const options = { method, agent: this.agent, headers: Object.fromEntries(given) };
    return new Promise((resolve, reject) => {
      const sent = request(`${this.baseUrl}${path}`, options, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (text += part));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text, headers: response.headers }),
        );
      });
      sent.on('error', reject);
      sent.end(method === 'GET' ? undefined : body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}
