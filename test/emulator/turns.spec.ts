import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Turns } from '../../lib/emulator/turns.js';

describe('turns', () => {
  it('let calls in one by one, in their order, with a turn of the event loop between them', async () => {
    const turns = new Turns();
    const told: string[] = [];
    for (const call of ['first', 'second', 'third']) void turns.next().then(() => told.push(call));
    for (let turn = 0; turn < 10; turn++) {
      told.push('|');
      await setImmediate();
    }
    expect(told.join(' ')).toMatch(/first( \|)+ second( \|)+ third/);
  });
});
