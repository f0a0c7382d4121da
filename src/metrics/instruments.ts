/** The only importer of prom-client. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

type Labels = readonly string[];

/** Numbers that are kept in this process, or read anew for each scrape. */
export class Instruments {
  private readonly registry = new Registry();

  counter(name: string, help: string, labelNames: Labels = []): Counter {
    return new Counter({ name, help, labelNames: [...labelNames], registers: [this.registry] });
  }

  gauge(name: string, help: string, labelNames: Labels = []): Gauge {
    return new Gauge({ name, help, labelNames: [...labelNames], registers: [this.registry] });
  }

  histogram(name: string, help: string, buckets: readonly number[], labelNames: Labels = []): Histogram {
    const registers = [this.registry];
    return new Histogram({ name, help, buckets: [...buckets], labelNames: [...labelNames], registers });
  }

  /** Memory, processor time and the delay of the event loop of this process. */
  ofProcess(): void {
    collectDefaultMetrics({ register: this.registry, prefix: 'aixops_' });
    // Gauges with names of counters, and the version of Node, which `aixops_build_info` has.
    for (const name of misnamed) this.registry.removeSingleMetric(`aixops_${name}`);
  }

  /** As Prometheus' text format 0.0.4 has it. OpenMetrics is never asked of the registry: it would rename its counters. */
  text(): Promise<string> {
    return this.registry.metrics();
  }
}

const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_resources_total',
  'nodejs_active_requests_total',
  'nodejs_version_info',
];
