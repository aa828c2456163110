/**
 * The names by which a contact's fields go in the files that people have: in their own words, and in the exports of Google,
 * Outlook, Thunderbird, LinkedIn, HubSpot, Salesforce, Zoho, Pipedrive, Mailchimp, Brevo, Facebook, Shopify, WooCommerce,
 * Eventbrite and WordPress. The better name of a field comes first.
 */
import type { ColumnField } from './contact-fields.ts';

/** @param text names parted by commas and line breaks */
function namesIn(text: string): readonly string[] {
  return text
    .split(/[,\n]/)
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

const emailNames = namesIn(`
  E-mail, E-mail address, Mail, Mail address, E-mail ID, E-mail 1, Primary e-mail, E-mail 1 - Value,
  Person - Email - Work, Person - Email - Home, Person - Email - Other, Person - Email, user_email,
  billing_email, Work e-mail, Personal e-mail, Contact e-mail, E-Mail-Adresse, Mailadresse,
  Primäre E-Mail-Adresse, Primäre E-Mail, Adresse e-mail, Adresse de messagerie, Adresse mail,
  Adresse électronique, Courriel, Mél, Correo electrónico, Dirección de correo electrónico, Correo,
  Email principal, Indirizzo e-mail, Indirizzo di posta elettronica, Posta elettronica, Endereço de e-mail,
  Correio eletrônico, Adres e-mail, Adres poczty e-mail, Poczta elektroniczna, E-mailadres, E-postadress,
  E-post, Sähköposti, Адреса ел. пошти, Адреса електронної пошти, Електронна пошта, Електронна адреса,
  Ел. пошта, Пошта, Електронна скринька, E-mail адреса, Адрес эл. почты, Адрес электронной почты,
  Электронная почта, Эл. почта, Электронный адрес, Почта, 电子邮件地址, 电子邮件, 电子邮箱, 邮箱, 邮件, 電子郵件地址, 電子郵件, メールアドレス,
  電子メール アドレス, 電子メール, メール, Eメール, 이메일, 이메일 주소,
  E-posta, E-posta adresi, E-mail cím, E-mailová adresa, Adresă de e-mail, Adresă e-mail, Poștă electronică,
  E-postiaadress, E-posti aadress, E-pasts, E-pasta adrese, El. paštas, El. pašto adresas, Netfang,
  Sähköpostiosoite, E-pošta, Elektronička pošta, Elektronska pošta, Е-пошта, Електронска пошта, Имејл, Имейл,
  Имейл адрес, Ел. поща, Електронна поща, Эл. адрес, Ел. адреса, Електронний адрес, Электронны адрас,
  Ηλεκτρονικό ταχυδρομείο, Ηλ. ταχυδρομείο, Διεύθυνση ηλεκτρονικού ταχυδρομείου, Ηλεκτρονική διεύθυνση, Էլ. փոստ,
  Էլեկտրոնային հասցե, Էլ. հասցե, ელფოსტა, ელ. ფოსტა, ელექტრონული ფოსტა, البريد الإلكتروني, البريد الالكتروني,
  بريد إلكتروني, عنوان البريد الإلكتروني, الإيميل, الايميل, إيميل, ایمیل, پست الکترونیک, پست الکترونیکی, דוא״ל,
  דואר אלקטרוני, כתובת דוא״ל, כתובת אימייל, אימייל, מייל, ईमेल, ई-मेल, ईमेल पता, ইমেইল, อีเมล, อีเมล์,
  Thư điện tử, Địa chỉ email, Alamat email, Surel, Correu electrònic, Adreça de correu electrònic, Correu,
  Posta elektronikoa, Barua pepe, Ríomhphost, E-poçt, Электрондық пошта, Эл. пошта,
`);

const firstNameNames = namesIn(`
  First name, First, Given name, Forename, Person - First name, billing_first_name, Vorname, Rufname, Prénom,
  Nombre, Nombre de pila, Nome, Imię, Voornaam, Förnamn, Fornavn, Etunimi, Jméno, Křestní jméno, Keresztnév,
  Prenume, Adı, Isim, Ім’я, Имя, Име, Ime, 名, 名字, 이름,
  Meno, Eesnimi, Vārds, Vardas, Fornafn, Utónév, Όνομα, Անուն, სახელი, الاسم الأول, الاسم الاول, نام, שם פרטי,
  पहला नाम, ชื่อ, Nama depan, Імя,
  Nom de pila, Izena, Emri, Аты, Ainm, Jina la kwanza,
`);

const lastNameNames = namesIn(`
  Last name, Last, Surname, Family name, Person - Last name, billing_last_name, Nachname, Familienname,
  Zuname, Nom, Nom de famille, Apellido, Apellidos, Cognome, Sobrenome, Apelido, Nazwisko, Achternaam,
  Efternamn, Etternavn, Efternavn, Sukunimi, Příjmení, Priezvisko, Vezetéknév, Nume de familie, Soyad, Soyadı,
  Прізвище, Фамилия, Фамилно име, Prezime, 姓, 姓氏, 성,
  Perekonnanimi, Perenimi, Uzvārds, Pavardė, Eftirnafn, Kenninafn, Priimek, Презиме, Прозвішча, Επώνυμο, Επίθετο, Ազգանուն,
  გვარი, اسم العائلة, نام خانوادگی, שם משפחה, उपनाम, นามสกุล, Nama belakang,
  Cognoms, Cognom, Abizena, Abizenak, Mbiemri, Тегі, Sloinne, अंतिम नाम, Jina la ukoo,
`);

const phoneNames = namesIn(`
  Phone, Phone number, Telephone, Telephone number, Phone 1, Primary phone, Handy, Handynummer, Mobiltelefon,
  Mobilnummer, Mobil-Tel.-Nr., Mobil, Telefon, Telefonnummer, Tel., Tel.-Nr., Téléphone, Numéro de téléphone,
  Teléfono, Número de teléfono, Telefono, Numer telefonu, Telefone, Телефон, Номер телефону, Номер телефона,
  电话, 电话号码, 電話, 電話番号, 전화번호, 전화, Mobile, Mobile phone, Mobile number, Mobile phone number, Mobile No., Cell,
  Cell phone, Phone 1 - Value, Person - Phone - Mobile, billing_phone, Default Address Phone, Portable,
  Tél. mobile, Téléphone mobile, Móvil, Teléfono móvil, Celular, Cellulare, Telefon komórkowy, Komórka,
  Телефон мобільний, Мобільний телефон, Мобільний, Мобильный телефон, Мобильный, 移动电话, 手机, 手机号码, 行動電話, 携帯電話,
  携帯電話番号, 휴대폰, Business phone, Work phone, Person - Phone - Work, Person - Phone, Telefon geschäftlich,
  Tel. dienstlich, Téléphone (bureau), Tél. professionnel, Teléfono del trabajo, Telefon służbowy,
  Робочий телефон, Рабочий телефон, 商务电话, 商務電話, 会社電話, Home phone, Person - Phone - Home, Telefon privat,
  Tel. privat, Téléphone (domicile), Teléfono particular, Домашній телефон, Домашний телефон, 住宅电话, 自宅電話,
  Other phone, Person - Phone - Other, WhatsApp,
  Cep telefonu, GSM, Telefon numarası, Puhelin, Puhelinnumero, Matkapuhelin, Telefonszám, Mobilszám,
  Telefonní číslo, Telefónne číslo, Număr de telefon, Nr. telefon, Telefon mobil, Mobitel, Broj telefona,
  Broj mobitela, Telefonska številka, Мобилни, Мобилни телефон, Број телефона, Мобилен, Мобилен телефон,
  Телефонен номер, Моб. телефон, Тэлефон, Tālrunis, Tālruņa numurs, Telefonas, Telefono numeris, Tel. nr.,
  Mobilusis telefonas, Telefoninumber, Mobiiltelefon, Sími, Símanúmer, Farsími, Τηλέφωνο, Κινητό, Κινητό τηλέφωνο,
  Αριθμός τηλεφώνου, Հեռախոս, Հեռախոսահամար, Բջջային, ტელეფონი, ტელეფონის ნომერი, მობილური, الهاتف, رقم الهاتف,
  هاتف, الجوال, رقم الجوال, جوال, الموبايل, المحمول, تلفن, شماره تلفن, موبایل, شماره موبایل, تلفن همراه, טלפון,
  מספר טלפון, נייד, טלפון נייד, סלולרי, फ़ोन, फोन, मोबाइल, मोबाइल नंबर, ফোন, মোবাইল, โทรศัพท์, เบอร์โทร,
  เบอร์โทรศัพท์, มือถือ, โทรศัพท์มือถือ, หมายเลขโทรศัพท์, Điện thoại, Số điện thoại, Di động, Điện thoại di động,
  Nomor telepon, Telepon, Simu, Nambari ya simu, Fón, Telefoni, Telefonoa, Numri i telefonit,
`);

/** Columns of phone numbers that are international, and may lack their plus: Brevo writes `491711234567`. */
export const internationalPhoneNames = namesIn('SMS');

/** Columns of whole names, the given name first. */
export const fullNameNames = namesIn(`
  Full name, Name, Contact name, Customer name, Client name, Person - Name, Display name, Your name, Contact,
  Vor- und Nachname, Vorname Nachname, Vorname und Nachname, Vollständiger Name, Ganzer Name, Anzeigename,
  Ansprechpartner, Kontakt, Kontaktname, Nom complet, Prénom Nom, Prénom et nom, Nombre completo,
  Nombre y apellidos, Nome completo, Nome e cognome, Imię i nazwisko, Volledige naam, Naam, Namn, Fullständigt namn,
  Navn, Fulde navn, Fullt navn, Nimi, Koko nimi, Jméno a příjmení, Celé jméno, Nume complet, Ad Soyad, Adı Soyadı,
  Повне ім’я, Ім’я та прізвище, Полное имя, Имя и фамилия, Контакт, 全名, 姓名, 氏名, お名前, 名前, 성명,
  Nume, Numele complet, Nafn, Fullt nafn, Ime i prezime, Ime in priimek, Име и презиме, Име и фамилия,
  Meno a priezvisko, Vardas ir pavardė, Vardas Pavardė, Vārds Uzvārds, Vārds un uzvārds, Ees- ja perekonnanimi,
  Etunimi Sukunimi, Isim Soyisim, Ονοματεπώνυμο, Όνομα και επώνυμο, Անուն Ազգանուն, სახელი გვარი, სახელი და გვარი,
  الاسم, الاسم الكامل, نام و نام خانوادگی, שם, שם מלא, नाम, पूरा नाम, নাম, ชื่อ-นามสกุล, ชื่อ-สกุล, Nama,
  Nama lengkap,
`);

/** Columns of whole names, the family name first. */
export const familyFirstNames = namesIn(`
  Last name First name, Surname Name, Surname First name, Nachname Vorname, Name Vorname,
  Nachname und Vorname, Name und Vorname, Nom Prénom,
  Nom et prénom, Apellidos y nombre, Cognome e nome, Cognome Nome, Nazwisko i imię, Příjmení a jméno, Név,
  ПІБ, П. І. Б., Прізвище та ім’я, Прізвище ім’я, ФИО, Ф. И. О., Фамилия и имя, Фамилия имя,
  Nume și prenume, Prezime i ime, Priimek in ime, Презиме и име, Фамилия и име, Фамилия имя отчество,
  Прізвище ім’я по батькові, Priezvisko a meno, Pavardė Vardas, Uzvārds Vārds, Sukunimi Etunimi,
  Επώνυμο και όνομα, Επώνυμο Όνομα, Họ và tên, Họ tên,
`);

/**
 * Names of one part of a name that many people write above whole names. They mean the whole one where no column has the other part and most
 * cells hold more than one word.
 */
export const looseNames = namesIn(
  'Nombre, Nome, Nom, Jméno, Meno, Ім’я, Имя, Име, Ime, Vardas, Vārds, Όνομα, Անուն, სახელი, نام, ชื่อ, 名字, 이름',
);

/** Names of the country in one language, and of the town or the region in another: cells decide. */
export const doubtfulCountryNames = namesIn('Kraj, Kraj/Region');

const companyNames = namesIn(`
  Company, Company name, Business name, Organisation, Organization, Organisation name, Organization name, ORG,
  Organization 1 - Name, Person - Organization, Account name, billing_company, Default Address Company, Firma,
  Firmenname, Unternehmen, Société, Entreprise, Empresa, Organización, Compañía, Azienda, Società, Nazwa firmy,
  Bedrijf, Företag, Компанія, Організація, Фірма, Компания, Организация, Фирма, 单位, 公司, 公司名称, 会社, 会社名, 勤務先, 회사,
  Account,
  Şirket, Şirket adı, Firma adı, Yritys, Yrityksen nimi, Virksomhed, Bedrift, Selskap, Cég, Cégnév, Vállalat,
  Společnost, Spoločnosť, Název firmy, Companie, Firmă, Societate, Tvrtka, Poduzeće, Preduzeće, Podjetje,
  Предузеће, Име на фирма, Įmonė, Uzņēmums, Ettevõte, Fyrirtæki, Εταιρεία, Εταιρία, Επιχείρηση, Ընկերություն,
  კომპანია, الشركة, اسم الشركة, شرکت, חברה, שם חברה, कंपनी, บริษัท, Công ty, Tên công ty, Perusahaan,
  Компанија, Kompania, Enpresa, Comhlacht, Kampuni, কোম্পানি,
`);

const countryNames = namesIn(`
  Country, Country code, Country name, Country/Region, Mailing Country, billing_country, Address 1 - Country,
  Default Address Country Code, Default Address Country, Business Country/Region, Work Country,
  Home Country/Region, Home Country, Land, Land/Region, Land/Region geschäftlich, Land/Region privat,
  Dienstlich: Land, Privat: Land, Pays, Pays/Région, Pays/Région (bureau), Pays/Région (domicile), País,
  País o región, País o región del trabajo, País o región del domicilio, Paese, Paese/Area geografica,
  Країна, Країна або регіон, Країна або регіон (роб. адреса), Країна або регіон (дом. адреса),
  Страна, Страна или регион, 国家, 国家/地区, 商务地址 国家/地区, 住宅地址 国家/地区, 國家, 国, 국가,
  Ülke, Ország, Země, Krajina, Država, Држава, Държава, Краіна, Šalis, Valsts, Maa, Χώρα, Երկիր, ქვეყანა,
  الدولة, البلد, کشور, מדינה, ארץ, देश, দেশ, ประเทศ, Quốc gia, Negara, Riik, Riik/regioon,
  Ölkə, Herrialdea, Shteti, Tír, Nchi, Елі,
  Kraj, Kraj/Region,
`);

/** Names that mean a field only where another column has a certain name, too, or are the best ones for it there. */
export const namesBesideOthers = [
  { name: 'Name', beside: 'Vorname', field: 'lastName' },
  { name: 'Name', beside: 'Prénom', field: 'lastName' },
  { name: 'Naam', beside: 'Voornaam', field: 'lastName' },
  { name: 'Namn', beside: 'Förnamn', field: 'lastName' },
  { name: 'Navn', beside: 'Fornavn', field: 'lastName' },
  { name: 'Ad', beside: 'Soyad', field: 'firstName' },
  { name: 'Nume', beside: 'Prenume', field: 'lastName' },
  // Catalan: alone, it is the last name of the French.
  { name: 'Nom', beside: 'Cognoms', field: 'firstName' },
  { name: 'Nom', beside: 'Cognom', field: 'firstName' },
  { name: 'Tên', beside: 'Họ', field: 'firstName' },
  { name: 'Họ', beside: 'Tên', field: 'lastName' },
  { name: 'שם', beside: 'שם משפחה', field: 'firstName' },
  { name: 'الاسم', beside: 'اسم العائلة', field: 'firstName' },
  // Of Salesforce and Zoho, where `Phone` is often the account's.
  { name: 'Mobile', beside: 'Account name', field: 'phone', isBest: true },
  // Of Mailchimp; elsewhere it may be a cost centre, or those who get a copy.
  { name: 'CC', beside: 'MEMBER_RATING', field: 'country' },
] as const;

/** By field; two names that differ in case, accents or marks only are one. */
export const columnNames: Readonly<Record<ColumnField, readonly string[]>> = {
  email: emailNames,
  firstName: firstNameNames,
  lastName: lastNameNames,
  phone: phoneNames,
  company: companyNames,
  country: countryNames,
};
