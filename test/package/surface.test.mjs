import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { root } from './install.mjs';
import { surfacesOf } from './surface.mjs';

const snapshot = join(root, 'test/package/surface.txt');
const { name, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

it('offers what surface.txt says, no more and no less (UPDATE_SURFACE=1 writes it)', () => {
  const entries = Object.entries(exports).filter(([, entry]) => entry.types);
  const surfaces = surfacesOf(entries.map(([, { types }]) => join(root, types)));
  const text = entries
    .map(([path], index) => [`# ${name}${path.slice(1)}`, '', ...surfaces[index], ''].join('\n'))
    .join('\n');
  if (process.env['UPDATE_SURFACE'] === '1') writeFileSync(snapshot, text);
  const [now, then] = [text, readFileSync(snapshot, 'utf8')].map((one) => one.split('\n'));
  const at = now.findIndex((line, index) => line !== then[index]);
  assert.equal(now[at], then[at], `line ${at + 1} of surface.txt`);
  assert.equal(now.length, then.length, 'lines of surface.txt');
});
