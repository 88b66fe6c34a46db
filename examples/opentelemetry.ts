/**
 * Trace requests with OpenTelemetry: the trace context travels in the first frame of a request, so that the spans of
 * client and server belong to one trace. Uses the real SDK; replace its exporter with the one of your collector.
 *
 * Run: deno run -A examples/opentelemetry.ts (or: bun examples/opentelemetry.ts, npx tsx examples/opentelemetry.ts)
 *
 * Prints:
 *     reply: 3 apples
 *     failed: NOT_FOUND
 *     without a context: 3 plums
 *     stock SERVER UNSET, child of ask stock
 *     ask stock CLIENT UNSET, child of buy
 *     buy SERVER UNSET, child of ask buy
 *     ask buy CLIENT UNSET
 *     sell SERVER ERROR, child of ask sell
 *     ask sell CLIENT ERROR
 *     traces: 2
 */

import { AsyncLocalStorage } from "node:async_hooks";
import {
  type Context,
  context,
  type ContextManager,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { type HandlerReply, type Message, Requester, Router, RpcError, serve, toText } from "@monocoque/zmq";

/**
 * Keeps the active context across `await`, so that a request made by a handler is a child of the span of the handler.
 * Programs usually take `AsyncLocalStorageContextManager` of `@opentelemetry/context-async-hooks`, which does the same.
 */
class AsyncContexts implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>();

  active(): Context {
    return this.#storage.getStore() ?? ROOT_CONTEXT;
  }

  with<A extends unknown[], F extends (...given: A) => ReturnType<F>>(
    active: Context,
    call: F,
    self?: ThisParameterType<F>,
    ...given: A
  ): ReturnType<F> {
    return this.#storage.run(active, () => call.apply(self, given));
  }

  bind<T>(active: Context, target: T): T {
    if (typeof target !== "function") return target;
    return ((...given: unknown[]) => this.#storage.run(active, () => target(...given))) as T;
  }

  enable(): this {
    return this;
  }

  disable(): this {
    return this;
  }
}

// The SDK, as a program sets it up when it starts.
context.setGlobalContextManager(new AsyncContexts());
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
  const span = tracer.startSpan(`ask ${name}`, { kind: SpanKind.CLIENT, attributes: { "rpc.system": "zeromq" } });
  const carrier: Record<string, string> = {};
  propagation.inject(trace.setSpan(context.active(), span), carrier);
  return within(span, () => client.request([JSON.stringify(carrier), name, ...body]));
}

/** Reads the trace context of a request. Any peer can send any frame, so one that is malformed begins a new trace. */
function parentOf(carrier: Uint8Array): Context {
  try {
    return propagation.extract(context.active(), Object(JSON.parse(toText(carrier))));
  } catch {
    return context.active();
  }
}

/** A handler that continues the trace of the request. */
function traced(
  handle: (name: string, body: Uint8Array[]) => HandlerReply | Promise<HandlerReply>,
): (request: Message) => Promise<HandlerReply> {
  return ([carrier, name = new Uint8Array(), ...body]) => {
    const parent = parentOf(carrier);
    const text = toText(name);
    const span = tracer.startSpan(text, { kind: SpanKind.SERVER }, parent);
    return within(span, () => context.with(trace.setSpan(parent, span), () => handle(text, body)));
  };
}

// Two servers: the shop asks the store, so a trace has two hops.
const store = new Router();
const storeEndpoint = await store.bind("tcp://127.0.0.1:0");
const storing = serve(store, traced((_name, [what]) => `3 ${toText(what!)}`));

const shop = new Router();
const endpoint = await shop.bind("tcp://127.0.0.1:0");
const shopClient = new Requester(storeEndpoint);
const selling = serve(
  shop,
  traced(async (name, [what]) => {
    if (name === "buy") return await tracedRequest(shopClient, "stock", toText(what!));
    throw new RpcError("NOT_FOUND", `no method ${name}`);
  }),
  { errorReplies: true },
);

const client = new Requester(endpoint);
const [reply] = await tracedRequest(client, "buy", "apples");
console.log(`reply: ${toText(reply)}`);
await tracedRequest(client, "sell", "pears").catch((error: RpcError) => console.log(`failed: ${error.code}`));
const spans = [...exporter.getFinishedSpans()];
const [plain] = await client.request(["not a context", "buy", "plums"]);
console.log(`without a context: ${toText(plain)}`);
await Promise.all([client.close(), shop.close(), shopClient.close(), store.close()]);
await Promise.all([selling, storing]);

for (const { name, kind, status, parentSpanContext } of spans) {
  const parent = spans.find((span) => span.spanContext().spanId === parentSpanContext?.spanId);
  const outcome = `${name} ${SpanKind[kind]} ${SpanStatusCode[status.code]}`;
  console.log(parent === undefined ? outcome : `${outcome}, child of ${parent.name}`);
}
console.log(`traces: ${new Set(spans.map((span) => span.spanContext().traceId)).size}`);
