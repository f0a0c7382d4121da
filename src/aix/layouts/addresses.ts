/** Is this a complete IPv4 address in dotted form? A cut-off one is not. */
export function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
}

/** Is this a complete IPv6 address, without zone and prefix length? The dotted ending is allowed. */
export function isIpv6(text: string): boolean {
  const dotted = /^(?<head>.*:)(?<tail>[\d.]+)$/.exec(text)?.groups;
  if (dotted?.tail?.includes('.') === true) {
    return isIpv4(dotted.tail) && isIpv6(`${dotted.head ?? ''}0:0`);
  }
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false;
  return halves.length === 2 ? groups.length < 8 : groups.length === 8;
}

/**
 * Is this a host name or an address as RSCT prints it? Digits and dots alone must be a whole IPv4 address,
 * and colons a whole IPv6 address (with an optional zone), so that a cut-off address is not taken for a name.
 */
export function isHost(text: string): boolean {
  if (/^\d[\d.]*$/.test(text)) return isIpv4(text);
  if (text.includes(':')) return isIpv6(text.replace(/%\w+$/, ''));
  return /^[A-Za-z0-9](?:[\w.-]*\w)?$/.test(text) && !/^(?:\d{1,3}\.){3}\d/.test(text);
}
