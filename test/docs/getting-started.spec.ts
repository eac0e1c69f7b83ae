import { NestFactory } from '@nestjs/core';
import { startEmulator } from 'nestjs-datastore-locker/emulator';
import { afterEach, describe, expect, it } from 'vitest';
import { loopbackPort } from '../../lib/testing/loopback-port.js';
import { MemoryLogger } from '../support/memory-logger.js';
import { blocksOf, read } from './pages.js';

const page = read('docs/getting-started.md');

/** The variables that the page says are to be exported, for other ports. */
function exported(): Record<string, string> {
  const lines = page.match(/^export .*$/gm)?.join(' ') ?? '';
  const pairs = [...lines.matchAll(/(\w+)=(\S+)/g)];
  return Object.fromEntries<string>(pairs.map(([, name = '', value = '']) => [name, value]));
}

describe('docs/getting-started.md', { timeout: 60_000 }, () => {
  const before = { ...process.env };
  afterEach(() => {
    process.env = { ...before };
  });

  it('shows the module that is compiled and run here', () => {
    const [shown] = blocksOf(page).filter(({ language }) => language === 'ts');
    expect(shown?.code).toBe(read('test/docs/getting-started/app.module.ts'));
  });

  it('runs its chain, and drops the duplicate that it orders', async () => {
    const emulator = await startEmulator();
    const port = await loopbackPort();
    const baseUrl = `http://127.0.0.1:${port}`;
    Object.assign(process.env, exported(), emulator.env, { LOCKER_BASE_URL: baseUrl });
    const { AppModule } = await import('./getting-started/app.module.js');
    const logger = new MemoryLogger();
    const app = await NestFactory.create(AppModule, { logger });
    await app.listen(port, '127.0.0.1');

    const [, fault = ''] = /faults -d '(.*)'/.exec(page) ?? [];
    await fetch(`${emulator.controlUrl}/faults`, { method: 'POST', body: fault });
    await fetch(`${baseUrl}/orders`, { method: 'POST' });
    await expect
      .poll(() => said(logger), { timeout: 30_000 })
      .toContain('Confirming receipt for 12, step 2');

    const charged = said(logger).filter((message) => message.startsWith('Charging 12'));
    expect(charged).toHaveLength(1);
    expect(said(logger).some((message) => /busy|stale/.test(message))).toBe(true);
    await app.close();
    await emulator.stop();
  });
});

function said(logger: MemoryLogger): string[] {
  return logger.lines.map(({ message }) => message);
}
