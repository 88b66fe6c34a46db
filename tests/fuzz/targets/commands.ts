/**
 * Commands, metadata, subscriptions, PING and ERROR: what the parsers accept is what the encoders write.
 *
 * @module
 */

import { encodeCommandBody, encodeErrorReason, parseCommand, parseErrorReason } from "../../../src/zmtp/command.ts";
import { COMMAND, MAX_HEADER_SIZE, MAX_SHORT } from "../../../src/zmtp/frame.ts";
import { encodeMetadata, MAX_PROPERTIES, parseMetadata } from "../../../src/zmtp/metadata.ts";
import { encodePing, parsePing } from "../../../src/zmtp/ping.ts";
import { ProtocolError } from "../../../src/zmtp/protocol_error.ts";
import { encodeSubscription, subscriptionMessage, subscriptionOf } from "../../../src/zmtp/subscription.ts";
import { Choices } from "../choices.ts";
import { withinMemory } from "../memory.ts";
import { attempt, bytes, require, same, type Target } from "../target.ts";

const property = (name: string, value: string) => bytes(name.length, name, 0, 0, 0, value.length, value);
const READY = bytes(property("Socket-Type", "DEALER"), property("Identity", "me"));

/** Returns the properties of metadata (RFC 37 §2.5) by a naive reading; `undefined` if it is malformed. */
export function modelMetadata(data: Uint8Array, most: number): [string, Uint8Array][] | undefined {
  const properties: [string, Uint8Array][] = [];
  let rest = data;
  while (rest.length > 0) {
    const name = rest.slice(1, 1 + rest[0]!);
    const size = rest.slice(1 + name.length, 5 + name.length);
    if (name.length < rest[0]! || size.length < 4) return undefined;
    const length = size.reduce((sum, byte) => sum * 256 + byte, 0);
    rest = rest.slice(5 + name.length);
    if (rest.length < length) return undefined;
    const key = String.fromCharCode(...name).toLowerCase();
    if (properties.some(([other]) => other === key)) return undefined;
    properties.push([key, rest.slice(0, length)]);
    if (properties.length > most) return undefined;
    rest = rest.slice(length);
  }
  return properties;
}

function runMetadata(input: Uint8Array): void {
  const choices = new Choices(input);
  const most = choices.pick([MAX_PROPERTIES, 1, 2, Infinity]);
  const data = choices.rest();
  const expected = modelMetadata(data, most);
  const parsed = withinMemory(input, 1000, () => attempt(() => parseMetadata(data, most), ProtocolError));
  const found = parsed.value && [...parsed.value];
  require((found === undefined) === (expected === undefined), "the model rejects the same", parsed, expected);
  if (found === undefined) return;
  const equal = found.every(([name, value], i) => name === expected![i]![0] && same(value, expected![i]![1]));
  require(equal && found.length === expected!.length, "the model finds the same properties", found, expected);
  const encoded = encodeMetadata(found);
  require(encoded.length === data.length, "encoded again, metadata has the same length", encoded, data);
  require(same(encodeMetadata(parseMetadata(encoded, most)), encoded), "the encoding is canonical", encoded);
}

function runCommand(input: Uint8Array): void {
  const { value: command } = withinMemory(input, 1000, () => attempt(() => parseCommand(input), ProtocolError));
  require((command === undefined) === (input.length < 1 + (input[0] ?? 0)), "only a name that is cut off is rejected");
  if (command === undefined) return;
  const { name, data } = command;
  require(same(encodeCommandBody(name, data), input), "encoded again, a command is the same", name, data);
  const { value: reason } = attempt(() => parseErrorReason(data), ProtocolError);
  require((reason === undefined) === (data.length < 1 + (data[0] ?? 0)), "only a reason that is cut off is rejected");
  if (reason !== undefined) {
    const encoded = encodeErrorReason(reason);
    require(encoded.length === 1 + encoded[0]!, "the length of a reason is that of its bytes", encoded);
    const again = parseErrorReason(encoded);
    require(reason.startsWith(again), "a reason stays the same, or is cut between two characters", reason, again);
    require(reason === again || encoded.length > 252, "a reason is cut only if it is too long", reason, again);
  }
  const { value: ping } = attempt(() => parsePing(data), ProtocolError);
  require((ping === undefined) === data.length < 2, "only a PING without a time to live is rejected");
  if (ping !== undefined) {
    require(ping.context.length <= 16 && ping.ttl <= 6_553_500, "a PING is within its limits", ping);
    const { data: again } = parseCommand(encodePing(ping.ttl, ping.context).subarray(2));
    require(same(again, data.subarray(0, 18)), "encoded again, a PING is the same up to its longest context", again);
  }
}

function runSubscription(input: Uint8Array): void {
  const choices = new Choices(input);
  const minor = choices.below(2);
  const message = [choices.rest()];
  const subscription = subscriptionOf(message);
  require((subscription === undefined) === !(message[0]![0]! <= 1), "a subscription begins with 0 or 1", message);
  require(subscriptionOf([...message, new Uint8Array(0)]) === undefined, "a subscription has one frame");
  if (subscription === undefined) return;
  const { type, topic } = subscription;
  require(same(subscriptionMessage(type, topic)[0], message[0]!), "encoded again, a subscription is the same");
  const frame = encodeSubscription(type === "cancel", topic, minor);
  const body = frame.subarray(frame.length > MAX_SHORT + 2 ? MAX_HEADER_SIZE : 2);
  require((frame[0]! & COMMAND) === (minor === 1 ? COMMAND : 0), "a subscription is a command from 3.1 on", frame);
  if (minor === 0) return require(same(body, message[0]!), "a subscription of 3.0 is its message", frame);
  const command = parseCommand(body);
  require(command.name.toLowerCase() === type && same(command.data, topic), "a command has the topic", command);
}

/** The targets. */
export const COMMAND_TARGETS: readonly Target[] = [
  {
    name: "metadata",
    seeds: [bytes(0, READY), bytes(1, property("a", "")), bytes(0, property("A", "b"), property("a", "c"))],
    tokens: [property("Identity", "me"), property("", ""), property("X-a", "1"), bytes("\0\0\0")],
    run: runMetadata,
  },
  {
    name: "command",
    most: 300,
    seeds: [
      bytes(5, "READY", READY),
      bytes(5, "ERROR", 3, "400"),
      bytes(4, "PING", 0, 10, "context"),
      bytes(5, "ERROR", 255, "\xe2\x82\xac".repeat(85)),
    ],
    tokens: ["READY", "ERROR", "PING", "PONG", "SUBSCRIBE", "\xef\xbb\xbf", "\xf0\x9f\x98\x80"].map((text) =>
      bytes(text)
    ),
    run: runCommand,
  },
  {
    name: "subscription",
    most: 300,
    seeds: [bytes(1, 1, "news."), bytes(0, 0, "news."), bytes(1, 1, "x".repeat(254)), bytes(0, 1)],
    run: runSubscription,
  },
];
