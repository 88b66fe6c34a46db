/**
 * IP addresses: the canonical text of each valid address, and the rejection of everything else.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { isIPv4, isIPv6 } from "node:net";
import { Authenticator, Endpoint } from "../../mod.ts";
import { canonicalIpv6, isIpv4 } from "../../src/base/ip_address.ts";
import { test } from "../support/harness.ts";

test("ipv6: the canonical text", () => {
  const canonical: [text: string, expected: string][] = [
    ["::", "::"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["2001:DB8::0", "2001:db8::"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["::ffff:c000:0201", "::ffff:192.0.2.1"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
    ["::0:0:0:0:0.0.0.0", "::"],
  ];
  for (const [text, expected] of canonical) assertEquals(canonicalIpv6(text), expected, text);
});

test("ipv6: invalid addresses", () => {
  const none = [
    "",
    ":",
    ":::",
    "1",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1::2::3",
    "1:2:3:4:5:6:7:8::",
    ":1::",
    "1::2:",
  ];
  for (
    const text of [...none, "g::", "12345::", "1.2.3.4", "1.2.3.4::", "::1.2.3", "::1.2.3.256", "::01.2.3.4", "::1 "]
  ) {
    assertEquals(canonicalIpv6(text), undefined, text);
  }
});

test("property: ipv6 agrees with the runtime about valid addresses, and its canonical form is stable", () => {
  const text = fc.oneof(fc.ipV6(), fc.string({ unit: fc.constantFrom(..."0f:::."), maxLength: 20 }));
  fc.assert(fc.property(text, (text) => {
    const canonical = canonicalIpv6(text);
    assertEquals(canonical !== undefined, isIPv6(text), text);
    if (canonical !== undefined) assertEquals(canonicalIpv6(canonical), canonical);
  }));
});

test("ipv4: one rule for endpoints and lists of addresses: four decimal numbers, as inet_pton has them", () => {
  const numbers = fc.oneof(
    fc.integer({ min: 0, max: 300 }).map(String),
    fc.constantFrom("00", "01", "010", "0377", "0x1", "", "-1", "+1", " 1", "1 ", "1e1", "٣"),
  );
  const texts = fc.array(numbers, { minLength: 3, maxLength: 5 }).map((parts) => parts.join("."));
  fc.assert(fc.property(texts, (text) => {
    assertEquals(isIpv4(text), isIPv4(text), text);
    if (!/^[\d.]+$/.test(text)) return;
    const uses = [() => Endpoint.parse(`tcp://${text}:5`), () => new Authenticator().allow(text)];
    for (const use of uses) {
      if (isIpv4(text)) use();
      else assertThrows(use, Error, "IP", text);
    }
  }));
  for (const text of ["127.0.0.01", "127.0.0.00", "010.0.0.1"]) {
    assertThrows(() => Endpoint.parse(`tcp://${text}:5`), TypeError, "is not an IPv4 address");
    assertThrows(() => new Authenticator().allow(text), RangeError, "not an IP address");
  }
});
