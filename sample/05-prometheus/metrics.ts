import { metrics } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';

/** Where Prometheus expects an exporter of OpenTelemetry; `prometheus.yml` says so. */
export const usualPort = 9464;

/** The endpoint that Prometheus scrapes. */
export interface MetricsEndpoint {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Sets the SDK of OpenTelemetry up, before the application starts, and serves what it measures on a port of its own. */
export async function serveMetrics(host: string, port: number): Promise<MetricsEndpoint> {
  const exporter = new PrometheusExporter({ host, port, preventServerStart: true });
  await exporter.startServer();
  const meterProvider = new MeterProvider({ readers: [exporter] });
  metrics.setGlobalMeterProvider(meterProvider);
  return {
    url: `http://${host}:${port}/metrics`,
    stop: async () => {
      metrics.disable();
      await meterProvider.shutdown();
    },
  };
}
