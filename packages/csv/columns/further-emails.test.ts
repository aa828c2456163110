import { describe, expect, it } from 'vitest';
import { mayGiveAddress, mayGiveAddressOfRejected } from './further-emails.ts';

const own = Array.from({ length: 8 }, (_, row) => [`person${row}@a.test`]);
const ofRejected = ['E-mail', 'E-mail 2', '_line', '_code', '_reason'];
const mayGiveRejected = (...sample: string[][]) => mayGiveAddressOfRejected(ofRejected, sample)(1);
/** Rows that were rejected for want of an address, with these in the second column. */
const lacking = (...addresses: string[]) =>
  addresses.map((address, row) => ['', address, String(row + 2), 'email_missing phone_invalid', '']);
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
    // Words for work and for a department were taken for a person's, so that the private address was imported in place of the one for work.
    'E-mail comercial',
    '業務用メールアドレス',
    '業務信箱',
    '営業所メールアドレス',
    'Begleiter E-Mail',
    '主管部门邮箱',
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
    '営業担当メール',
    '業務員信箱',
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
  it('of rejected rows gives none where the same address stands in rows that lacked one, or where a few rows cannot tell', () => {
    expect(mayGiveRejected(...lacking('boss@a.test'))).toBe(false);
    expect(mayGiveRejected(...lacking('boss@a.test', 'boss@a.test', 'q@a.test', 'r@a.test'))).toBe(false);
    expect(mayGiveRejected(...lacking('q1@a.test', 'q2@a.test', 'q3@a.test'))).toBe(false);
    const elsewhere = ['x@a.test', 'Q1@a.test', '22', 'phone_invalid', ''];
    const mended = lacking('q1@a.test', 'q2@a.test', 'q3@a.test', 'q4@a.test');
    expect(mayGiveRejected(...mended, elsewhere)).toBe(false);
    const wrong = ['ada@example。org', 'boss@a.test', '22', 'phone_invalid', ''];
    expect(mayGiveRejected(...lacking('boss@a.test'), wrong)).toBe(false);
  });

  // Whoever filled in the missing address there got the row back: its code, from before, was taken for proof of a colleague's address.
  it('of rejected rows gives the addresses that were filled in', () => {
    expect(mayGiveRejected(...lacking('q1@a.test', 'q2@a.test', 'q3@a.test', 'q4@a.test'))).toBe(true);
    const given = ['', 'r@a.test', '30', 'phone_invalid country_unknown', 'Ask ada@a.test'];
    expect(mayGiveRejected(...lacking('q1@a.test'), given)).toBe(true);
    expect(mayGiveRejected(['', 'q1(at)a.test', '22', 'email_invalid', ''], ...lacking(''))).toBe(true);
    expect(mayGiveAddressOfRejected(['E-mail', 'Owner Email', '_code'], [])(1)).toBe(false);
  });

  it('gives none where most cells are no addresses', () => {
    expect(mayGiveAddress(['Mail'], 0, [['yes'], ['no'], ['ada@a.test']])).toBe(false);
  });
});
