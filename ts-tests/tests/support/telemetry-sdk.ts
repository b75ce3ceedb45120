// The SDK of OpenTelemetry with exporters in memory, registered as a program does.
import { context, type Attributes, type HrTime, SpanKind, trace, metrics } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { type UndiciInstrumentationConfig, UndiciInstrumentation } from "@opentelemetry/instrumentation-undici";
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";

/** A registered SDK. */
export interface Sdk {
  /** Takes the spans that have ended since the last call. */
  takeSpans(): ReadableSpan[];
  /** Collects the metrics, by name: each with its attributes and its value (of a histogram, the count). */
  collectMetrics(): Promise<Record<string, { attributes: Attributes; value: number }[]>>;
}

/** Registers the SDK for this process. */
export function registerSdk(): Sdk {
  const spans = new InMemorySpanExporter();
  const exporter = new InMemoryMetricExporter(AggregationTemporality.DELTA);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  keepContext();
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  return {
    takeSpans() {
      const taken = [...spans.getFinishedSpans()];
      spans.reset();
      return taken;
    },
    async collectMetrics() {
      exporter.reset();
      await reader.forceFlush();
      const collected = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics).flatMap((scope) => scope.metrics);
      return Object.fromEntries(
        collected.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.map(({ attributes, value }) => ({ attributes, value: typeof value === "number" ? value : value.count }))]),
      );
    },
  };
}

/** Registers what carries a context through asynchronous code. */
export function keepContext(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
}

/** Instruments Node's own fetch. */
export function instrumentFetch(config: UndiciInstrumentationConfig = {}): UndiciInstrumentation {
  const instrumentation = new UndiciInstrumentation(config);
  instrumentation.setTracerProvider(trace.getTracerProvider());
  instrumentation.enable();
  return instrumentation;
}

/** Writes spans as a tree, one line each, with two blanks for each level. */
export function drawTrace(spans: readonly ReadableSpan[]): string[] {
  const draw = (span: ReadableSpan, depth: number): string[] => {
    const children = spans.filter(({ parentSpanContext }) => parentSpanContext?.spanId === span.spanContext().spanId).sort((a, b) => toMs(a.startTime) - toMs(b.startTime));
    const line = `${"  ".repeat(depth)}${SpanKind[span.kind]} ${span.name} (${span.instrumentationScope.name.split("/").at(-1)})`;
    return [line, ...children.flatMap((child) => draw(child, depth + 1))];
  };
  const roots = spans.filter(({ parentSpanContext }) => !spans.some((other) => other.spanContext().spanId === parentSpanContext?.spanId));
  return roots.flatMap((root) => draw(root, 0));
}

function toMs([seconds, nanoseconds]: HrTime): number {
  return seconds * 1000 + nanoseconds / 1e6;
}

/** Everything of a span that leaves the program. */
export function listExported({ name, attributes, status, events, links, resource }: ReadableSpan): object {
  return { name, attributes, status, events, links, resource: resource.attributes };
}
