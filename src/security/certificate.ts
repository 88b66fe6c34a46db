/**
 * CURVE certificates as czmq, pyzmq and zeromq.js' users keep them in files: ZPL (RFC 4), with a section `curve` for the keys
 * and a section `metadata` for whatever else. Text in, text out; reading and writing files is the program's.
 *
 * @module
 */

import { peerText, quotedPeerText } from "../base/peer_text.ts";
import { readCurveKey } from "./curve_keys.ts";
import { encodeZ85 } from "./z85.ts";

/** What a certificate says. */
export interface CurveCertificate {
  /** 40 characters of Z85. */
  readonly publicKey: string;
  /** 40 characters of Z85; not there in a certificate that is given to others. */
  readonly secretKey?: string;
  /** Names with their values. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What {@link formatCertificate} writes: what {@link parseCertificate} returns, or a pair of keys as it is. */
export interface CertificateSource {
  /** 40 characters of Z85, or 32 bytes. */
  readonly publicKey: string | Uint8Array;
  /** 40 characters of Z85, or 32 bytes. Leave it out of a certificate that is given to others. */
  readonly secretKey?: string | Uint8Array | undefined;
  /** Names with their values. Default: none. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

// A line ends with LF or CRLF only: the other characters that a dot leaves out, such as U+2028, are part of a value.
const SECTION = /^([\w$\-@.&+/]+)$/;
const PROPERTY = /^([\w$\-@.&+/]+)\s*=\s*(.*)$/s;
const QUOTED = /^(["'])(.*?)\1\s*(?:#.*)?$/s;

/**
 * Reads a certificate.
 *
 * @param text What is in the file.
 * @throws {RangeError} if it has no public key, keys that cannot be, or lines that are not ZPL.
 *
 * @example
 * ```ts
 * import { parseCertificate } from "@monocoque/zmq";
 *
 * const { publicKey, metadata } = parseCertificate(`
 * metadata
 *     name = "server"
 * curve
 *     public-key = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
 * `);
 * if (publicKey.length !== 40 || metadata["name"] !== "server") throw new Error("unexpected");
 * ```
 */
export function parseCertificate(text: string): CurveCertificate {
  const sections = readSections(text);
  const curve = sections.get("curve");
  const publicKey = curve?.get("public-key");
  const secretKey = curve?.get("secret-key");
  if (publicKey === undefined) throw new RangeError("Cannot read a certificate without a public key");
  readCurveKey(publicKey, "the public key of the certificate");
  if (secretKey !== undefined) readCurveKey(secretKey, "the secret key of the certificate").fill(0);
  const metadata = Object.fromEntries(sections.get("metadata") ?? []);
  return { publicKey, ...secretKey !== undefined && { secretKey }, metadata };
}

function readSections(text: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let section: Map<string, string> | undefined;
  for (const [index, whole] of text.split(/\r?\n/).entries()) {
    const line = whole.trim();
    if (line === "" || line.startsWith("#")) continue;
    const name = SECTION.exec(line)?.[1];
    const property = PROPERTY.exec(line);
    // The line is not told: it may be a secret key.
    if (name === undefined && property === null) {
      throw new RangeError(`Cannot read line ${index + 1} of the certificate`);
    }
    if (name !== undefined) sections.set(name, section = sections.get(name) ?? new Map());
    // What is not indented belongs to no section.
    else if (/^\s/.test(whole)) section?.set(property![1]!, QUOTED.exec(property![2]!)?.[2] ?? property![2]!);
  }
  return sections;
}

/**
 * Writes a certificate, in the form that czmq and pyzmq read. One without a secret key can be given to others.
 *
 * @throws {TypeError} if it is not an object with a `publicKey`, or a key or the metadata has another type.
 * @throws {RangeError} if a key is not a key, or the metadata has names or values that ZPL cannot say.
 *
 * @example
 * ```ts
 * import { curveKeyPair, formatCertificate, parseCertificate } from "@monocoque/zmq";
 *
 * const pair = await curveKeyPair();
 * const secret = formatCertificate(pair);
 * const forOthers = formatCertificate({ publicKey: pair.publicKey, metadata: { name: "server" } });
 * if (parseCertificate(secret).secretKey !== pair.secretKey) throw new Error("unexpected");
 * if (parseCertificate(forOthers).secretKey !== undefined) throw new Error("unexpected");
 * ```
 */
export function formatCertificate(certificate: CertificateSource): string {
  const { publicKey, secretKey, metadata = {} } = requireCertificate(certificate);
  const known = keyText(publicKey, "the public key of the certificate");
  const secret = secretKey === undefined
    ? []
    : [`    secret-key = "${keyText(secretKey, "the secret key of the certificate")}"`];
  const comment = secretKey === undefined
    ? "ZeroMQ CURVE public certificate: recipients should verify that it comes from you."
    : "ZeroMQ CURVE **secret** certificate: keep this file private.";
  return [
    `# ${comment}`,
    "",
    "metadata",
    ...Object.entries(metadata).map(([name, value]) => `    ${formatName(name)} = ${quote(value, name)}`),
    "curve",
    `    public-key = "${known}"`,
    ...secret,
    "",
  ].join("\n");
}

/** For programs without types: what they are likely to hand in is told apart from a bad key. */
function requireCertificate(certificate: CertificateSource): CertificateSource {
  if (typeof certificate !== "object" || certificate === null || !("publicKey" in certificate)) {
    const isPromise = typeof (certificate as { then?: unknown } | null | undefined)?.then === "function";
    const promise = isPromise ? " (this is a promise: await it)" : "";
    throw new TypeError(
      `Cannot write a certificate: expected { publicKey, secretKey?, metadata? }, as curveKeyPair() resolves with${promise}`,
    );
  }
  const { metadata } = certificate;
  if (metadata !== undefined && (typeof metadata !== "object" || metadata === null || Symbol.iterator in metadata)) {
    throw new TypeError("Cannot write a certificate: metadata must be an object of names with their values");
  }
  return certificate;
}

/** A key as Z85, in whichever form it came. */
function keyText(key: string | Uint8Array, what: string): string {
  const bytes = readCurveKey(key, what);
  const text = encodeZ85(bytes);
  bytes.fill(0);
  return text;
}

function formatName(name: string): string {
  if (!SECTION.test(name)) throw new RangeError(`Cannot write the name ${quotedPeerText(name)} into a certificate`);
  return name;
}

function quote(value: string, name: string): string {
  if (typeof value !== "string") {
    throw new TypeError(`Cannot write ${peerText(name)} into a certificate: expected a string, not ${typeof value}`);
  }
  const mark = value.includes('"') ? "'" : '"';
  if (value.includes(mark) || /[\r\n]/.test(value)) {
    throw new RangeError(
      `Cannot write ${peerText(name)} into a certificate: a value is one line, with one kind of quotes in it`,
    );
  }
  return `${mark}${value}${mark}`;
}
