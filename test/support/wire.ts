import type { CallEvent, Emulator, TapEvent } from 'nestjs-datastore-locker/emulator';
import { beginsOnRead } from './google-datastore.js';

/**
 * What passes an emulator: calls of its services, and tasks on their way to their targets. Where the whole suite has to begin its
 * transactions explicitly, these calls are left out.
 */
export class Wire {
  readonly events: TapEvent[] = [];
  /** Ends the listening. */
  readonly close: () => void;

  constructor(emulator: Emulator) {
    this.close = emulator.tap((event) => {
      if (beginsOnRead() || !isBegin(event)) this.events.push(event);
    });
  }

  get calls(): CallEvent[] {
    return this.events.flatMap((event) => (event.type === 'call' ? [event] : []));
  }

  /** The methods called, in the order of their answers. */
  get methods(): string[] {
    return this.calls.map(({ method }) => method);
  }

  /** What targets answered, in order. */
  get answers(): (number | undefined)[] {
    return this.events.flatMap((event) => (event.type === 'dispatch' ? [event.status] : []));
  }

  /** How often each method was called. */
  count(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const method of this.methods) counts[method] = (counts[method] ?? 0) + 1;
    return counts;
  }
}

function isBegin(event: TapEvent): boolean {
  return event.type === 'call' && event.method === 'beginTransaction';
}
