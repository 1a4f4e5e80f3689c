/** Addresses as the networks they belong to. */
import { expect, test } from "bun:test";
import { countedNetwork, isInside, networkOf, truncatedAddress } from "./network.ts";

test("an IPv4 address is counted by itself, an IPv6 address by its /64", () => {
  expect(countedNetwork("203.0.113.77")).toBe("203.0.113.77");
  expect(countedNetwork("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2::/64");
  expect(countedNetwork("2001:DB8:1:2::9")).toBe("2001:db8:1:2::/64");
  expect(countedNetwork("fe80::1%eth0")).toBe("fe80:0:0:0::/64");
  expect(countedNetwork("::1")).toBe("0:0:0:0::/64");
});

test("IPv4 written as IPv6 is the same address", () => {
  for (const text of ["::ffff:203.0.113.77", "::FFFF:cb00:714d", "0:0:0:0:0:ffff:cb00:714d"])
    expect(countedNetwork(text)).toBe("203.0.113.77");
});

test("what is written down of an address is its /24 or /48", () => {
  expect(truncatedAddress("203.0.113.77")).toBe("203.0.113.0/24");
  expect(truncatedAddress("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1::/48");
  expect(networkOf("255.255.255.255", { v4: 20, v6: 64 })).toBe("255.255.240.0/20");
  expect(networkOf("ffff:ffff:ffff::", { v4: 32, v6: 36 })).toBe("ffff:ffff:f000::/36");
});

test("what is no address is unknown", () => {
  const texts = [
    "",
    "unknown",
    "1.2.3",
    "1.2.3.256",
    "1:2:3:4:5:6:7",
    "1::2::3",
    "1:2:3:4:5:6:7:8:9",
    "g::1",
    "::1.2.3.999",
  ];
  for (const text of texts) expect(countedNetwork(text)).toBe("unknown");
  expect(networkOf("1:2:3:4:5:6:7:8", { v4: 32, v6: 128 })).toBe("1:2:3:4:5:6:7:8");
  expect(networkOf("1::", { v4: 32, v6: 128 })).toBe("1:0:0:0:0:0:0:0");
});

test("addresses inside are told from those that strangers have", () => {
  const inside = [
    "127.0.0.1",
    "::1",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.1",
    "192.168.1.1",
    "169.254.1.1",
    "100.64.0.1",
  ];
  for (const address of [...inside, "fd12:3456::1", "fe80::1"])
    expect([address, isInside(address)]).toEqual([address, true]);
  const outside = ["203.0.113.7", "172.15.0.1", "172.32.0.1", "192.169.0.1", "100.128.0.1", "2001:db8::1", "fec0::1"];
  for (const address of [...outside, "unknown", ""]) expect([address, isInside(address)]).toEqual([address, false]);
});
