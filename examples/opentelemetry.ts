/**
 * Trace requests with OpenTelemetry: the trace context travels in the first frame of a request, so that the spans of
 * client and server belong to one trace. Uses the real SDK; replace its exporter with the one of your collector.
 *
 * Run: deno run -A examples/opentelemetry.ts (or: bun examples/opentelemetry.ts, npx tsx examples/opentelemetry.ts)
 *
 * Prints:
 *     reply: 3 apples
 *     failed: NOT_FOUND
 *     serve buy SERVER UNSET, child of buy
 *     buy CLIENT UNSET
 *     serve sell SERVER ERROR, child of sell
 *     sell CLIENT ERROR
 *     traces: 2
 */

import { context, propagation, type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { type HandlerReply, type Message, Requester, Router, RpcError, serve, toText } from "@monocoque/zmq";

// The SDK, as a program sets it up when it starts.
const exporter = new InMemorySpanExporter();
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
propagation.setGlobalPropagator(new W3CTraceContextPropagator());
const tracer = trace.getTracer("shop");

/** Runs `body`, and ends the span with its outcome. */
async function within<T>(span: Span, body: () => T | Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    span.recordException(error as Error);
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}

/** Sends a request with the trace context in its first frame, as JSON: { "traceparent": "00-…" }. */
function tracedRequest(client: Requester, name: string, ...body: string[]): Promise<Message> {
  const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes: { "rpc.system": "zeromq" } });
  const carrier: Record<string, string> = {};
  propagation.inject(trace.setSpan(context.active(), span), carrier);
  return within(span, () => client.request([JSON.stringify(carrier), name, ...body]));
}

/** A handler that continues the trace of the request. */
function traced(
  handle: (name: string, body: Uint8Array[]) => HandlerReply,
): (request: Message) => Promise<HandlerReply> {
  return ([carrier, name, ...body]) => {
    const parent = propagation.extract(context.active(), JSON.parse(toText(carrier)));
    const text = toText(name!);
    const span = tracer.startSpan(`serve ${text}`, { kind: SpanKind.SERVER }, parent);
    return within(span, () => context.with(trace.setSpan(parent, span), () => handle(text, body)));
  };
}

const router = new Router();
const endpoint = await router.bind("tcp://127.0.0.1:0");
const serving = serve(
  router,
  traced((name, [what]) => {
    if (name === "buy") return `3 ${toText(what!)}`;
    throw new RpcError("NOT_FOUND", `no method ${name}`);
  }),
  { errorReplies: true },
);

const client = new Requester(endpoint);
const [reply] = await tracedRequest(client, "buy", "apples");
console.log(`reply: ${toText(reply)}`);
await tracedRequest(client, "sell", "pears").catch((error: RpcError) => console.log(`failed: ${error.code}`));
await Promise.all([client.close(), router.close()]);
await serving;

const spans = exporter.getFinishedSpans();
for (const { name, kind, status, parentSpanContext } of spans) {
  const parent = spans.find((span) => span.spanContext().spanId === parentSpanContext?.spanId);
  const outcome = `${name} ${SpanKind[kind]} ${SpanStatusCode[status.code]}`;
  console.log(parent === undefined ? outcome : `${outcome}, child of ${parent.name}`);
}
console.log(`traces: ${new Set(spans.map((span) => span.spanContext().traceId)).size}`);
