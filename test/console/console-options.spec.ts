import { describe, expect, it } from 'vitest';
import { consoleSettings } from '../../lib/console/console.options.js';

const guard = { canActivate: () => true };

describe('the options of the console', () => {
  it('have defaults', () => {
    expect(consoleSettings({ guards: [guard] }, {})).toMatchObject({
      path: '/locker',
      refreshMs: 3_000,
    });
  });

  it('let nobody in without a guard, unless that is said outside of production', () => {
    expect(() => consoleSettings({}, {})).toThrow(/guards.*open: true/s);
    expect(() => consoleSettings({ guards: [] }, {})).toThrow(/guards/);
    expect(consoleSettings({ open: true }, {})).toMatchObject({ guards: [] });
    for (const name of ['K_SERVICE', 'GAE_ENV', 'GAE_SERVICE'])
      expect(() => consoleSettings({ open: true }, { [name]: 'a' })).toThrow(name);
    expect(() => consoleSettings({ open: true }, { NODE_ENV: 'production' })).toThrow(/NODE_ENV/);
    expect(consoleSettings({ guards: [guard] }, { K_SERVICE: 'a' })).toMatchObject({
      guards: [guard],
    });
  });

  it.each([
    [{ path: 'locker' }, /path/],
    [{ path: '/' }, /path/],
    [{ path: '/locker/' }, /path/],
    [{ path: '/:tenant' }, /path/],
    [{ refresh: '10ms' }, /refresh/],
    [{ refresh: 'often' }, /refresh/],
  ])('are checked: %j', (options, problem) => {
    expect(() => consoleSettings({ guards: [guard], ...options }, {})).toThrow(problem);
  });
});
