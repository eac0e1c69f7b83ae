import cliProgress from 'cli-progress';

/** How far a work has come. */
export interface Progress {
  /** So much is done. */
  set(done: number): void;
  end(): void;
}

/** A bar on a terminal; nothing on anything else, so that no log is filled with bars. */
export function progressOn(
  stream: NodeJS.WritableStream & { isTTY?: boolean },
  what: string,
  total: number,
): Progress {
  if (!stream.isTTY || total === 0) return { set: () => {}, end: () => {} };
  const format = `${what} {bar} {value} of {total}, {eta_formatted} to go`;
  const bar = new cliProgress.SingleBar(
    { stream, format, hideCursor: true },
    cliProgress.Presets.shades_classic,
  );
  bar.start(total, 0);
  return { set: (done) => bar.update(done), end: () => bar.stop() };
}
