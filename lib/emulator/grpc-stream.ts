import type { ServerHttp2Stream } from 'node:http2';
import { gunzipSync, inflateSync } from 'node:zlib';
import { Status } from '../google/status.js';
import { RpcError } from './rpc-error.js';

// How gRPC goes over HTTP/2: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md

/** Commits may be 10 MiB, tasks 1 MiB. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

/** Before a message: one byte that says whether it is compressed, four with its length. */
const PREFIX_BYTES = 5;

const headers = { ':status': 200, 'content-type': 'application/grpc+proto' };
const beforeTrailers = { waitForTrailers: true };
const ok = { 'grpc-status': 0 };

/** The bytes of the one message that a client sends. Rejects with RESOURCE_EXHAUSTED when it is too long. */
export async function requestOf(stream: ServerHttp2Stream, encoding: string): Promise<Buffer> {
  const frame = await allOf(stream);
  const message = frame.subarray(PREFIX_BYTES);
  if (frame.length < PREFIX_BYTES || message.length !== frame.readUInt32BE(1)) {
    throw new RpcError(Status.INTERNAL, 'The request has not one message.');
  }
  return frame[0] === 0 ? message : decompressed(message, encoding);
}

/** Answers with one message. */
export function sendMessage(stream: ServerHttp2Stream, message: Buffer): void {
  if (stream.destroyed || stream.closed) return;
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  frame.writeUInt8(0);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, PREFIX_BYTES);
  stream.respond(headers, beforeTrailers);
  stream.once('wantTrailers', () => stream.sendTrailers(ok));
  stream.end(frame);
}

/** Answers with an error, whether the request has been read or not. */
export function sendError(
  stream: ServerHttp2Stream,
  { code, details }: { code: Status; details: string },
): void {
  stream.resume();
  if (stream.destroyed || stream.closed) return;
  const trailers = { 'grpc-status': code, 'grpc-message': encodeURI(details) };
  stream.respond({ ...headers, ...trailers }, { endStream: true });
}

/** A promise by hand: an iterator over the stream takes twice as long. */
function allOf(stream: ServerHttp2Stream): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > PREFIX_BYTES + MAX_MESSAGE_BYTES) {
        const details = `A request has at most ${MAX_MESSAGE_BYTES} bytes.`;
        reject(new RpcError(Status.RESOURCE_EXHAUSTED, details));
        stream.removeAllListeners('data');
      }
    });
    stream.once('end', () => {
      const [first = Buffer.alloc(0)] = chunks;
      resolve(chunks.length > 1 ? Buffer.concat(chunks) : first);
    });
  });
}

function decompressed(message: Buffer, encoding: string): Buffer {
  const decompress = { gzip: gunzipSync, deflate: inflateSync }[encoding];
  if (!decompress) {
    const details = `Requests compressed with "${encoding}" are not read.`;
    throw new RpcError(Status.UNIMPLEMENTED, details);
  }
  try {
    return decompress(message, { maxOutputLength: MAX_MESSAGE_BYTES });
  } catch {
    throw new RpcError(Status.INTERNAL, `The request is not compressed with ${encoding}.`);
  }
}
