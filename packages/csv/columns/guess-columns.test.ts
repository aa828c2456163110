import type { NamedTarget } from '@tidings/contracts/contacts/column-targets.ts';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { throwFault } from '../errors.ts';
import { guessColumns } from './guess-columns.ts';
import { requireEmailColumn } from './require-email.ts';

type Fields = Partial<Record<NamedTarget, string>>;

/** The name of the column that each target has. */
function fieldsOf(header: string, ...rows: string[]): Fields {
  const names = header.split(',');
  const found = guessColumns(
    names,
    rows.map((row) => row.split(',')),
  ).flatMap((guess, index) =>
    guess === null || guess.isTaken ? [] : [[guess.target, names[index]] as const],
  );
  expect(new Set(found.map(([field]) => field)).size).toBe(found.length);
  return Object.fromEntries(found);
}

const layouts: [string, string, Fields][] = [
  [
    'Google, old',
    'Name,Given Name,Additional Name,Family Name,Yomi Name,Notes,Group Membership,E-mail 1 - Type,E-mail 1 - Value,E-mail 2 - Type,E-mail 2 - Value,Phone 1 - Type,Phone 1 - Value,Phone 2 - Value,Address 1 - Country,Organization 1 - Type,Organization 1 - Name',
    {
      firstName: 'Given Name',
      lastName: 'Family Name',
      email: 'E-mail 1 - Value',
      phone: 'Phone 1 - Value',
      company: 'Organization 1 - Name',
      country: 'Address 1 - Country',
    },
  ],
  [
    'Google, new',
    'First Name,Middle Name,Last Name,Organization Name,Organization Title,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Address 1 - Country',
    {
      firstName: 'First Name',
      lastName: 'Last Name',
      email: 'E-mail 1 - Value',
      phone: 'Phone 1 - Value',
      company: 'Organization Name',
      country: 'Address 1 - Country',
    },
  ],
  [
    'Outlook, English',
    'First Name,Middle Name,Last Name,Title,E-mail Address,E-mail 2 Address,Home Phone,Business Phone,Mobile Phone,Company Main Phone,Company,Account,Business Country/Region,Home Country/Region,Notes',
    {
      firstName: 'First Name',
      lastName: 'Last Name',
      email: 'E-mail Address',
      phone: 'Mobile Phone',
      company: 'Company',
      country: 'Business Country/Region',
    },
  ],
  [
    'Outlook, German',
    'Anrede,Vorname,Weitere Vornamen,Nachname,Firma,Land/Region geschäftlich,Telefon geschäftlich,Telefon privat,Mobiltelefon,E-Mail-Adresse,E-Mail-Typ,E-Mail: Angezeigter Name,E-Mail 2: Adresse',
    {
      firstName: 'Vorname',
      lastName: 'Nachname',
      company: 'Firma',
      country: 'Land/Region geschäftlich',
      phone: 'Mobiltelefon',
      email: 'E-Mail-Adresse',
    },
  ],
  [
    'Outlook, French',
    'Prénom,Nom,Société,Pays/Région (bureau),Téléphone (bureau),Tél. mobile,Adresse de messagerie',
    {
      firstName: 'Prénom',
      lastName: 'Nom',
      company: 'Société',
      country: 'Pays/Région (bureau)',
      phone: 'Tél. mobile',
      email: 'Adresse de messagerie',
    },
  ],
  [
    'Outlook, Ukrainian',
    "Звернення,Ім'я,По батькові,Прізвище,Організація,Країна або регіон (роб. адреса),Робочий телефон,Домашній телефон,Телефон мобільний,Адреса ел. пошти,Адреса 2 ел. пошти",
    {
      firstName: "Ім'я",
      lastName: 'Прізвище',
      company: 'Організація',
      country: 'Країна або регіон (роб. адреса)',
      phone: 'Телефон мобільний',
      email: 'Адреса ел. пошти',
    },
  ],
  [
    'Outlook, Spanish',
    'Nombre,Apellidos,Organización,Móvil,Teléfono del trabajo,Dirección de correo electrónico,País o región del trabajo',
    {
      firstName: 'Nombre',
      lastName: 'Apellidos',
      company: 'Organización',
      phone: 'Móvil',
      email: 'Dirección de correo electrónico',
      country: 'País o región del trabajo',
    },
  ],
  [
    'Outlook, Chinese',
    '姓,名,单位,部门,职务,商务地址 国家/地区,商务电话,住宅电话,移动电话,电子邮件地址,附注',
    {
      lastName: '姓',
      firstName: '名',
      company: '单位',
      country: '商务地址 国家/地区',
      phone: '移动电话',
      email: '电子邮件地址',
    },
  ],
  [
    'LinkedIn',
    'First Name,Last Name,URL,Email Address,Company,Position,Connected On',
    { firstName: 'First Name', lastName: 'Last Name', email: 'Email Address', company: 'Company' },
  ],
  [
    'Mailchimp',
    'Email Address,First Name,Last Name,Address,Phone Number,MEMBER_RATING,OPTIN_TIME,TIMEZONE,CC,REGION,LEID,TAGS',
    {
      email: 'Email Address',
      firstName: 'First Name',
      lastName: 'Last Name',
      phone: 'Phone Number',
      country: 'CC',
    },
  ],
  [
    'HubSpot',
    'Record ID,First Name,Last Name,Email,Phone Number,Mobile Phone Number,Contact owner,Associated Company,Company Name,Country/Region',
    {
      firstName: 'First Name',
      lastName: 'Last Name',
      email: 'Email',
      phone: 'Phone Number',
      company: 'Company Name',
      country: 'Country/Region',
    },
  ],
  [
    'Salesforce',
    'Salutation,First Name,Last Name,Title,Account Name,Mailing Country,Phone,Mobile,Email',
    {
      firstName: 'First Name',
      lastName: 'Last Name',
      company: 'Account Name',
      country: 'Mailing Country',
      phone: 'Mobile',
      email: 'Email',
    },
  ],
  [
    'Brevo',
    'EMAIL,LASTNAME,FIRSTNAME,SMS',
    { email: 'EMAIL', lastName: 'LASTNAME', firstName: 'FIRSTNAME', 'phone.international': 'SMS' },
  ],
  [
    'Facebook',
    'id,created_time,platform,full_name,email,phone_number,lead_status',
    { fullName: 'full_name', email: 'email', phone: 'phone_number' },
  ],
  [
    'Eventbrite',
    'Order #,First Name,Last Name,Email,Home Country,Cell Phone',
    {
      firstName: 'First Name',
      lastName: 'Last Name',
      email: 'Email',
      country: 'Home Country',
      phone: 'Cell Phone',
    },
  ],
  [
    'Shopify',
    'Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Company,Default Address Country Code,Default Address Phone,Phone,Accepts SMS Marketing',
    {
      firstName: 'First Name',
      lastName: 'Last Name',
      email: 'Email',
      company: 'Default Address Company',
      country: 'Default Address Country Code',
      phone: 'Phone',
    },
  ],
  [
    'WooCommerce',
    'user_email,first_name,last_name,billing_company,billing_email,billing_phone,billing_country',
    {
      email: 'user_email',
      firstName: 'first_name',
      lastName: 'last_name',
      company: 'billing_company',
      phone: 'billing_phone',
      country: 'billing_country',
    },
  ],
  ['Stripe', 'id,Description,Email,Name,Created (UTC)', { email: 'Email', fullName: 'Name' }],
  [
    'Thunderbird, English',
    'First Name,Last Name,Display Name,Primary Email,Secondary Email,Work Phone,Home Phone,Mobile Number,Home Country,Work Country,Organization,Notes,',
    {
      firstName: 'First Name',
      lastName: 'Last Name',
      email: 'Primary Email',
      phone: 'Mobile Number',
      country: 'Work Country',
      company: 'Organization',
    },
  ],
  [
    'Thunderbird, German',
    'Vorname,Nachname,Anzeigename,Primäre E-Mail-Adresse,Tel. dienstlich,Tel. privat,Mobil-Tel.-Nr.,Privat: Land,Dienstlich: Land,Organisation',
    {
      firstName: 'Vorname',
      lastName: 'Nachname',
      email: 'Primäre E-Mail-Adresse',
      phone: 'Mobil-Tel.-Nr.',
      country: 'Dienstlich: Land',
      company: 'Organisation',
    },
  ],
  [
    'Zoho',
    'Record Id,Contact Owner,First Name,Last Name,Account Name,Email,Phone,Home Phone,Other Phone,Mobile,Mailing Country,Email Opt Out',
    {
      firstName: 'First Name',
      lastName: 'Last Name',
      company: 'Account Name',
      email: 'Email',
      phone: 'Mobile',
      country: 'Mailing Country',
    },
  ],
  [
    'Pipedrive',
    'Person - Name,Person - First name,Person - Last name,Person - Email - Work,Person - Phone - Work,Person - Phone - Mobile,Person - Organization',
    {
      firstName: 'Person - First name',
      lastName: 'Person - Last name',
      email: 'Person - Email - Work',
      phone: 'Person - Phone - Mobile',
      company: 'Person - Organization',
    },
  ],
  [
    'Excel, German',
    'Anrede,Vorname,Nachname,Firma,E-Mail,Telefon,Handy,PLZ,Ort,Land',
    {
      firstName: 'Vorname',
      lastName: 'Nachname',
      company: 'Firma',
      email: 'E-Mail',
      phone: 'Handy',
      country: 'Land',
    },
  ],
  [
    'German, the last name as Name',
    'Name,Vorname,Mail',
    { lastName: 'Name', firstName: 'Vorname', email: 'Mail' },
  ],
  [
    'Excel, French',
    'Nom,Prénom,Société,E-mail,Téléphone,Portable,Pays',
    {
      lastName: 'Nom',
      firstName: 'Prénom',
      company: 'Société',
      email: 'E-mail',
      phone: 'Téléphone',
      country: 'Pays',
    },
  ],
  [
    'Excel, Spanish',
    'Nombre,Apellidos,Empresa,Correo electrónico,Teléfono,Móvil,País',
    {
      firstName: 'Nombre',
      lastName: 'Apellidos',
      company: 'Empresa',
      email: 'Correo electrónico',
      phone: 'Teléfono',
      country: 'País',
    },
  ],
  [
    'Excel, Polish',
    'Imię,Nazwisko,Firma,Adres e-mail,Telefon,Kraj',
    {
      firstName: 'Imię',
      lastName: 'Nazwisko',
      company: 'Firma',
      email: 'Adres e-mail',
      phone: 'Telefon',
      country: 'Kraj',
    },
  ],
  [
    'Excel, Ukrainian',
    "ID,Ім'я,Прізвище,Телефон,Email,Компанія,Країна",
    {
      firstName: "Ім'я",
      lastName: 'Прізвище',
      phone: 'Телефон',
      email: 'Email',
      company: 'Компанія',
      country: 'Країна',
    },
  ],
  [
    'Excel, Italian',
    'Nome,Cognome,Azienda,Indirizzo e-mail,Cellulare,Paese',
    {
      firstName: 'Nome',
      lastName: 'Cognome',
      company: 'Azienda',
      email: 'Indirizzo e-mail',
      phone: 'Cellulare',
      country: 'Paese',
    },
  ],
  [
    'in Romanian',
    'Nume,Prenume,Adresă de e-mail,Telefon mobil,Firmă',
    {
      lastName: 'Nume',
      firstName: 'Prenume',
      email: 'Adresă de e-mail',
      phone: 'Telefon mobil',
      company: 'Firmă',
    },
  ],
  [
    'in Hungarian',
    'Vezetéknév,Keresztnév,E-mail cím,Telefonszám,Cég,Ország',
    {
      lastName: 'Vezetéknév',
      firstName: 'Keresztnév',
      email: 'E-mail cím',
      phone: 'Telefonszám',
      company: 'Cég',
      country: 'Ország',
    },
  ],
  [
    'in Czech',
    'Jméno,Příjmení,E-mailová adresa,Telefonní číslo,Společnost,Země',
    {
      firstName: 'Jméno',
      lastName: 'Příjmení',
      email: 'E-mailová adresa',
      phone: 'Telefonní číslo',
      company: 'Společnost',
      country: 'Země',
    },
  ],
  [
    'in Slovak',
    'Meno,Priezvisko,E-mail,Mobil,Spoločnosť,Krajina',
    {
      firstName: 'Meno',
      lastName: 'Priezvisko',
      email: 'E-mail',
      phone: 'Mobil',
      company: 'Spoločnosť',
      country: 'Krajina',
    },
  ],
  [
    'in Croatian',
    'Ime,Prezime,E-pošta,Mobitel,Tvrtka,Država',
    {
      firstName: 'Ime',
      lastName: 'Prezime',
      email: 'E-pošta',
      phone: 'Mobitel',
      company: 'Tvrtka',
      country: 'Država',
    },
  ],
  [
    'in Serbian',
    'Име,Презиме,Е-пошта,Мобилни,Предузеће,Држава',
    {
      firstName: 'Име',
      lastName: 'Презиме',
      email: 'Е-пошта',
      phone: 'Мобилни',
      company: 'Предузеће',
      country: 'Држава',
    },
  ],
  [
    'in Bulgarian',
    'Име,Фамилия,Имейл,Мобилен телефон,Фирма,Държава',
    {
      firstName: 'Име',
      lastName: 'Фамилия',
      email: 'Имейл',
      phone: 'Мобилен телефон',
      company: 'Фирма',
      country: 'Държава',
    },
  ],
  [
    'in Greek',
    'Επώνυμο,Όνομα,Ηλ. ταχυδρομείο,Κινητό,Εταιρεία,Χώρα',
    {
      lastName: 'Επώνυμο',
      firstName: 'Όνομα',
      email: 'Ηλ. ταχυδρομείο',
      phone: 'Κινητό',
      company: 'Εταιρεία',
      country: 'Χώρα',
    },
  ],
  [
    'in Turkish',
    'Adı,Soyadı,E-posta,Cep Telefonu,Şirket,Ülke',
    {
      firstName: 'Adı',
      lastName: 'Soyadı',
      email: 'E-posta',
      phone: 'Cep Telefonu',
      company: 'Şirket',
      country: 'Ülke',
    },
  ],
  [
    'in Finnish',
    'Etunimi,Sukunimi,Sähköposti,Puhelin,Yritys,Maa',
    {
      firstName: 'Etunimi',
      lastName: 'Sukunimi',
      email: 'Sähköposti',
      phone: 'Puhelin',
      company: 'Yritys',
      country: 'Maa',
    },
  ],
  [
    'in Icelandic',
    'Nafn,Netfang,Sími,Fyrirtæki,Land',
    { fullName: 'Nafn', email: 'Netfang', phone: 'Sími', company: 'Fyrirtæki', country: 'Land' },
  ],
  // `Nom` was the last name of the French, beside a last name that was not known.
  [
    'in Catalan',
    'Nom,Cognoms,Correu electrònic,Telèfon,Empresa,País',
    {
      firstName: 'Nom',
      lastName: 'Cognoms',
      email: 'Correu electrònic',
      phone: 'Telèfon',
      company: 'Empresa',
      country: 'País',
    },
  ],
  [
    'in Basque',
    'Izena,Abizena,Posta elektronikoa,Telefonoa,Enpresa,Herrialdea',
    {
      firstName: 'Izena',
      lastName: 'Abizena',
      email: 'Posta elektronikoa',
      phone: 'Telefonoa',
      company: 'Enpresa',
      country: 'Herrialdea',
    },
  ],
  [
    'in Albanian',
    'Emri,Mbiemri,Email,Telefoni,Kompania,Shteti',
    {
      firstName: 'Emri',
      lastName: 'Mbiemri',
      email: 'Email',
      phone: 'Telefoni',
      company: 'Kompania',
      country: 'Shteti',
    },
  ],
  [
    'in Swahili',
    'Jina la kwanza,Jina la ukoo,Barua pepe,Simu,Kampuni,Nchi',
    {
      firstName: 'Jina la kwanza',
      lastName: 'Jina la ukoo',
      email: 'Barua pepe',
      phone: 'Simu',
      company: 'Kampuni',
      country: 'Nchi',
    },
  ],
  // In Bangladesh পদবি is what somebody is at work: people had “Manager” for their last name.
  [
    'in Bengali',
    'নাম,পদবি,ইমেইল,ফোন,কোম্পানি,দেশ',
    { fullName: 'নাম', email: 'ইমেইল', phone: 'ফোন', company: 'কোম্পানি', country: 'দেশ' },
  ],
  [
    'in Lithuanian',
    'Vardas,Pavardė,El. paštas,Telefonas,Įmonė,Šalis',
    {
      firstName: 'Vardas',
      lastName: 'Pavardė',
      email: 'El. paštas',
      phone: 'Telefonas',
      company: 'Įmonė',
      country: 'Šalis',
    },
  ],
  [
    'in Latvian',
    'Vārds,Uzvārds,E-pasts,Tālrunis,Uzņēmums,Valsts',
    {
      firstName: 'Vārds',
      lastName: 'Uzvārds',
      email: 'E-pasts',
      phone: 'Tālrunis',
      company: 'Uzņēmums',
      country: 'Valsts',
    },
  ],
  [
    'in Estonian',
    'Eesnimi,Perekonnanimi,E-post,Mobiiltelefon,Ettevõte',
    {
      firstName: 'Eesnimi',
      lastName: 'Perekonnanimi',
      email: 'E-post',
      phone: 'Mobiiltelefon',
      company: 'Ettevõte',
    },
  ],
  [
    'in Armenian',
    'Անուն,Ազգանուն,Էլ. փոստ,Հեռախոս,Երկիր',
    { firstName: 'Անուն', lastName: 'Ազգանուն', email: 'Էլ. փոստ', phone: 'Հեռախոս', country: 'Երկիր' },
  ],
  [
    'in Georgian',
    'სახელი,გვარი,ელფოსტა,ტელეფონი,ქვეყანა',
    { firstName: 'სახელი', lastName: 'გვარი', email: 'ელფოსტა', phone: 'ტელეფონი', country: 'ქვეყანა' },
  ],
  [
    'in Arabic',
    'الاسم الأول,اسم العائلة,البريد الالكتروني,الجوال,الشركة,الدولة',
    {
      firstName: 'الاسم الأول',
      lastName: 'اسم العائلة',
      email: 'البريد الالكتروني',
      phone: 'الجوال',
      company: 'الشركة',
      country: 'الدولة',
    },
  ],
  [
    'in Hebrew',
    'שם פרטי,שם משפחה,דוא"ל,נייד,חברה,מדינה',
    {
      firstName: 'שם פרטי',
      lastName: 'שם משפחה',
      email: 'דוא"ל',
      phone: 'נייד',
      company: 'חברה',
      country: 'מדינה',
    },
  ],
  [
    'in Persian',
    'نام,نام خانوادگی,ایمیل,موبایل,شرکت,کشور',
    {
      firstName: 'نام',
      lastName: 'نام خانوادگی',
      email: 'ایمیل',
      phone: 'موبایل',
      company: 'شرکت',
      country: 'کشور',
    },
  ],
  [
    'in Hindi',
    'नाम,ईमेल,मोबाइल,कंपनी,देश',
    { fullName: 'नाम', email: 'ईमेल', phone: 'मोबाइल', company: 'कंपनी', country: 'देश' },
  ],
  [
    'in Thai',
    'ชื่อ,นามสกุล,อีเมล,เบอร์โทร,บริษัท,ประเทศ',
    {
      firstName: 'ชื่อ',
      lastName: 'นามสกุล',
      email: 'อีเมล',
      phone: 'เบอร์โทร',
      company: 'บริษัท',
      country: 'ประเทศ',
    },
  ],
  [
    'in Vietnamese',
    'Họ,Tên,Email,Điện thoại,Công ty,Quốc gia',
    {
      lastName: 'Họ',
      firstName: 'Tên',
      email: 'Email',
      phone: 'Điện thoại',
      company: 'Công ty',
      country: 'Quốc gia',
    },
  ],
  [
    'in Indonesian',
    'Nama lengkap,Alamat email,Nomor telepon,Perusahaan,Negara',
    {
      fullName: 'Nama lengkap',
      email: 'Alamat email',
      phone: 'Nomor telepon',
      company: 'Perusahaan',
      country: 'Negara',
    },
  ],
  [
    'a vCard converter',
    'Full Name,ORG,Email,Phone',
    { fullName: 'Full Name', company: 'ORG', email: 'Email', phone: 'Phone' },
  ],
  ['by hand', 'Name,Email,Phone', { fullName: 'Name', email: 'Email', phone: 'Phone' }],
  ['WordPress', 'user_email,display_name', { email: 'user_email', fullName: 'display_name' }],
  ['of India', 'Name,Email ID,Mobile No.', { fullName: 'Name', email: 'Email ID', phone: 'Mobile No.' }],
];

describe('the columns of a file', () => {
  it.each(layouts)('are known in the layout of %s', (_, header, fields) => {
    expect(fieldsOf(header)).toEqual(fields);
  });

  it('are known in any case, with accents or without, with blanks and signs around and invisible characters within', () => {
    expect(fieldsOf('\u200be\u2011MAIL: ,First\u00a0Name*,TELEPHONE,SOCIETE,Ｃｏｕｎｔｒｙ')).toEqual({
      email: '\u200be\u2011MAIL: ',
      firstName: 'First\u00a0Name*',
      phone: 'TELEPHONE',
      company: 'SOCIETE',
      country: 'Ｃｏｕｎｔｒｙ',
    });
  });

  it('are known by the letters of windows-1256, which lacks two Persian ones, and without marks in Vietnamese', () => {
    expect(fieldsOf('نام,نام خانوادگي,پست الکترونيکي,شماره تلفن,كشور')).toEqual({
      firstName: 'نام',
      lastName: 'نام خانوادگي',
      email: 'پست الکترونيکي',
      phone: 'شماره تلفن',
      country: 'كشور',
    });
    expect(fieldsOf('Email,So dien thoai')).toEqual({ email: 'Email', phone: 'So dien thoai' });
  });

  it('are the country’s in each language, also beside a column of the town', () => {
    expect(fieldsOf('E-pošta,Kraj,Država', 'a@a.test,Ljubljana,Slovenija')).toMatchObject({
      country: 'Država',
    });
    expect(fieldsOf('E-mail,Kraj,Země', 'a@a.test,Vysočina,Česko')).toMatchObject({ country: 'Země' });
    expect(fieldsOf('E-mail,Kraj', 'a@a.test,Polska')).toMatchObject({ country: 'Kraj' });
    expect(fieldsOf('E-post,Perenimi,Riik')).toMatchObject({ lastName: 'Perenimi', country: 'Riik' });
  });

  it('are one for each field: the one with the better name, else the first', () => {
    expect(fieldsOf('Work Phone,Mobile,Phone,phone')).toEqual({ phone: 'Phone' });
    expect(fieldsOf('Account,Company')).toEqual({ company: 'Company' });
    expect(fieldsOf('CC,email')).toEqual({ email: 'email' });
  });

  it('are none for names without letters, and for the names of inherited properties', () => {
    expect(fieldsOf('#,*,,__proto__,constructor,toString')).toEqual({});
  });

  it('with very long names are not compared; combining marks are not ordered, which would take quadratic time', () => {
    const normalize = vi.spyOn(String.prototype, 'normalize');
    onTestFinished(() => normalize.mockRestore());
    expect(fieldsOf('émail')).toEqual({ email: 'émail' });
    expect(normalize).toHaveBeenCalled();
    normalize.mockClear();
    expect(fieldsOf(`email${'\u0301\u0316'.repeat(16_000)}`)).toEqual({});
    expect(normalize).not.toHaveBeenCalled();
  });
});

describe('columns without a known name', () => {
  it.each([
    [
      'by a word in it',
      'Ihre E-Mail (Pflicht),Wunsch',
      ['ada@a.test,x', 'bob@a.test,y'],
      'email',
      'Ihre E-Mail (Pflicht)',
    ],
    ['by a letter that is wrong', 'Emial,Notes', ['ada@a.test,x'], 'email', 'Emial'],
    ['by their cells alone', 'Login,Notes', ['ada@a.test,x', 'bob@a.test,y'], 'email', 'Login'],
    ['by a word in it', 'email,Rückruf-Telefon', ['a@a.test,030 23125000'], 'phone', 'Rückruf-Telefon'],
    ['by a number with its country', 'email,', ['a@a.test,+49 30 23125000'], 'phone', ''],
    ['by a word in it', 'email,Land der Firma', ['a@a.test,Österreich'], 'country', 'Land der Firma'],
    ['by a letter that is wrong', 'email,Coutry', ['a@a.test,Poland'], 'country', 'Coutry'],
    ['by a word in it', 'email,Țara de reședință', ['a@a.test,România'], 'country', 'Țara de reședință'],
    [
      'by names of countries',
      'email,Column 2',
      ['a@a.test,Poland', 'b@a.test,Italia'],
      'country',
      'Column 2',
    ],
    [
      'by their end',
      'email,Guest First Name,Guest Last Name',
      ['a@a.test,Ada,L'],
      'firstName',
      'Guest First Name',
    ],
    [
      'without brackets and numbers',
      'email,Telefon 1 (privat)',
      ['a@a.test,030 23125000'],
      'phone',
      'Telefon 1 (privat)',
    ],
  ] as const)('are found %s: %s', (_, header, rows, target, name) => {
    expect(fieldsOf(header, ...rows)[target]).toBe(name);
  });

  it.each([
    ['County', 'Kent'],
    ['Fax', '+49 30 23125000'],
    ['Sprache', 'de'],
    ['E-Mail-Typ', 'SMTP'],
    ['Company Main Phone', ''],
    ['Emergency Contact First Name', 'Bob'],
    ['Order', '4711471147'],
    ['Middle Name', 'King'],
    // A Brazilian postcode, and the weight of a parcel.
    ['CEP', '01310-100'],
    ['Tara', '12'],
    // The town, in Slovenian, which cost all rows.
    ['Kraj', 'Ljubljana'],
    // Lithuanian for a login, and for the father's name.
    ['Vartotojo vardas', 'jonas7'],
    // Numbers of fax machines, in Thai, Greek and Turkish.
    ['โทรสาร', '02 123 4567'],
    ['Τηλεομοιοτυπία', '+30 210 1234567'],
    ['Faks telefon', '+90 212 1234567'],
  ])('are not guessed without a reason: %s', (name, cell) => {
    expect(fieldsOf(`email,${name}`, `a@a.test,${cell}`)).toEqual({ email: 'email' });
  });

  it('are none in a file without a header', () => {
    expect(fieldsOf('ada@a.test,Ada', 'bob@a.test,Bob')).toEqual({});
  });
});

describe('of several columns for one field', () => {
  it('the one whose cells hold something comes first, and the others are told', () => {
    const header = ['E-mail', 'Primary Phone', 'Mobile Phone'];
    expect(guessColumns(header, [['a@a.test', '', '+49 171 1234567']])).toEqual([
      { target: 'email', by: 'alias', confidence: 1, isTaken: false },
      { target: 'phone', by: 'alias', confidence: 1, isTaken: true },
      { target: 'phone', by: 'alias', confidence: 1, isTaken: false },
    ]);
    expect(guessColumns(header).map((guess) => guess?.isTaken)).toEqual([false, false, true]);
  });

  // Rows that came back for want of an address were once imported, when they were dropped again, as their colleague's.
  it('addresses of somebody else come last, though no cell of the others holds one', () => {
    const header = ['Email', 'Contact Owner Email'];
    const [own, owner] = guessColumns(header, [['', 'office@a.test']]);
    expect([own, owner]).toMatchObject([{ isTaken: false }, { target: 'email', isTaken: true }]);
    const [only] = guessColumns(['Owner Email'], [['office@a.test']]);
    expect(only).toMatchObject({ target: 'email', isTaken: false });
  });
});

describe('a whole name', () => {
  it('is that of whom the addresses are, and no name of something else', () => {
    expect(fieldsOf('Order,Attendee Name,Attendee Email,Buyer Name', '1,Ann Lee,a@a.test,Bob Ray')).toEqual({
      fullName: 'Attendee Name',
      email: 'Attendee Email',
    });
    expect(fieldsOf('Event Name,Email', 'Gala,a@a.test')).toEqual({ email: 'Email' });
    // What is no person was split into a first and a last name.
    expect(fieldsOf('Store Name,Store Email', 'Acme Ltd,a@a.test')).toEqual({ email: 'Store Email' });
    expect(fieldsOf('User Name,User Email', 'jdoe42,a@a.test')).toEqual({ email: 'User Email' });
    expect(fieldsOf('Business Name,Business Email', 'Acme Ltd,a@a.test')).toEqual({
      company: 'Business Name',
      email: 'Business Email',
    });
  });

  it.each([
    [
      'is split where no other column has a part of it',
      'Name,email',
      'Ada Lovelace,a@a.test',
      { fullName: 'Name' },
    ],
    [
      'is split where one column has a part of it',
      'Name,First name,email',
      'Ada Lovelace,Ada,a@a.test',
      { fullName: 'Name', firstName: 'First name' },
    ],
    [
      'is the last name beside the first',
      'Name,First name,email',
      'Lovelace,Ada,a@a.test',
      { lastName: 'Name', firstName: 'First name' },
    ],
    [
      'stands with the family first',
      'ФИО,Notes,email',
      'Шевченко Тарас,x,a@a.test',
      { 'fullName.familyFirst': 'ФИО' },
    ],
    ['stands under the name of a part', 'Nombre,email', 'Ada Lovelace,a@a.test', { fullName: 'Nombre' }],
    ['is no whole name under the name of a part', 'Nombre,email', 'Ada,a@a.test', { firstName: 'Nombre' }],
    ['is no address', 'Contact,email', 'ada@b.test,a@a.test', {}],
  ] as const)('%s', (_, header, row, names) => {
    expect(fieldsOf(header, row)).toEqual({ ...names, email: 'email' });
  });
});

describe('a header without e-mail addresses', () => {
  const refusal = (header: string[], line = 3) => {
    try {
      requireEmailColumn(
        header,
        guessColumns(header).map((guess) => guess?.target ?? null),
        line,
        throwFault,
      );
    } catch (error) {
      return error;
    }
    return null;
  };

  it('is refused with its line and its names, and with what can be done', () => {
    expect(refusal(['name', 'phone'])).toMatchObject({
      code: 'no_email_column',
      line: 3,
      message:
        'No column holds e-mail addresses. The header reads “name”, “phone”. Name one column “email”, and drop the file again.',
    });
    expect(refusal(['email'])).toBeNull();
  });

  it('is shown in part where it is long', () => {
    const header = [
      `${'x'.repeat(39)}😀${'y'.repeat(60_000)}`,
      ...Array.from({ length: 999 }, (_, n) => `c${n}`),
    ];
    const { message } = refusal(header) as Error;
    expect(message).toContain(`“${'x'.repeat(39)}”, “c0”`);
    expect(message).toContain('“c18” and 980 more');
    expect(message.length).toBeLessThan(1_200);
  });
});
