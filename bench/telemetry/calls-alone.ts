import type { DeliveryFacts, Part } from '../../lib/system/telemetry.js';
import { openTelemetry } from '../../lib/telemetry/index.js';

const nothing = () => Promise.resolve();
const where = { kind: 'Counter', task: 'count' };
const run = 'a'.repeat(32);
const rest = { key: 'Counter/"a"', namespace: '', queue: 'default', run, step: 1 };
const facts: DeliveryFacts = { ...where, ...rest, queueDelayMs: 5, createdBy: undefined };
const attempt = { number: 1, isTakeover: false, leaseWaitMs: 3 };

/** What a step asks of the option, and nothing else; microseconds each. */
export async function callsAlone(count: number): Promise<number> {
  const telemetry = openTelemetry();
  const part = (name: Part['name'], work: () => Promise<unknown>) =>
    telemetry.part({ name, ...where }, work);
  const began = process.cpuUsage();
  for (let done = 0; done < count; done++)
    await telemetry.delivery(facts, async () => {
      await part('acquire', nothing);
      await part('handler', async () => {
        await part('settle', nothing);
        await part('dispatch', () => Promise.resolve(telemetry.traceparent()));
      });
      return { outcome: 'advanced', attempt };
    });
  const { user, system } = process.cpuUsage(began);
  return (user + system) / count;
}
