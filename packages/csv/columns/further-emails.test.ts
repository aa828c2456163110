import { describe, expect, it } from 'vitest';
import { mayGiveAddress, mayGiveAddressOfRejected } from './further-emails.ts';

const own = Array.from({ length: 8 }, (_, row) => [`person${row}@a.test`]);
const shared = Array.from({ length: 8 }, (_, row) => [`seller${row % 2}@a.test`]);

describe('a further column of e-mail addresses', () => {
  it.each([
    'E-mail 2',
    'E-Mail Vater',
    'E-Mail Ansprechpartner',
    'E-mail 2 Address',
    'Secondary Email',
    'Courriel personnel',
    'Correo electrónico 2',
    'Ел. пошта 2',
    '电子邮件 2',
    'Courriel du responsable légal',
    'E-Mail gesetzlicher Vertreter',
    '担当者メールアドレス',
  ])('may give the address of a row: %s', (name) => {
    expect(mayGiveAddress([name], 0, own)).toBe(true);
    expect(mayGiveAddress([name], 0, [])).toBe(true);
    expect(mayGiveAddress([name], 0, [['', '\u00a0'], [], ['ada@a.test']])).toBe(true);
  });

  // All rows without an address of their own would become one contact: that of the colleague who looks after them.
  it.each([
    'Contact Owner Email',
    'Manager E-mail',
    'Assistant’s email',
    'Created By Email',
    'E-Mail Betreuer',
    'Notfall-E-Mail',
    'Courriel du responsable',
    'Correo del propietario',
    'Пошта менеджера',
    // Every contact without an address became the head of the department.
    'Пошта керівника',
    'Почта руководителя',
    'E-Mail Vertriebsleiter',
    'Chef E-Mail',
    'Correo del jefe',
    'E-mail kierownika',
    '主管邮箱',
    '상사 이메일',
    '负责人邮箱',
  ])('is somebody else’s by its name: %s', (name) => {
    expect(mayGiveAddress([name], 0, own)).toBe(false);
  });

  it('is somebody else’s where the same few addresses stand in all rows', () => {
    expect(mayGiveAddress(['E-mail 2'], 0, shared)).toBe(false);
    // Brothers and sisters have one address.
    const siblings = [...own, ['person1@a.test'], [' PERSON2@a.test']];
    expect(mayGiveAddress(['E-mail 2'], 0, siblings)).toBe(true);
  });

  // A file of rejected rows was read by its own few rows: those that lacked an address got the one that all colleagues share.
  it('of rejected rows gives none where rows were rejected for want of an address though it has one', () => {
    const header = ['E-mail', 'E-mail 2', '_line', '_code', '_reason'];
    const lacking = [['', 'boss@a.test', '22', 'email_missing phone_invalid', '']];
    const wrong = [
      ['', 'q1(at)a.test', '22', 'email_invalid', ''],
      ['', 'q2(at)a.test', '23', 'email_invalid', ''],
      ['', 'q3@a.test', '24', 'email_invalid', ''],
      ['', '', '25', 'email_missing', ''],
    ];
    expect(mayGiveAddressOfRejected(header, 1, lacking)).toBe(false);
    expect(mayGiveAddressOfRejected(header, 1, wrong)).toBe(true);
    expect(mayGiveAddressOfRejected(['E-mail', 'Owner Email', '_code'], 1, wrong)).toBe(false);
  });

  it('gives none where most cells are no addresses', () => {
    expect(mayGiveAddress(['Mail'], 0, [['yes'], ['no'], ['ada@a.test']])).toBe(false);
  });
});
