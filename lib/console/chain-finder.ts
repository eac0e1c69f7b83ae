import type { Key } from '@google-cloud/datastore';
import { BadRequestException, Inject, Injectable } from '@nestjs/common';
import { keyFromText } from '../datastore/key-from-text.js';
import { keyFromProto } from '../datastore/keys.js';
import { EntityNotFoundError } from '../locker.errors.js';
import type { Realm } from '../locker.js';
import { LockerService } from '../locker.service.js';
import type { ListState } from '../run/list-options.js';
import type { ChainView } from '../run/overview.js';
import { chainJson } from './chain-json.js';
import type { ConsoleSettings } from './console.options.js';
import { CONSOLE_SETTINGS } from './console.tokens.js';
import type { ChainJson, PageJson } from './wire.js';

const states: readonly ListState[] = [
  'failed',
  'overdue',
  'held',
  'ready',
  'waiting',
  'owing',
  'any',
];

/** How many chains a page has at most, and how many entities are read for it. */
const page = { standard: 50, most: 200, reads: 400 };

/** Finds chains for the page. */
@Injectable()
export class ChainFinder {
  constructor(
    private readonly locker: LockerService,
    @Inject(CONSOLE_SETTINGS) private readonly settings: ConsoleSettings,
  ) {}

  get realm(): Realm {
    return this.locker.realm;
  }

  /**
   * A page of a kind's chains, by state; or by what their keys are or begin with.
   *
   * @throws BadRequestException
   */
  async list(query: Readonly<Record<string, unknown>>): Promise<PageJson> {
    const kind = oneOf('kind', query['kind'], this.locker.kinds);
    const namespace = oneOf('namespace', query['namespace'] ?? '', this.locker.namespaces);
    const state = oneOf('state', query['state'] ?? 'owing', states);
    const search = text(query['search']).trim();
    const cursor = text(query['cursor']);
    const limit = Math.min(page.most, Number(query['limit'] ?? page.standard));
    if (!Number.isInteger(limit) || limit < 1)
      throw new BadRequestException('limit: expected a number from 1 on.');
    const options = { kind, namespace, limit, reads: page.reads, ...(cursor && { cursor }) };
    const exact = search && !cursor ? await this.exact(kind, namespace, search) : [];
    const { chains, cursor: next } = search
      ? await this.locker.list({ ...options, state: 'any', prefix: search })
      : await this.locker.list({ ...options, state });
    const found = [...exact, ...chains].map(chainJson);
    const isFirst = ({ key }: ChainJson, index: number) =>
      found.findIndex((other) => other.key === key) === index;
    return { chains: found.filter(isFirst), cursor: next };
  }

  /** One chain, with what the application shows of its entity. @throws BadRequestException, EntityNotFoundError */
  async show(keyAsText: unknown): Promise<ChainJson> {
    const key = this.key(keyAsText);
    const view = await this.locker.inspect(key);
    const { properties: pick } = this.settings;
    const entity = pick && (await this.locker.get(key));
    const properties = entity && (await pick(entity, key.kind, { key, locker: this.locker }));
    return { ...chainJson(view), ...(properties && { properties }) };
  }

  /** A key from its text, of a kind and a namespace that are locked here. @throws BadRequestException */
  key(keyAsText: unknown): Key {
    const proto = keyFromText(text(keyAsText));
    if (!proto) throw new BadRequestException('key: expected a key such as Order/5 or Order/"a".');
    const key = keyFromProto(proto);
    oneOf('kind', key.kind, this.locker.kinds);
    oneOf('namespace', key.namespace ?? '', this.locker.namespaces);
    return key;
  }

  /** What is stored under a whole key, or under a kind's id or name. */
  private async exact(kind: string, namespace: string, search: string): Promise<ChainView[]> {
    const whole = keyFromText(search);
    const partitionId = { namespaceId: namespace };
    const isId = /^\d{1,19}$/.test(search);
    const protos = whole
      ? [
          {
            ...whole,
            partitionId: whole.partitionId?.namespaceId ? whole.partitionId : partitionId,
          },
        ]
      : isId
        ? [{ partitionId, path: [{ kind, id: search }] }]
        : [];
    const keys = protos.map(keyFromProto).filter((key) => this.locker.kinds.includes(key.kind));
    const found = await Promise.all(keys.map((key) => this.inspect(key)));
    return found.flatMap((view) => view ?? []);
  }

  private async inspect(key: Key): Promise<ChainView | undefined> {
    try {
      return await this.locker.inspect(key);
    } catch (error) {
      if (error instanceof EntityNotFoundError) return undefined;
      throw error;
    }
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function oneOf<T extends string>(name: string, value: unknown, values: readonly T[]): T {
  const found = values.find((one) => one === value);
  if (found === undefined)
    throw new BadRequestException(
      `${name}: expected one of ${values.map((one) => JSON.stringify(one)).join(', ')}.`,
    );
  return found;
}
