import { describe, expect, it } from 'vitest';
import { nodeProblem } from '../../lib/cli/node-problem.js';

describe('the Node that the program runs on', () => {
  it.each(['v22.13.0', 'v22.23.3', 'v24.0.0', 'v26.1.0-nightly'])('may be %s', (version) => {
    expect(nodeProblem(version)).toBeUndefined();
  });

  it.each(['v18.20.8', 'v20.20.2', 'v22.0.0', 'v22.12.0'])(
    'is too old when it is %s',
    (version) => {
      expect(nodeProblem(version)).toContain(`needs Node 22.13 or later, and this is ${version}`);
    },
  );
});
