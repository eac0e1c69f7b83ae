import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { progressOn } from '../../lib/cli/progress.js';
import { askOn } from '../../lib/cli/terminal.js';

/** A stream that says of itself that it is a terminal, or none; and what was written to it. */
function stream(isTTY: boolean) {
  const through = Object.assign(new PassThrough(), { isTTY, columns: 80 });
  const written: string[] = [];
  through.on('data', (chunk: Buffer) => written.push(chunk.toString()));
  return { through, text: () => written.join('') };
}

describe('a bar', () => {
  it('is shown on a terminal', async () => {
    const { through, text } = stream(true);
    const bar = progressOn(through, 'Retry', 4);
    bar.set(4);
    bar.end();
    await new Promise((resolve) => setImmediate(resolve));
    expect(text()).toMatch(/Retry .* 4 of 4/);
  });

  it('is shown nowhere else, and for nothing', async () => {
    const pipe = stream(false);
    const terminal = stream(true);
    for (const bar of [
      progressOn(pipe.through, 'Retry', 4),
      progressOn(terminal.through, 'Retry', 0),
    ]) {
      bar.set(1);
      bar.end();
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect(pipe.text() + terminal.text()).toBe('');
  });
});

describe('a question', () => {
  it.each([
    ['y', true],
    ['Yes', true],
    ['n', false],
    ['', false],
    ['maybe', false],
  ])('that is answered "%s" is answered %s', async (answer, expected) => {
    const input = stream(true);
    const output = stream(true);
    const asked = askOn(input.through, output.through, 'Retry 3 failed chains?');
    input.through.write(`${answer}\n`);
    expect(await asked).toBe(expected);
    expect(output.text()).toMatch(/Retry 3 failed chains\? \[y\/N\]/);
  });

  it('is asked of nobody where there is no terminal', async () => {
    const { through } = stream(false);
    expect(await askOn(through, stream(true).through, 'Sure?')).toBeUndefined();
    expect(await askOn(stream(true).through, through, 'Sure?')).toBeUndefined();
  });
});
