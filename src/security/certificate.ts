/**
 * CURVE certificates as czmq, pyzmq and zeromq.js' users keep them in files: ZPL (RFC 4), with a section `curve` for the keys
 * and a section `metadata` for whatever else. Text in, text out; reading and writing files is the program's.
 *
 * @module
 */

import { readCurveKey } from "./curve_keys.ts";

/** What a certificate says. */
export interface CurveCertificate {
  /** 40 characters of Z85. */
  readonly publicKey: string;
  /** 40 characters of Z85; not there in a certificate that is given to others. */
  readonly secretKey?: string;
  /** Names with their values. */
  readonly metadata: Readonly<Record<string, string>>;
}

const SECTION = /^([\w$\-@.&+/]+)$/;
const PROPERTY = /^([\w$\-@.&+/]+)\s*=\s*(.*)$/;
const QUOTED = /^(["'])(.*?)\1\s*(?:#.*)?$/;

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
 * @throws {RangeError} if a key is not a key, or the metadata has names or values that ZPL cannot say.
 */
export function formatCertificate({ publicKey, secretKey, metadata }: CurveCertificate): string {
  readCurveKey(publicKey, "the public key of the certificate");
  if (secretKey !== undefined) readCurveKey(secretKey, "the secret key of the certificate").fill(0);
  const secret = secretKey === undefined ? [] : [`    secret-key = "${secretKey}"`];
  const comment = secretKey === undefined
    ? "ZeroMQ CURVE public certificate: whoever gets it should make sure that it is from you."
    : "ZeroMQ CURVE **secret** certificate: nobody else may read this file.";
  return [
    `# ${comment}`,
    "",
    "metadata",
    ...Object.entries(metadata).map(([name, value]) => `    ${formatName(name)} = ${quote(value, name)}`),
    "curve",
    `    public-key = "${publicKey}"`,
    ...secret,
    "",
  ].join("\n");
}

function formatName(name: string): string {
  if (!SECTION.test(name)) throw new RangeError(`Cannot write the name ${JSON.stringify(name)} into a certificate`);
  return name;
}

function quote(value: string, name: string): string {
  const mark = value.includes('"') ? "'" : '"';
  if (value.includes(mark) || /[\r\n]/.test(value)) {
    throw new RangeError(`Cannot write ${name} into a certificate: a value is one line, with one kind of quotes in it`);
  }
  return `${mark}${value}${mark}`;
}
