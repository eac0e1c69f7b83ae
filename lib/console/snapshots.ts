import { Inject, Injectable } from '@nestjs/common';
import pMap from 'p-map';
import { LockerService } from '../locker.service.js';
import { chainJson } from './chain-json.js';
import type { ConsoleSettings } from './console.options.js';
import { CONSOLE_SETTINGS } from './console.tokens.js';
import type { ChainJson, SnapshotJson } from './wire.js';

/** How many combinations are counted, how many at once, how many chains are read of each, and how many are shown. */
const limits = { collections: 50, atOnce: 4, reads: 50, shown: 6 };

/** Looks up what the overview shows. Its cost is bounded, whatever is stored. */
@Injectable()
export class Snapshots {
  constructor(
    private readonly locker: LockerService,
    @Inject(CONSOLE_SETTINGS) private readonly settings: ConsoleSettings,
  ) {}

  async take(): Promise<SnapshotJson> {
    const { kinds, namespaces, realm } = this.locker;
    const all = kinds.flatMap((kind) => namespaces.map((namespace) => ({ kind, namespace })));
    const looked = await pMap(all.slice(0, limits.collections), (where) => this.look(where), {
      concurrency: limits.atOnce,
    });
    const first = (chains: ChainJson[], by: (chain: ChainJson) => number) =>
      chains.toSorted((a, b) => by(a) - by(b)).slice(0, limits.shown);
    return {
      at: Math.max(0, ...looked.map(({ count }) => count.seenAt.getTime())),
      realm,
      kinds,
      namespaces,
      counts: looked.map(({ count }) => count),
      leftOut: all.length - looked.length,
      overdue: first(
        // A failed run is overdue while its alert cannot be sent; it is told of once.
        looked.flatMap(({ overdue }) => overdue.filter(({ state }) => state !== 'failed')),
        ({ due = 0 }) => due,
      ),
      failed: first(
        looked.flatMap(({ failed }) => failed),
        ({ timestamp = 0 }) => -timestamp,
      ),
      next: first(
        looked.flatMap(({ next }) => next),
        ({ at = 0 }) => at,
      ),
      pace: this.locker.pace(60),
      hasEmulator: this.settings.emulator !== undefined,
    };
  }

  private async look(where: { readonly kind: string; readonly namespace: string }) {
    const count = await this.locker.count(where);
    const list = async (state: 'overdue' | 'failed' | 'ready', isAny: boolean) => {
      const options = { ...where, state, limit: limits.reads, reads: limits.reads };
      return isAny ? (await this.locker.list(options)).chains.map(chainJson) : [];
    };
    const [overdue, failed, ready] = await Promise.all([
      list('overdue', count.overdue > 0),
      list('failed', count.failed > 0),
      list('ready', count.ready > 0),
    ]);
    return { count, overdue, failed, next: ready.filter(({ isOverdue }) => !isOverdue) };
  }
}
