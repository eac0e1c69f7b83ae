import { createServer } from 'node:net';

/** Below the range from which systems take the ports of outgoing connections: what dies and comes back finds it free. */
const range = { from: 20_000, size: 10_000 };

/** A port of the loopback address that nobody uses. */
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
