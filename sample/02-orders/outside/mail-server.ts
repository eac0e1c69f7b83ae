import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

/** A mail that was accepted. */
export interface Mail {
  /** By which two copies of one mail are told from two mails. */
  readonly messageId: string;
  readonly order: string;
}

/** A mail server that keeps what it accepts. */
export class MailServer {
  readonly mails: Mail[] = [];

  private constructor(private readonly server: SMTPServer) {}

  static async start(): Promise<MailServer> {
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      onData: (stream, _session, accepted) => {
        simpleParser(stream).then(
          ({ messageId = '', headers }) => {
            const order = headers.get('x-order');
            mailServer.mails.push({ messageId, order: typeof order === 'string' ? order : '' });
            accepted();
          },
          (error: unknown) => accepted(error instanceof Error ? error : new Error(String(error))),
        );
      },
    });
    const mailServer = new MailServer(server);
    // Who is killed hangs up.
    server.on('error', () => undefined);
    const listener = server.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return mailServer;
  }

  get port(): number {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a server that listens on a port
    return (this.server.server.address() as AddressInfo).port;
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.server.close(resolve));
  }
}
