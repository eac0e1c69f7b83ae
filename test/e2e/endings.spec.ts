import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { adapters, Application } from '../support/application.js';
import { Job } from '../support/jobs.js';

const program = fileURLToPath(new URL('programs/one-chain.ts', import.meta.url));
const loader = new URL('../support/load-typescript.ts', import.meta.url).href;

describe.each(adapters)('an application on %s', (adapter) => {
  it('ends by itself when it is closed: nothing is left open', { timeout: 60_000 }, async () => {
    const child = spawn(process.execPath, ['--no-warnings', '--import', loader, program, adapter], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = Promise.all([text(child.stdout), text(child.stderr)]);
    const closed = once(child.stdout, 'data');
    const exited = once(child, 'exit').then(() => 'ended');
    const first = await Promise.race([closed.then(() => 'closed'), exited]);
    // From here on it has nothing to do but to end.
    const timer = new AbortController();
    const late = new Promise((resolve) => {
      const timeout = setTimeout(resolve, 10_000, 'is still there');
      timer.signal.addEventListener('abort', () => clearTimeout(timeout));
    });
    const end = await Promise.race([exited, late]);
    timer.abort();
    child.kill('SIGKILL');
    const [out, err] = await output;
    expect({ first, end, out, err, code: child.exitCode }).toEqual({
      first: 'closed',
      end: 'ended',
      out: 'closed\n',
      err: '',
      code: 0,
    });
  });

  it('does not meet another one in the same process', async () => {
    const [one, two] = await Promise.all([
      Application.ofJobs({ adapter, options: { busyStatus: 423 } }),
      Application.ofJobs({ adapter, options: { defaultQueue: 'other' } }),
    ]);
    const keys = [one.job((_, lease) => lease.step < 2 && lease.next()), two.job()] as const;
    expect(keys[0].path).toEqual(keys[1].path);
    await Promise.all([
      one.locker.schedule(keys[0], new Job(), 'one'),
      two.locker.schedule(keys[1], new Job(), 'one'),
    ]);
    await Promise.all([one.emulator.drain(), two.emulator.drain()]);
    expect(one.script.summary(keys[0])).toEqual(['one 1/1', 'one 2/1']);
    expect(two.script.summary(keys[1])).toEqual(['one 1/1']);
    const [first, second] = await Promise.all([one.lock(keys[0]), two.lock(keys[1])]);
    expect(first.run).not.toBe(second.run);
    // One that is closed takes nothing from the other.
    await one.stop();
    await two.locker.schedule(keys[1], new Job(), 'one');
    await two.emulator.drain();
    expect(two.script.of(keys[1])).toHaveLength(2);
    await two.stop();
  });
});
