import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';

export const user = 'locker';
export const password = 'correct horse';

/** A mail server on this machine, with TLS and a password, and all that it was sent. */
export class Mailbox {
  static async open(): Promise<Mailbox> {
    const mailbox = new Mailbox();
    await new Promise<void>((resolve) => mailbox.server.listen(0, '127.0.0.1', resolve));
    return mailbox;
  }

  readonly mails: ParsedMail[] = [];
  /** Whether mails are refused. */
  isFull = false;
  private readonly server = new SMTPServer({
    secure: true,
    authMethods: ['PLAIN', 'LOGIN'],
    onAuth: (auth, _, callback) => {
      if (auth.username === user && auth.password === password) callback(null, { user });
      else callback(new Error('Invalid username or password'));
    },
    onData: (stream, session, callback) => {
      if (!session.secure) return callback(new Error('Not without TLS'));
      simpleParser(stream)
        .then((mail) => {
          if (this.isFull) return callback(new Error('Mailbox full'));
          this.mails.push(mail);
          callback();
        })
        .catch(callback);
    },
  });

  /** How to reach it; its certificate is nobody's. */
  transport(pass = password) {
    const address = this.server.server.address();
    if (typeof address !== 'object' || !address) throw new Error('The mailbox is not open.');
    const { port } = address;
    const tls = { rejectUnauthorized: false };
    return { host: '127.0.0.1', port, secure: true, auth: { user, pass }, tls };
  }

  get subjects(): (string | undefined)[] {
    return this.mails.map(({ subject }) => subject);
  }

  empty(): void {
    this.mails.length = 0;
    this.isFull = false;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(resolve);
    });
  }
}
