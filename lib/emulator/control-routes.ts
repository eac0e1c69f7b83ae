import { parseFault } from './faults/parse-fault.js';
import type { Faults } from './faults/faults.js';
import type { Answer, Route } from './http-server.js';

/** What is switched. */
interface Controlled {
  readonly faults: Faults;
  reset(): void;
}

/**
 * The switches for trouble over HTTP: `GET /faults` lists the rules, `POST /faults` adds one, `DELETE /faults` takes
 * them all out; `POST /hold` and `POST /release` stop and resume dispatching; `POST /reset` empties the emulator.
 */
export function controlRoutes(emulator: Controlled): Route[] {
  const { faults } = emulator;
  const state = () => ({ body: { held: faults.held(), faults: faults.rules } });
  return [
    { method: 'GET', path: '/faults', answer: state },
    { method: 'POST', path: '/faults', answer: (body) => add(faults, body) ?? state() },
    { method: 'DELETE', path: '/faults', answer: () => (faults.clear(), state()) },
    { method: 'POST', path: '/hold', answer: () => (faults.hold(), state()) },
    { method: 'POST', path: '/reset', answer: () => (emulator.reset(), state()) },
    { method: 'POST', path: '/release', answer: () => (faults.release(), state()) },
  ];
}

/** Adds the rule in a body; answers with what is wrong about it. */
function add(faults: Faults, body: string): Answer | undefined {
  const parsed = parseFault(body);
  if (!parsed.ok) return { status: 400, body: { error: parsed.problem } };
  faults.add(parsed.fault);
  return undefined;
}
