/** Calls what several have registered: what one of them throws keeps none of the others from its call. */

/** @param onError gets what each of them throws; must not throw */
export function callEach<Values extends readonly unknown[]>(
  callbacks: Iterable<(...values: Values) => void>,
  values: Values,
  onError: (error: unknown) => void,
): void {
  for (const callback of callbacks) {
    try {
      callback(...values);
    } catch (error) {
      onError(error);
    }
  }
}
