/** Which addresses count as one sender, where requests are bounded by address. */
import { isIPv6 } from 'node:net';

/**
 * The key under which an address is counted: an IPv4 address itself, also where it comes as IPv6 (`::ffff:192.0.2.1`); an
 * IPv6 address by its /64, because whoever has one address of a /64 has them all. Any other text counts as it is.
 */
export function addressKey(address: string | undefined): string {
  const ip = (address ?? 'unknown').replace(/%.*$/, '');
  // An IPv4 address has no colon.
  if (!ip.includes(':') || !isIPv6(ip)) return ip;
  const groups = readGroups(ip);
  const [high = 0, low = 0] = groups.slice(6);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped) return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}

/** The eight groups of an IPv6 address; a URL's host has one spelling for each, without dotted quads. */
function readGroups(ip: string): number[] {
  const { hostname } = new URL(`http://[${ip}]`);
  const [head = [], tail = []] = hostname
    .slice(1, -1)
    .split('::')
    .map((side) => (side === '' ? [] : side.split(':').map((group) => Number.parseInt(group, 16))));
  return [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}
