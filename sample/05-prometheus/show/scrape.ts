/** What is measured, by what Prometheus selects it with: `locker_steps_total{locker_outcome="advanced"}`. */
export type Figures = ReadonlyMap<string, number>;

/** One line of Prometheus' text format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Asks an endpoint as Prometheus does. */
export async function scrape(url: string): Promise<Sample[]> {
  const response = await fetch(url, { headers: { accept: 'text/plain;version=0.0.4' } });
  if (!response.ok) throw new Error(`GET ${url} answered ${response.status}.`);
  return read(await response.text());
}

/** Reads the text format: https://prometheus.io/docs/instrumenting/exposition_formats/ */
export function read(text: string): Sample[] {
  return [...text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)(?: \d+)?$/gm)].map(
    ([, name = '', labels = '', value]) => ({
      name,
      labels: Object.fromEntries(
        [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '', told = '']) => [
          label,
          told,
        ]),
      ),
      value: Number(value),
    }),
  );
}

/** Sums of a metric `by` some labels, as PromQL has it. */
export function sumBy(samples: readonly Sample[], metric: string, by: readonly string[]): Figures {
  const figures = new Map<string, number>();
  for (const { name, labels, value } of samples.filter((sample) => sample.name === metric)) {
    const kept = by.flatMap((label) => (labels[label] ? [[label, labels[label]] as const] : []));
    add(figures, selector(name, Object.fromEntries(kept)), value);
  }
  return figures;
}

/** `name{label="value", …}` */
export function selector(name: string, labels: Readonly<Record<string, string>>): string {
  const told = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return told.length > 0 ? `${name}{${told.join(', ')}}` : name;
}

/** Counts up a figure. */
export function add(figures: Map<string, number>, what: string, by = 1): void {
  figures.set(what, (figures.get(what) ?? 0) + by);
}
