import { setTimeout as sleep } from 'node:timers/promises';
import { Archive } from './archive.js';
import type { Fleet } from './fleet.js';
import { readLedger, type LedgerEntry } from './ledger.js';
import { LedgerTail } from './ledger-tail.js';
import { allChains, type ChainName } from './names.js';
import type { Plan } from './plan.js';
import type { Incident } from './trouble/incident.js';
import { Callers } from './trouble/callers.js';
import { Troublemaker } from './trouble/troublemaker.js';
import type { StoredChain } from './verdict/evidence.js';

/** What a run leaves behind. */
export interface Remains {
  readonly beganAt: number;
  readonly chains: readonly StoredChain[];
  readonly locks: ReadonlyMap<string, object | undefined>;
  readonly ledger: readonly LedgerEntry[];
  readonly incidents: readonly Incident[];
  /** Starts whose callers died without an answer, and how many of those had not begun. */
  readonly leftAlone: { readonly all: number; readonly lost: number };
  /** Tasks that are still in the queue though nothing is owed. */
  readonly waitingTasks: number;
}

/** One run: chains amid trouble, then quiet until all have ended or their time is up. */
export class Chaos {
  private readonly beganAt = Date.now();
  private readonly tail: LedgerTail;
  private readonly callers: Callers;
  private readonly troublemaker: Troublemaker;
  private phase = 'trouble';

  constructor(
    private readonly plan: Plan,
    private readonly fleet: Fleet,
    private readonly signal: AbortSignal,
  ) {
    this.tail = new LedgerTail(fleet.ledgerFile);
    this.callers = new Callers(plan, fleet.url, this.tail, signal);
    this.troublemaker = new Troublemaker(fleet.workers, fleet.emulator, this.tail, signal);
  }

  /** Where it stands, in a line. */
  get progress(): string {
    const { incidents } = this.troublemaker;
    const count = (what: Incident['what']) =>
      incidents.filter((incident) => incident.what === what).length;
    const { steps, effects } = this.tail.follow();
    const time = String(Math.round((Date.now() - this.beganAt) / 1_000)).padStart(4);
    return `${time} s  ${this.phase}: ${this.callers.started} chains started, ${steps} steps had their effect, ${effects - steps} times another one; killed: ${count('worker killed')} workers, ${count('emulator killed')} emulators; stopped: ${count('worker stopped')}`;
  }

  /** Lets go of the ledger. */
  close(): void {
    this.tail.close();
  }

  async run(): Promise<Remains> {
    await Promise.all([this.callers.startAll(), this.troublemaker.make(this.plan)]);
    this.phase = 'quiet';
    const { emulator } = this.fleet;
    await emulator.calm();
    const archive = await Archive.open(emulator.datastoreHost, emulator.tasksHost);
    try {
      const lost = await this.startThoseThatDidNotBegin(archive);
      const chains = await this.ends(archive);
      return {
        beganAt: this.beganAt,
        chains,
        locks: await this.locks(archive),
        ledger: readLedger(this.fleet.ledgerFile),
        incidents: this.troublemaker.incidents,
        leftAlone: { all: this.callers.leftAlone.length, lost },
        waitingTasks: await this.emptied(archive),
      };
    } finally {
      await archive.close();
    }
  }

  /** A start without an answer was stored, and then its chain runs to its end; or it was not, and nothing ever will. */
  private async startThoseThatDidNotBegin(archive: Archive): Promise<number> {
    let lost = 0;
    for (const chain of this.callers.leftAlone) {
      const { state } = await archive.read(chain);
      if (state !== 'missing') continue;
      lost += 1;
      await this.callers.start(chain, { mayDie: false });
    }
    return lost;
  }

  private async ends(archive: Archive): Promise<StoredChain[]> {
    const found = new Map<ChainName, StoredChain>();
    const all = allChains(this.plan);
    const limit = Date.now() + this.plan.drainMs;
    for (;;) {
      for (const chain of all)
        if (!hasEnded(found.get(chain))) found.set(chain, await archive.read(chain));
      const chains = [...found.values()];
      if (chains.every(hasEnded) || Date.now() > limit) return chains;
      await this.sleep(1_000);
    }
  }

  private async locks(archive: Archive): Promise<Map<string, object | undefined>> {
    const locks = new Map<string, object | undefined>();
    for (const chain of allChains(this.plan)) locks.set(chain.name, await archive.lock(chain));
    return locks;
  }

  /** The last sweep comes up to two slots after the last write. Late duplicates are over by then, too. */
  private async emptied(archive: Archive): Promise<number> {
    const limit = Date.now() + 45_000;
    for (;;) {
      const { sweeps, others } = await archive.waitingTasks();
      const waiting = others + (this.plan.sweepsMustEnd ? sweeps : 0);
      if (waiting === 0 || Date.now() > limit) return waiting;
      await this.sleep(1_000);
    }
  }

  private async sleep(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.signal });
  }
}

function hasEnded(chain: StoredChain | undefined): boolean {
  return chain?.state === 'completed' || chain?.state === 'failed';
}
