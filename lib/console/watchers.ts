import type { ServerResponse } from 'node:http';
import { Inject, Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import type { ConsoleSettings } from './console.options.js';
import { CONSOLE_SETTINGS } from './console.tokens.js';
import { Snapshots } from './snapshots.js';

/** After so long a stream ends and the page comes again, so that guards look at it anew, milliseconds. */
const longest = 300_000;

/** The pages that watch. While there is one, snapshots are taken, one for all of them. */
@Injectable()
export class Watchers implements BeforeApplicationShutdown {
  private readonly logger = new Logger('LockerConsole');
  private readonly streams = new Set<ServerResponse>();
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(
    private readonly snapshots: Snapshots,
    @Inject(CONSOLE_SETTINGS) private readonly settings: ConsoleSettings,
  ) {}

  /** How many watch. */
  get size(): number {
    return this.streams.size;
  }

  /** Sends snapshots to a stream until it is closed. */
  add(stream: ServerResponse): void {
    if (this.isClosed) return void stream.end();
    this.streams.add(stream);
    const end = setTimeout(() => stream.end(), longest).unref();
    stream.once('close', () => {
      clearTimeout(end);
      this.streams.delete(stream);
    });
    stream.write('retry: 2000\n\n');
    clearTimeout(this.timer);
    void this.tell();
  }

  /** Open streams would keep the server from closing. */
  beforeApplicationShutdown(): void {
    this.isClosed = true;
    this.end();
  }

  /** Ends all streams; pages come again. */
  end(): void {
    clearTimeout(this.timer);
    for (const stream of this.streams) stream.end();
  }

  private async tell(): Promise<void> {
    if (this.streams.size === 0) return;
    const event = await this.event();
    for (const stream of this.streams) stream.write(event);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.tell(), this.settings.refreshMs).unref();
  }

  private async event(): Promise<string> {
    try {
      return `event: snapshot\ndata: ${JSON.stringify(await this.snapshots.take())}\n\n`;
    } catch (error) {
      this.logger.warn('The figures of the console could not be looked up', { error });
      return 'event: trouble\ndata: {}\n\n';
    }
  }
}
