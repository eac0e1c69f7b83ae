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
