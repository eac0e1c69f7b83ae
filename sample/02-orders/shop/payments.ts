import { Inject, Injectable } from '@nestjs/common';
import type { ConfigType } from '@nestjs/config';
import { PermanentTaskError, type Lease } from 'nestjs-datastore-locker';
import type { ChargeDto } from './charge.dto.js';
import { shopConfig } from './shop.config.js';

/** The payment provider, over HTTP. */
@Injectable()
export class Payments {
  constructor(@Inject(shopConfig.KEY) private readonly config: ConfigType<typeof shopConfig>) {}

  /** Charges once for all attempts of a step: the provider knows them by their idempotency key. Resolves to its id. */
  async charge(
    { amount, currency }: ChargeDto,
    { key, idempotencyKey, signal }: Lease,
  ): Promise<string> {
    const response = await fetch(`${this.config.paymentsUrl}/charges`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
      body: JSON.stringify({ reference: key.name, amount, currency }),
      signal,
    });
    const answer: unknown = await response.json();
    if (response.status === 402) throw new PermanentTaskError('the card was declined');
    if (!response.ok || typeof answer !== 'object' || !answer || !('id' in answer))
      throw new Error(
        `The payment provider answered ${response.status}: ${JSON.stringify(answer)}`,
      );
    return String(answer.id);
  }
}
