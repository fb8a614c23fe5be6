// Pure: addresses that no operator means when naming a host, and that give away what a machine is: link-local ones, behind
// which clouds keep credentials, and the other well-known places of such services.

const METADATA_V4 = new Set(['100.100.100.200', '168.63.129.16']);
const METADATA_V6 = 'fd00:ec2:0:0:0:0:0:254';

function v4Bytes(text: string): number[] | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return null;
  return parts.map(Number);
}

function groupsOf(text: string): number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  for (const part of text.split(':')) {
    const bytes = v4Bytes(part);
    if (bytes) groups.push(((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0), ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0));
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else return null;
  }
  return groups;
}

/** Eight numbers of 16 bits; null when it is no IPv6 address. */
function v6Groups(text: string): number[] | null {
  const halves = text.replace(/%.*$/, '').split('::');
  if (halves.length > 2) return null;
  const [head, tail] = [groupsOf(halves[0] ?? ''), groupsOf(halves[1] ?? '')];
  if (!head || !tail) return null;
  const gap = 8 - head.length - tail.length;
  if (halves.length === 1 ? gap !== 0 : gap < 0) return null;
  return [...head, ...Array<number>(gap).fill(0), ...tail];
}

function isForbiddenV4(bytes: readonly number[]): boolean {
  return (bytes[0] === 169 && bytes[1] === 254) || METADATA_V4.has(bytes.join('.'));
}

/** Of an address in any of its notations, brackets and zone included; false for what is no address. */
export function isForbiddenAddress(text: string): boolean {
  const bare = text.replace(/^\[|\]$/g, '').toLowerCase();
  const bytes = v4Bytes(bare);
  if (bytes) return isForbiddenV4(bytes);
  const groups = v6Groups(bare);
  if (!groups) return false;
  const [first = 0, ...others] = groups;
  if ((first & 0xffc0) === 0xfe80) return true;
  if (groups.map((group) => group.toString(16)).join(':') === METADATA_V6) return true;
  const [high = 0, low = 0] = groups.slice(6);
  const inner = [high >> 8, high & 0xff, low >> 8, low & 0xff];
  // ::a.b.c.d, ::ffff:a.b.c.d, ::ffff:0:a.b.c.d and 64:ff9b::a.b.c.d, each an IPv4 address in other clothes.
  const prefix = groups
    .slice(0, 6)
    .map((group) => group.toString(16))
    .join(':');
  const isMapped = ['0:0:0:0:0:0', '0:0:0:0:0:ffff', '0:0:0:0:ffff:0', '64:ff9b:0:0:0:0'].includes(prefix);
  // 2002:a.b.c.d::, the same once more.
  const [sixHigh = 0, sixLow = 0] = others;
  const isSixToFour = first === 0x2002 && isForbiddenV4([sixHigh >> 8, sixHigh & 0xff, sixLow >> 8, sixLow & 0xff]);
  return isSixToFour || (isMapped && isForbiddenV4(inner));
}
