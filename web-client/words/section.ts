import type { Signal } from '@preact/signals';

/** Reads each word of a section at the moment that it is asked for, in the translation of that moment. */
export function readSections<Words extends object>(translation: Signal<Words>, pattern: Words) {
  return <Name extends keyof Words>(name: Name): Words[Name] =>
    new Proxy(pattern[name] as object, {
      get: (_pattern, word) => Reflect.get(translation.value[name] as object, word),
    }) as Words[Name];
}
