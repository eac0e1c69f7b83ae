import { createServer } from 'node:net';

/** Below the range from which the system takes the ports of outgoing connections. */
const range = { from: 20_000, size: 10_000 };

/**
 * A free port of the loopback address for a program that will die and come back. Of the system's own range, one of
 * the clients that look for it meanwhile could be given it.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = range.from + Math.floor(Math.random() * range.size);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
