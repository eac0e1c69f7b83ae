import type { ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Asset } from './assets.js';

/** What every answer of the console says to browsers: nothing is loaded from elsewhere, embedded, cached or told. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

/** What Express or Fastify answers with. */
export type WebResponse = ServerResponse | { readonly raw: ServerResponse; hijack(): unknown };

/** Answers on Express and on Fastify alike. */
@Injectable()
export class Reply {
  constructor(private readonly host: HttpAdapterHost) {}

  json(response: WebResponse, body: object, status = 200): void {
    this.send(response, 'application/json; charset=utf-8', JSON.stringify(body), status);
  }

  asset(response: WebResponse, { type, content }: Asset): void {
    this.send(response, type, content, 200);
  }

  redirect(response: WebResponse, location: string): void {
    this.host.httpAdapter.setHeader(response, 'Location', location);
    this.send(response, 'text/plain; charset=utf-8', '', 302);
  }

  /** An answer that stays open, of server-sent events. */
  stream(response: WebResponse): ServerResponse {
    const raw = rawOf(response);
    raw.writeHead(200, {
      ...securityHeaders,
      'Content-Type': 'text/event-stream; charset=utf-8',
      // Asks proxies such as nginx not to hold events back.
      'X-Accel-Buffering': 'no',
    });
    raw.flushHeaders();
    return raw;
  }

  private send(response: WebResponse, type: string, body: string, status: number): void {
    const { httpAdapter } = this.host;
    for (const [name, value] of Object.entries(securityHeaders))
      httpAdapter.setHeader(response, name, value);
    httpAdapter.setHeader(response, 'Content-Type', type);
    httpAdapter.reply(response, body, status);
  }
}

/** Node's own answer below Express's or Fastify's, which is told to leave it alone. */
function rawOf(response: WebResponse): ServerResponse {
  if (!('raw' in response)) return response;
  response.hijack();
  return response.raw;
}
