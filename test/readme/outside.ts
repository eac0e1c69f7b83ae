import type { CanActivate } from '@nestjs/common';

/** Stands for a payment provider and a mail service, which do what has the same key once. */
export const effects = new Map<string, string>();

export function chargeCard(total: number, idempotencyKey: string): Promise<string> {
  effects.set(idempotencyKey, `charged ${total}`);
  return Promise.resolve(`receipt for ${total}`);
}

export function sendMail(text: string, idempotencyKey: string): Promise<void> {
  effects.set(idempotencyKey, `mailed "${text}"`);
  return Promise.resolve();
}

/** Stands for what knows who works here. */
export class StaffGuard implements CanActivate {
  canActivate(): boolean {
    return true;
  }
}

/** A request that it has let in. */
export interface StaffRequest {
  readonly user: { readonly email: string };
}
