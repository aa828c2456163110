/** Tells which further columns of e-mail addresses may give a row its address, where the first one is blank. */
import type { RowCode } from '@tidings/contracts/codes.ts';
import { codesIn, isExportColumn } from '../writing/rejected-export.ts';
import { isAddress, SAMPLE_ROWS } from './cell-looks.ts';

/**
 * Names of columns with the address of somebody who has to do with many contacts, or with an emergency. A parent's or a
 * guardian's is not among them: it is how a child is reached.
 */
const OF_OTHERS =
  /owner|manager|supervis|assist|agent\b|advis|referr|recruit|sales|account exec|(?<!legal )represent|creat|modif|updat|sender|sent by|assign|emergency|\bboss\b|next of kin|spouse|\bpartner|inhaber|besitzer|betreuer|bearbeit|verantwort|vorgesetzt|\bchef\b|(?<!beg)leiter|vertriebs|(?<!gesetzl\S* )vertret|erstell|geändert|berater|absender|notfall|ehe(?:mann|frau|partner)|propriétaire|supérieur|responsable(?! l[ée]gal)|gestionnaire|commercial|conseiller|créé|expéditeur|urgence|conjoint|propietario|\bjefe\b|gerente|asistente|vendedor|asesor|creado|remitente|emergencia|cónyuge|proprietario|responsabile|mittente|właściciel|kierownik|przełożon|szef\b|nadřízen|nadriaden|vedoucí|yönetici|müdür|leidinggevende|eigenaar|verkoper|opiekun(?! prawn)|mened[żz]er|asystent|utworz|zmodyf|nadawca|handlow|власник|керівник|начальник|директор|куратор|продав|руководит|владел|менеджер|відповідальн|ответствен|асистент|ассистент|помічник|помощник|агент|створ|созда|змінен|измен|відправник|отправител|负责人|所有者|经理|主管(?!部[门門]|[单單]位)|领导|老板|上级|销售|紧急|經理|業務(?:[員员]|担当)|助理|创建|修改|上司|営業(?:担当|員|マン)|緊急|作成|관리자|상사|매니저|비상/iu;

/** Characters of a name that are looked at. */
const MAX_SEARCHED = 200;

/** The share of filled cells that hold an address, and that hold one of their own, at least. */
const ADDRESSES = 0.5;
const DISTINCT = 0.5;
/** Addresses that must be there before it counts how many differ. */
const ENOUGH = 4;

/** Whether the name of a column of e-mail addresses says that they are those of somebody else than the contact. */
export function isOfOthers(name: string): boolean {
  return OF_OTHERS.test(name.slice(0, MAX_SEARCHED).normalize('NFKC'));
}

/**
 * @param index of a column that could hold the contact's address, had not another one been better
 * @param sample the cells of the first rows, of which `SAMPLE_ROWS` count
 * @returns false where it is somebody else's: by its name, or because the same few addresses stand in all rows
 */
export function mayGiveAddress(
  header: readonly string[],
  index: number,
  sample: readonly (readonly string[])[],
): boolean {
  if (isOfOthers(header[index] ?? '')) return false;
  const filled = sample
    .slice(0, SAMPLE_ROWS)
    .map((row) => (row[index] ?? '').trim().toLowerCase())
    .filter((cell) => cell !== '');
  const addresses = filled.filter(isAddress);
  if (addresses.length < filled.length * ADDRESSES) return false;
  return addresses.length < ENOUGH || new Set(addresses).size >= addresses.length * DISTINCT;
}

/** What a row is rejected for though it has an address. */
const HAD_ADDRESS: ReadonlySet<string> = new Set<RowCode>([
  'phone_invalid',
  'phone_country_unknown',
  'country_unknown',
  'control_character',
  'contact_too_large',
]);
/** Of the addresses that stand in rows without one, the share that may stand in the column more than once. */
const REPEATED = 0.2;

/**
 * As `mayGiveAddress`, of a file of rejected rows, whose codes are from before somebody has mended them. An address in a row that was rejected for
 * want of one is somebody else's, or was filled in. It counts as filled in where the column has given another row its address, or where there are
 * several and hardly one repeats. Else nobody can tell, and the row is given back: that harms less than a contact under somebody else's address.
 *
 * @param sample the cells of the first rows, of which `SAMPLE_ROWS` count
 * @returns tells it of a column, by its index
 */
export function mayGiveAddressOfRejected(
  header: readonly string[],
  sample: readonly (readonly string[])[],
): (index: number) => boolean {
  const own = [...header.keys()].filter((index) => !isExportColumn(header[index] ?? ''));
  const rows = sample.slice(0, SAMPLE_ROWS).map((cells) => {
    const codes = codesIn(header, cells);
    const places = own.filter((index) => cells[index]?.normalize('NFKC').includes('@'));
    return {
      cells,
      lacked: codes.includes('email_missing'),
      givenBy: places.length === 1 && codes.every((code) => HAD_ADDRESS.has(code)) ? places[0] : undefined,
    };
  });
  return (index) => {
    if (isOfOthers(header[index] ?? '')) return false;
    if (rows.some(({ givenBy }) => givenBy === index)) return true;
    const count = new Map<string, number>();
    const lacked: string[] = [];
    for (const row of rows) {
      const address = (row.cells[index] ?? '').trim().toLowerCase();
      if (!isAddress(address)) continue;
      count.set(address, (count.get(address) ?? 0) + 1);
      if (row.lacked) lacked.push(address);
    }
    const repeated = lacked.filter((address) => (count.get(address) ?? 0) > 1).length;
    return lacked.length === 0 || (lacked.length >= ENOUGH && repeated <= lacked.length * REPEATED);
  };
}
