import { Status } from '../../google/status.js';
import type { Fault } from './fault.js';

/** A rule that was read, or what is wrong about it. */
export type ParsedFault =
  { readonly ok: true; readonly fault: Fault } | { readonly ok: false; readonly problem: string };

type Kind = 'number' | 'chance' | 'text' | 'service' | 'code';

interface Shape {
  readonly required: Readonly<Record<string, Kind>>;
  readonly optional: Readonly<Record<string, Kind>>;
}

const limits = { times: 'number', probability: 'chance' } as const;
const ofCalls = { ...limits, service: 'service', method: 'text' } as const;
const ofDispatches = { ...limits, task: 'text' } as const;

/** The fields of each fault, as in `Fault`. */
const SHAPES: Readonly<Record<Fault['fault'], Shape>> = {
  'fail-before': { required: {}, optional: { ...ofCalls, code: 'code' } },
  'fail-after': { required: {}, optional: { ...ofCalls, code: 'code' } },
  'delay-call': { required: { ms: 'number' }, optional: ofCalls },
  'delay-answer': { required: { ms: 'number' }, optional: ofCalls },
  'deliver-twice': { required: {}, optional: { ...ofDispatches, afterMs: 'number' } },
  delay: { required: { ms: 'number' }, optional: ofDispatches },
  reorder: { required: { withinMs: 'number' }, optional: ofDispatches },
  'drop-request': { required: {}, optional: ofDispatches },
  'drop-response': { required: {}, optional: ofDispatches },
  lose: { required: {}, optional: ofDispatches },
};

const CHECKS: Readonly<Record<Kind, { expected: string; holds: (value: unknown) => boolean }>> = {
  number: {
    expected: 'a number, 0 or more',
    holds: (value) => typeof value === 'number' && value >= 0,
  },
  chance: {
    expected: 'a number from 0 to 1',
    holds: (value) => typeof value === 'number' && value >= 0 && value <= 1,
  },
  text: { expected: 'a string', holds: (value) => typeof value === 'string' },
  service: {
    expected: "'datastore' or 'tasks'",
    holds: (value) => value === 'datastore' || value === 'tasks',
  },
  code: {
    expected: `one of ${Object.keys(Status).join(', ')}`,
    holds: (value) => typeof value === 'string' && Object.hasOwn(Status, value),
  },
};

/** Reads a rule from JSON. */
export function parseFault(json: string): ParsedFault {
  const value = parseObject(json);
  if (!value) return { ok: false, problem: 'Expected a JSON object.' };
  if (isFault(value)) return { ok: true, fault: value };
  return { ok: false, problem: problemOf(value) ?? '' };
}

function parseObject(json: string): object | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function isFault(value: object): value is Fault {
  return problemOf(value) === undefined;
}

function problemOf(value: object): string | undefined {
  const { fault, ...fields }: Record<string, unknown> = { ...value };
  const shape = Object.entries(SHAPES).find(([name]) => name === fault)?.[1];
  if (!shape) return `fault: expected one of ${Object.keys(SHAPES).join(', ')}.`;
  const missing = Object.keys(shape.required).find((name) => !(name in fields));
  if (missing !== undefined) return `${missing}: required.`;
  const kinds = new Map(Object.entries({ ...shape.optional, ...shape.required }));
  for (const [name, field] of Object.entries(fields)) {
    const kind = kinds.get(name);
    if (!kind) return `${name}: no field of this fault.`;
    const { expected, holds } = CHECKS[kind];
    if (!holds(field)) return `${name}: expected ${expected}.`;
  }
  return undefined;
}
