import { describe, expect, it } from 'vitest';
import { readEncodedTwice } from './encoded-twice.ts';

describe('text that was saved in the wrong encoding', () => {
  it.each([
    ['JÃ¶rg', 'Jörg'],
    ['MÃ¼ller', 'Müller'],
    ['Ð˜Ð²Ð°Ð½', 'Иван'],
    ['Oâ€™Brien', 'O’Brien'],
    ['РћРєСЃР°РЅР°', 'Оксана'],
    ['JГ¶rg', 'Jörg'],
    ['å¼\u00a0ä¼Ÿ', '张伟'],
  ])('is found: %s', (written, meant) => {
    expect(readEncodedTwice(written)).toEqual({ written, meant });
  });

  it.each([
    ...[
      '',
      'Jorg',
      'Jörg',
      'SÃO PAULO',
      'IRMÃ',
      '“AMANHÃ”',
      'Ã',
      'Ð',
      'Þór',
      'Â',
      'Nº 5',
      '£5 – £6',
      '¿Qué?',
      '½',
      '20 °C',
    ],
    ...[
      'Ні',
      'Лі',
      'Сі',
      'Гі',
      'Ті Ні',
      'Ґалаґан',
      'РС',
      'Її',
      'Њњ',
      'Ђорђе',
      'ЉИЉАНА',
      'Straße',
      '«Ёлка»',
      'Ünal',
      'Œuvre',
    ],
    ...['Jörg – JÃ¶rg', 'Â\u00a0', 'x'.repeat(1_001)],
  ])('is not found in real text: %s', (text) => {
    expect(readEncodedTwice(text)).toBeNull();
  });
});
