import { afterEach, describe, expect, it, vi } from 'vitest';
import { sleep, systemClock } from '../../lib/system/clock.js';

describe("the machine's clock", () => {
  afterEach(() => vi.restoreAllMocks());

  it('runs what was due in the past at once, without a warning of Node', async () => {
    const warned = vi.spyOn(process, 'emitWarning');
    await sleep(systemClock, -800);
    expect(warned).not.toHaveBeenCalled();
  });
});
