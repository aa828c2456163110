/** The languages that people are answered in. */

/** BCP 47; the first is that of a person who asks for none of them. */
export const spokenLanguages = ['en', 'de', 'uk', 'es', 'zh'] as const;
export type Language = (typeof spokenLanguages)[number];
