/**
 * IP addresses as text, the one file with rules about them: validation, canonical form, family, zones. IPv4 addresses are four decimal numbers without leading zeros,
 * which some parsers read as octal. IPv6 addresses (RFC 4291 §2.2) are formatted as RFC 5952 recommends. The URL
 * parsers of the runtimes are not used, because they disagree on what is valid.
 *
 * @module
 */

const GROUP = /^[0-9a-f]{1,4}$/;
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/** A host name of digits and dots would be a mistyped IPv4 address, such as `256.0.0.1`. */
const DOTTED = /^[\d.]+$/;
const IPV4_MAPPED = /^::ffff:(?=\d+\.)/i;
const LINK_LOCAL = /^fe[89ab][\da-f]:/i;

/** Checks if a text is an IPv4 address. */
export function isIpv4(text: string): boolean {
  return IPV4.test(text);
}

/** Checks if a text can only be meant as an IPv4 address, valid or not. */
export function isDotted(text: string): boolean {
  return DOTTED.test(text);
}

/** Returns the version of IP of a host; `undefined` for a name. */
export function familyOf(host: string): 4 | 6 | undefined {
  if (host.includes(":")) return 6;
  return isIpv4(host) ? 4 : undefined;
}

/** Checks if an address is an IPv6 address of one link (fe80::/10), which needs a zone (RFC 4007 §11): the interface. */
export function isLinkLocal(address: string): boolean {
  return LINK_LOCAL.test(address);
}

/** Returns an IPv4-mapped IPv6 address (`::ffff:192.0.2.1`) as an IPv4 address, and other texts as they are. */
export function unmapped(address: string): string {
  return address.replace(IPV4_MAPPED, "");
}

/** Returns a host as a URL has it: an IPv6 address in brackets. */
export function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** Returns the zone of an address with its `%`; empty if there is none. */
export function zoneOf(text: string): string {
  const at = text.indexOf("%");
  return at < 0 ? "" : text.slice(at);
}

/**
 * Returns the canonical text of an IPv4 or IPv6 address without its zone. An IPv4-mapped address (`::ffff:192.0.2.1`)
 * is returned as an IPv4 address.
 */
export function canonicalIp(text: string): string | undefined {
  const address = withoutZone(text);
  const ip = address.includes(":") ? canonicalIpv6(address) : isIpv4(address) ? address : undefined;
  return ip && unmapped(ip);
}

/** Returns an IP address without its zone. */
export function withoutZone(text: string): string {
  return text.slice(0, text.length - zoneOf(text).length);
}

/** Returns the canonical text of an IPv6 address without brackets and zone; `undefined` if the text is not one. */
export function canonicalIpv6(text: string): string | undefined {
  const numbers = numbersOf(text);
  return numbers && format(numbers);
}

/**
 * Returns the /64 network of an IPv6 address, such as `2001:db8::/64`; the text itself if it is not an address, or has
 * a zone.
 */
export function networkOfIpv6(text: string): string {
  const numbers = numbersOf(text);
  return numbers === undefined ? text : `${format([...numbers.slice(0, 4), 0, 0, 0, 0])}/64`;
}

function numbersOf(text: string): number[] | undefined {
  const halves = text.toLowerCase().split("::");
  if (halves.length > 2) return undefined;
  const head = groups(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? groups(halves[1]!, true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  return [...head, ...new Array<number>(missing).fill(0), ...tail];
}

/** Returns the 16-bit groups before or after the `::`. Only the last may be an IPv4 address. */
function groups(text: string, last: boolean): number[] | undefined {
  if (text === "") return [];
  const parts = text.split(":");
  const numbers: number[] = [];
  for (const [i, part] of parts.entries()) {
    if (GROUP.test(part)) {
      numbers.push(parseInt(part, 16));
      continue;
    }
    if (!last || i < parts.length - 1 || !isIpv4(part)) return undefined;
    const [a, b, c, d] = part.split(".").map(Number);
    numbers.push(a! * 256 + b!, c! * 256 + d!);
  }
  return numbers;
}

/**
 * Formats as RFC 5952 §4 and §5: lower case, no leading zeros, the longest run of zeros as `::`, and an IPv4-mapped
 * address in dotted decimal.
 */
function format(numbers: readonly number[]): string {
  if (numbers.slice(0, 5).every((group) => group === 0) && numbers[5] === 0xffff) {
    const [high, low] = [numbers[6]!, numbers[7]!];
    return `::ffff:${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
  }
  let [at, length] = [-1, 1];
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && numbers[end] === 0) end++;
    if (end - i > length) [at, length] = [i, end - i];
  }
  const hex = numbers.map((group) => group.toString(16));
  if (at < 0) return hex.join(":");
  return `${hex.slice(0, at).join(":")}::${hex.slice(at + length).join(":")}`;
}
