/** A random key that names one intention, however often it is sent. `crypto.randomUUID` is missing in pages that come by plain HTTP. */
export function createIdempotencyKey(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join('-');
}
