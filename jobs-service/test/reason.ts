/** A POST that gives the reason which support is asked for. */
export function withReason(reason = 'a test'): RequestInit {
  return {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ reason }),
  };
}
