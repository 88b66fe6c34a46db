/**
 * Parsers of text: Z85, certificates, endpoints; and the text of peers in error messages.
 *
 * @module
 */

import { errorText, peerText, quotedPeerText } from "../../../src/base/peer_text.ts";
import { Endpoint, EndpointError } from "../../../src/schemes/endpoint.ts";
import { formatCertificate, parseCertificate } from "../../../src/security/certificate.ts";
import { decodeZ85, encodeZ85 } from "../../../src/security/z85.ts";
import { SERVER } from "../../security/keys.ts";
import { Choices } from "../choices.ts";
import { withinMemory } from "../memory.ts";
import { attempt, bytes, require, same, type Target } from "../target.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
const KEY = SERVER.publicKey;
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/** Decodes Z85 (RFC 32) by a naive reading; `undefined` if it is malformed. */
function modelZ85(text: string): Uint8Array | undefined {
  if (text.length % 5 !== 0) return undefined;
  const out: number[] = [];
  for (let at = 0; at < text.length; at += 5) {
    let sum = 0;
    for (const character of text.slice(at, at + 5)) {
      const value = ALPHABET.indexOf(character);
      if (value < 0) return undefined;
      sum = sum * 85 + value;
    }
    if (sum >= 2 ** 32) return undefined;
    for (const place of [2 ** 24, 2 ** 16, 2 ** 8, 1]) out.push(Math.floor(sum / place) % 256);
  }
  return Uint8Array.from(out);
}

function runZ85(input: Uint8Array): void {
  const text = decoder.decode(input);
  const expected = modelZ85(text);
  const { value } = withinMemory(input, text.length + 100, () => attempt(() => decodeZ85(text), RangeError));
  require((value === undefined) === (expected === undefined), "the model rejects the same", text, value);
  if (value !== undefined) {
    require(same(value, expected!), "the model decodes the same", value, expected);
    require(encodeZ85(value) === text, "encoded again, the text is the same", text, value);
  }
  const whole = input.subarray(0, input.length & ~3);
  require(same(decodeZ85(encodeZ85(whole)), whole), "decoded again, bytes are the same", whole);
}

function runCertificate(input: Uint8Array): void {
  const text = decoder.decode(input);
  const { value: certificate } = attempt(() => parseCertificate(text), RangeError);
  if (certificate === undefined) return;
  const { publicKey, secretKey, metadata } = certificate;
  require(text.includes(publicKey) && encodeZ85(decodeZ85(publicKey)) === publicKey, "the public key is in the text");
  require(secretKey === undefined || text.includes(secretKey), "the secret key is in the text");
  // A value that ZPL cannot represent is rejected.
  const { value: formatted } = attempt(() => formatCertificate(certificate), RangeError);
  const both = Object.values(metadata).some((value) =>
    value.includes("'") && value.includes('"') || /[\r\n]/.test(value)
  );
  require((formatted === undefined) === both, "a certificate is written unless a value cannot be quoted", metadata);
  if (formatted === undefined) return;
  const again = parseCertificate(formatted);
  const entries = (one: object) => JSON.stringify(Object.entries(one));
  const equal = again.publicKey === publicKey && again.secretKey === secretKey &&
    entries(again.metadata) === entries(metadata);
  require(equal, "what is written reads the same", certificate, again);
  require(formatCertificate(again) === formatted, "what is read again is written the same", formatted);
}

function runEndpoint(input: Uint8Array): void {
  const choices = new Choices(input);
  const use = choices.pick([undefined, "bind", "connect"] as const);
  const text = decoder.decode(choices.rest());
  const parsed = attempt(() => Endpoint.parse(text, use), EndpointError);
  if (parsed.value === undefined) {
    require(!INVISIBLE.test(parsed.rejected), "the error can be shown", parsed.rejected);
    if (use !== undefined) return;
    for (const one of ["bind", "connect"] as const) {
      const other = attempt(() => Endpoint.parse(text, one), EndpointError);
      require(other.value === undefined, "a use allows no more than parsing does", one);
    }
    return;
  }
  const canonical = parsed.value.toString();
  const again = Endpoint.parse(canonical, use);
  require(again.toString() === canonical, "the canonical text stays the same", text, canonical, again.toString());
  require(JSON.stringify(again) === JSON.stringify(parsed.value), "the canonical text means the same", text, canonical);
  require(again.constructor === parsed.value.constructor, "the canonical text has the same scheme", text);
  require(attempt(() => Endpoint.parse(text), EndpointError).value !== undefined, "what a use allows can be parsed");
}

function runPeerText(input: Uint8Array): void {
  const choices = new Choices(input);
  const most = 1 + choices.below(40);
  const raw = choices.rest();
  const text = decoder.decode(raw);
  for (const shown of [peerText(raw, most), peerText(text, most), errorText({ message: text }, most)]) {
    require(!INVISIBLE.test(shown), "every character is visible", shown);
    require(shown.length <= most, "the text has at most this many characters", shown, most);
  }
  const quoted = quotedPeerText(text, most).slice(1, -1);
  require(!/(?<!\\)(?:\\\\)*"/.test(quoted), "no quote ends the quoted text", quoted);
  if (same(new TextEncoder().encode(text), raw)) {
    require(peerText(raw, most) === peerText(text, most), "bytes are shown as their text", raw);
  }
}

const TEXT_TOKENS = [
  "\xef\xbb\xbf",
  "\xe2\x80\xa8",
  "\xc2\xa0",
  "\n",
  "\r\n",
  "\0",
  "\x1b",
  "\xf0\x9f\x98\x80",
  "\xed\xa0\x80",
]
  .map((text) => bytes(text));

/** The targets. */
export const TEXT_TARGETS: readonly Target[] = [
  {
    name: "z85",
    most: 80,
    seeds: [bytes("HelloWorld"), bytes(KEY), bytes("%nSc0"), bytes("####0"), bytes("")],
    tokens: [bytes("%nSc0"), bytes("%nSc1"), bytes("00000"), bytes("\xc3\xa9")],
    run: runZ85,
  },
  {
    name: "certificate",
    most: 400,
    seeds: [
      bytes(`metadata\n    name = "server"\ncurve\n    public-key = "${KEY}"\n    secret-key = "${KEY}"\n`),
      bytes(`# one\r\nmetadata\r\n  a = 'b # c' # d\r\n  e = f"g\r\ncurve\r\n  public-key = ${KEY}\r\n`),
    ],
    tokens: [..."\"'#= \t", "metadata\n", "curve\n", "    a = b\n", `    public-key = "${KEY}"\n`, "__proto__", "  "]
      .map((text) => bytes(text)).concat(TEXT_TOKENS),
    run: runCertificate,
  },
  {
    name: "endpoint",
    most: 160,
    seeds: [
      "tcp://127.0.0.1:5555",
      "tcp://[0:0::1]:5555",
      "tcp://*:*",
      "tcp://127.0.0.1:0;[fe80::1%eth0]:5555",
      "tcp://localhost:80",
      "ipc:///tmp/a.sock",
      "ipc://@name",
      "ipc://*",
      "inproc://name",
      "other+tls://any thing",
    ].map((text) => bytes(0, text)),
    tokens: [
      "tcp://",
      "ipc://",
      "inproc://",
      "://",
      "::",
      ":",
      ";",
      "[",
      "]",
      "*",
      "%",
      "@",
      "0",
      "65536",
      "ffff:",
      "1.2.3.4",
    ]
      .map((text) => bytes(text)).concat(TEXT_TOKENS),
    run: runEndpoint,
  },
  {
    name: "peer-text",
    most: 80,
    seeds: [bytes(20, "plain text"), bytes(39, 'a "quoted" \\ text'), bytes(10, "\xe2\x82\xac\xff\xf0\x9f\x98\x80")],
    tokens: [...TEXT_TOKENS, bytes('"'), bytes("\\"), bytes("\xe2\x80\x8f"), bytes("\xf3\xa0\x81\x81")],
    run: runPeerText,
  },
];
