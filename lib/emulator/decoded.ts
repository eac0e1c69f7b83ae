const decoded = new WeakSet<object>();

/** Notes that a message was decoded here, so that it has the shape of the proto: with all defaults, and nobody else's. */
export function asDecoded<Message extends object>(message: Message): Message {
  decoded.add(message);
  return message;
}

/** Whether a message is as the service decodes it, and not as some caller wrote it. */
export function isDecoded(message: object): boolean {
  return decoded.has(message);
}
