/**
 * CURVE certificates in the file format of czmq, pyzmq and zeromq.js users: ZPL (RFC 4), with a section `curve` for the
 * keys and a section `metadata` for everything else. Works on text; the program reads and writes the files.
 *
 * @module
 */

import { peerText, quotedPeerText } from "../base/peer_text.ts";
import { readCurveKey } from "./curve_keys.ts";
import { encodeZ85 } from "./z85.ts";
import { onlyOptions } from "../base/checks.ts";

/** A parsed certificate. */
export interface CurveCertificate {
  /** The public key, 40 characters of Z85. */
  readonly publicKey: string;
  /** The secret key, 40 characters of Z85; `undefined` in a public certificate. */
  readonly secretKey?: string | undefined;
  /** Metadata: names and their values. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The input of {@link formatCertificate}: the result of {@link parseCertificate}, or a key pair. */
export interface CertificateSource {
  /** The public key: 40 characters of Z85, or 32 bytes. */
  readonly publicKey: string | Uint8Array;
  /** The secret key: 40 characters of Z85, or 32 bytes. Omit it to write a public certificate. */
  readonly secretKey?: string | Uint8Array | undefined;
  /** Metadata: names and their values. Default: none. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

// Only LF and CRLF end a line: the other characters that a dot does not match, such as U+2028, are part of a value.
const SECTION = /^([\w$\-@.&+/]+)$/;
const PROPERTY = /^([\w$\-@.&+/]+)\s*=\s*(.*)$/s;
const QUOTED = /^(["'])(.*?)\1\s*(?:#.*)?$/s;

/**
 * Parses a certificate.
 *
 * @param text The content of the file.
 * @throws {RangeError} If it has no public key, an invalid key, or lines that are not ZPL.
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
    // The message does not quote the line, because it may contain a secret key.
    if (name === undefined && property === null) {
      throw new RangeError(`Cannot read line ${index + 1} of the certificate`);
    }
    if (name !== undefined) sections.set(name, section = sections.get(name) ?? new Map());
    // A line without indentation is not part of a section.
    else if (/^\s/.test(whole)) section?.set(property![1]!, QUOTED.exec(property![2]!)?.[2] ?? property![2]!);
  }
  return sections;
}

/**
 * Formats a certificate so that czmq and pyzmq can read it. Without a secret key it is a public certificate, to be
 * distributed to peers.
 *
 * @throws {TypeError} If it is not an object with a `publicKey`, or if a key or the metadata has the wrong type.
 * @throws {RangeError} If a key is invalid, or if the metadata has names or values that ZPL cannot represent.
 *
 * @example
 * ```ts
 * import { curveKeyPair, formatCertificate, parseCertificate } from "@monocoque/zmq";
 *
 * const pair = await curveKeyPair();
 * const secret = formatCertificate(pair);
 * const forPeers = formatCertificate({ publicKey: pair.publicKey, metadata: { name: "server" } });
 * if (parseCertificate(secret).secretKey !== pair.secretKey) throw new Error("unexpected");
 * if (parseCertificate(forPeers).secretKey !== undefined) throw new Error("unexpected");
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

/** Gives programs without types a specific message for likely mistakes. */
function requireCertificate(certificate: CertificateSource): CertificateSource {
  if (typeof certificate !== "object" || certificate === null || !("publicKey" in certificate)) {
    const isPromise = typeof (certificate as { then?: unknown } | null | undefined)?.then === "function";
    const promise = isPromise ? " (this is a promise: await it)" : "";
    throw new TypeError(
      `Cannot write a certificate: expected { publicKey, secretKey?, metadata? }, as curveKeyPair() resolves with${promise}`,
    );
  }
  onlyOptions("A certificate", certificate, ["publicKey", "secretKey", "metadata"]);
  const { metadata } = certificate;
  if (metadata !== undefined && (typeof metadata !== "object" || metadata === null || Symbol.iterator in metadata)) {
    throw new TypeError("Cannot write a certificate: metadata must be an object that maps names to values");
  }
  return certificate;
}

/** Returns a key as Z85. */
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
  const quotes = value.includes('"') ? "'" : '"';
  if (value.includes(quotes) || /[\r\n]/.test(value)) {
    throw new RangeError(
      `Cannot write ${
        peerText(name)
      } into a certificate: a value must be a single line and cannot contain both kinds of quotes`,
    );
  }
  return `${quotes}${value}${quotes}`;
}
