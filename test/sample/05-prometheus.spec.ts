import { readFileSync } from 'node:fs';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { openTelemetry } from 'nestjs-datastore-locker/telemetry';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Metrics } from '../../lib/telemetry/metrics.js';
import { Duplicator } from '../../sample/05-prometheus/duplicator.js';
import type { Invoice } from '../../sample/05-prometheus/invoice.js';
import { usualPort } from '../../sample/05-prometheus/metrics.js';
import { missingFrom, problemsOf } from '../../sample/05-prometheus/show/counted.js';
import { runToTheEnd } from '../../sample/05-prometheus/show/run-to-the-end.js';
import { read, selector, sumBy } from '../../sample/05-prometheus/show/scrape.js';
import { loopbackPort } from '../../lib/testing/loopback-port.js';
import { cleanEnvironment } from './clean-environment.js';

const file = (name: string) => readFileSync(`sample/05-prometheus/${name}`, 'utf8');
const scraped = async (port: number) => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();

// It runs in real time; a busy machine takes its own.
describe('the prometheus sample, on Express', { timeout: 60_000 }, () => {
  const lines: string[] = [];
  let restore: () => void;
  let port: number;
  beforeEach(async () => {
    lines.length = 0;
    restore = cleanEnvironment();
    port = await loopbackPort();
    process.env['OTEL_EXPORTER_PROMETHEUS_PORT'] = String(port);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    restore();
  });
  const run = (options: Parameters<typeof runToTheEnd>[2]) =>
    runToTheEnd(process.env, { line: (text = '') => lines.push(text) }, options);

  it('has Prometheus see what the chains did, and says so', async () => {
    let text = '';
    const stay = async () => {
      text = await scraped(port);
    };
    expect(await run({ stay })).toBe(0);
    const figures = sumBy(read(text), 'locker_steps_total', ['locker_task', 'locker_outcome']);
    expect(Object.fromEntries(figures)).toEqual({
      [step('invoice.render', 'advanced')]: 6,
      [step('invoice.mail', 'completed')]: 5,
      [step('invoice.mail', 'released')]: 1,
      [step('invoice.mail', 'failed')]: 1,
    });
    expect(text).toMatch(/^locker_failures_total\{.*locker_task="invoice\.mail".*\} 1$/m);
    expect(text).toMatch(/^locker_deliveries_refused_total\{.*locker_outcome="stale".*\} 1$/m);
    expect(text).toMatch(/^locker_handler_duration_count\{.*"invoice\.mail".*\} 7$/m);
    expect(lines.join('\n')).toContain('Every figure is what happened.');
    await expect(scraped(port)).rejects.toThrow('fetch failed');
  });

  it('fails when nothing was delivered twice', async () => {
    vi.spyOn(Duplicator.prototype, 'deliverAgain').mockResolvedValue();
    expect(await run({ patienceMs: 4_000 })).toBe(1);
    expect(lines.join('\n')).toContain('No task was delivered when its step was over.');
  });

  it('fails when a figure is not what happened', async () => {
    // oxlint-disable-next-line typescript/unbound-method -- called with its own this
    const { delivery } = Metrics.prototype;
    vi.spyOn(Metrics.prototype, 'delivery').mockImplementation(function (
      this: Metrics,
      facts,
      work,
    ) {
      return facts.step === 2 ? work() : delivery.call(this, facts, work);
    });
    expect(await run({ patienceMs: 4_000 })).toBe(1);
    expect(lines.join('\n')).toContain(
      `${step('invoice.mail', 'completed')} is missing, though there were 5.`,
    );
  });
});

describe('the verdict of the prometheus sample', () => {
  it.each<[string[], boolean[], string[]]>([
    [[], [false, false], ['busy', 'stale']],
    [['1 of 2 invoices are still under way.'], [true, false], ['stale']],
    [['No task was delivered when its step was over.'], [false], ['busy']],
  ])('misses %j', (missing, active, refused) => {
    expect(missingFrom({ invoices: active.map(invoiceOf), refused })).toEqual(missing);
  });
});

describe('what the prometheus sample tells Prometheus', () => {
  it('scrapes where it serves', () => {
    expect(file('prometheus.yml')).toContain(`targets: ['127.0.0.1:${usualPort}']`);
    expect(file('prometheus.yml')).toContain('metrics_path: /metrics\n');
  });

  it.each([
    'sample/05-prometheus/alerts.yml',
    'sample/05-prometheus/alerts.test.yml',
    'docs/telemetry.md',
  ])('names in %s only metrics and labels that are there', async (path) => {
    const samples = read(await everythingMeasured());
    const known = new Set(samples.flatMap(({ name, labels }) => [name, ...Object.keys(labels)]));
    const named = readFileSync(path, 'utf8').match(/\blocker_\w+/g) ?? [];
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });
});

describe('the alerts of the prometheus sample', () => {
  const alerts = namesIn(file('alerts.yml'), /- alert: (\w+)$/gm);

  it('are those that the documentation tells of', () => {
    expect(alerts.size).toBeGreaterThan(3);
    const documented = readFileSync('docs/telemetry.md', 'utf8');
    expect(namesIn(documented, /^\| `(Locker\w+)`/gm)).toEqual(alerts);
  });

  it('are all tried out, by promtool', () => {
    expect(namesIn(file('alerts.test.yml'), /alertname: (\w+)/g)).toEqual(alerts);
  });
});

describe('the figures of the prometheus sample', () => {
  it('are read from the text format, and summed', () => {
    const text = [
      '# HELP a_total What is "counted" {here}.',
      '# TYPE a_total counter',
      'a_total{x="1",y="say \\"}\\""} 2',
      'a_total{x="1",y="2"} 3 1700000000000',
      'a_total{x="2",y=""} 4.5',
      'b 1e3',
    ].join('\n');
    expect(read(text)).toHaveLength(4);
    expect([...sumBy(read(text), 'a_total', ['x'])]).toEqual([
      ['a_total{x="1"}', 5],
      ['a_total{x="2"}', 4.5],
    ]);
    expect([...sumBy(read(text), 'b', ['x'])]).toEqual([['b', 1_000]]);
  });

  it.each<[string[], [string, number][], [string, number][]]>([
    [[], [['a', 1]], [['a', 1]]],
    [['a is 2, though there were 1.'], [['a', 1]], [['a', 2]]],
    [['a is missing, though there were 1.'], [['a', 1]], []],
    [['a is 1, though there were 0.'], [], [['a', 1]]],
  ])('say %j', (problems, counted, seen) => {
    expect(problemsOf(new Map(counted), new Map(seen))).toEqual(problems);
  });
});

function invoiceOf(active: boolean): Invoice {
  return { lock: { active } } as Invoice;
}

/** What a pattern finds, each once. */
function namesIn(text: string, pattern: RegExp): Set<string> {
  return new Set([...text.matchAll(pattern)].map(([, name = '']) => name));
}

function step(task: string, outcome: string): string {
  return selector('locker_steps_total', { locker_task: task, locker_outcome: outcome });
}

/** What the exporter prints when everything has happened that is measured. */
async function everythingMeasured(): Promise<string> {
  const port = await loopbackPort();
  const exporter = new PrometheusExporter({ host: '127.0.0.1', port, preventServerStart: true });
  await exporter.startServer();
  const meterProvider = new MeterProvider({ readers: [exporter] });
  const telemetry = openTelemetry({ meterProvider });
  const where = { kind: 'Invoice', task: 'invoice.mail' };
  const rest = { key: 'Invoice/1', namespace: '', queue: 'default', run: 'r', step: 2 };
  const facts = { ...where, ...rest, queueDelayMs: 5, createdBy: undefined };
  const attempt = { number: 2, isTakeover: true, leaseWaitMs: 3 };
  await telemetry.delivery(facts, () => Promise.resolve({ outcome: 'failed', attempt }));
  await telemetry.delivery(facts, () => Promise.resolve({ outcome: 'stale' }));
  await telemetry.part({ name: 'handler', ...where }, () => Promise.resolve());
  await telemetry
    .part({ name: 'dispatch', ...where }, () => Promise.reject(new Error('no queue')))
    .catch(() => undefined);
  await telemetry.sweep('north', () => Promise.resolve({ seen: 1, latestMs: 1_000 }));
  const text = await scraped(port);
  await meterProvider.shutdown();
  return text;
}
