import { createHmac, timingSafeEqual } from 'node:crypto';

/** What one request claims to be. Header values are as they came. */
export interface SignedRequest {
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
  readonly body: Buffer;
}

/** Slack's own limit is five minutes into the past; a time that far in the future is refused as well. */
const mostSkewSeconds = 5 * 60;

/**
 * Null when the request comes from Slack and is fresh; otherwise why it is refused, in words for the log. Whether it
 * came before is not looked at here. Throws TypeError for an empty secret: everybody can sign with that.
 * Source: docs.slack.dev, "Verifying requests from Slack".
 */
export function signatureProblem(secret: string, request: SignedRequest, nowMs: number): string | null {
  if (secret === '') throw new TypeError('the signing secret is empty');
  const { timestamp, signature, body } = request;
  if (timestamp === undefined || !/^\d{1,12}$/.test(timestamp)) return 'no timestamp';
  if (signature === undefined || !/^v0=[0-9a-f]{64}$/.test(signature)) return 'no signature of a known kind';
  if (Math.abs(nowMs / 1000 - Number(timestamp)) > mostSkewSeconds)
    return 'timestamp more than 5 minutes off';
  const own = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest();
  const theirs = Buffer.from(signature.slice(3), 'hex');
  return timingSafeEqual(own, theirs) ? null : 'signature does not fit';
}
