import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

/** Money that was taken. */
export interface Charge {
  readonly id: string;
  /** The order. */
  readonly reference: string;
  readonly amount: number;
}

/** How long it takes to take money, milliseconds. */
const thinking = { least: 50, most: 400 };

/**
 * A payment provider: a server that takes money once for each idempotency key, and answers every further request of that key with
 * the charge that there is.
 */
export class PaymentProvider {
  /** Every charge that was made. */
  readonly charges: Charge[] = [];
  /** How many requests there were. */
  requests = 0;
  private readonly byKey = new Map<string, Promise<Charge>>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<PaymentProvider> {
    const server = createServer();
    const provider = new PaymentProvider(server);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      provider.answer(request, response).catch(() => response.writeHead(400).end('{}'));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return provider;
  }

  get url(): string {
    const address = this.server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const key = String(request.headers['idempotency-key'] ?? '');
    const { reference, amount } = charged(await json(request));
    this.requests += 1;
    if (key === '') throw new Error('no idempotency key');
    const charge = this.byKey.get(key) ?? this.take(reference, amount);
    this.byKey.set(key, charge);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(await charge));
  }

  /** The money is gone before anybody hears of it. */
  private async take(reference: string, amount: number): Promise<Charge> {
    const charge = { id: `ch_${this.charges.length + 1}`, reference, amount };
    this.charges.push(charge);
    await sleep(thinking.least + Math.random() * (thinking.most - thinking.least));
    return charge;
  }
}

function charged(body: unknown): Pick<Charge, 'reference' | 'amount'> {
  if (typeof body !== 'object' || !body || !('reference' in body) || !('amount' in body))
    throw new Error('no charge');
  return { reference: String(body.reference), amount: Number(body.amount) };
}
