/** Headers that people write in their own languages. */
import { expect, test } from 'vitest';
import { type Fields, fieldsOf } from './test/fields-of.ts';

const layouts: [string, string, Fields][] = [
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
  ['in India', 'Name,Email ID,Mobile No.', { fullName: 'Name', email: 'Email ID', phone: 'Mobile No.' }],
];

test.each(layouts)('the columns of a file are known %s', (_, header, fields) => {
  expect(fieldsOf(header)).toEqual(fields);
});
