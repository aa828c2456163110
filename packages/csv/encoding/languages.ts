/** What the languages of names are written with, by the encodings of their offices: letters, endings of addresses, names of columns. */
import type { Encoding } from '@tidings/contracts/files/csv.ts';

export interface WrittenLanguage {
  readonly encodings: readonly Encoding[];
  /** Its small letters beyond ASCII; where letters are pairs of bytes, those of common names. */
  readonly letters: string;
  /** Top-level domains of its countries. */
  readonly domains: string;
  /** Of names of columns and countries, in ASCII. */
  readonly words?: RegExp;
}

const WESTERN: readonly Encoding[] = ['windows-1252', 'macintosh', 'iso-8859-15', 'ibm850'];
const CENTRAL: readonly Encoding[] = ['windows-1250', 'iso-8859-2', 'ibm852'];
const CYRILLIC: readonly Encoding[] = [
  'windows-1251',
  'koi8-u',
  'koi8-r',
  'iso-8859-5',
  'x-mac-cyrillic',
  'ibm866',
];
const SOUTH_SLAVIC: readonly Encoding[] = ['windows-1251', 'iso-8859-5', 'x-mac-cyrillic'];

export const languages: readonly WrittenLanguage[] = [
  {
    encodings: WESTERN,
    letters: 'äöüß',
    domains: 'de at ch',
    words: /vorname|nachname|firma|telefon|strasse|plz|\bort\b|anrede|deutschland/i,
  },
  {
    encodings: WESTERN,
    letters: 'àâæçéèêëîïôœùûüÿ',
    domains: 'fr be ch',
    words: /\bnom\b|pr.?nom|soci|courriel|portable|adresse|ville|france/i,
  },
  {
    encodings: WESTERN,
    letters: 'áéíñóúü',
    domains: 'es mx ar cl co pe',
    words: /nombre|apellido|empresa|correo|\bpa.s\b|espa/i,
  },
  {
    encodings: WESTERN,
    letters: 'ãáàâçéêíõóôú',
    domains: 'pt br',
    words: /\bnome\b|sobrenome|empresa|telefone|brasil|portugal/i,
  },
  {
    encodings: WESTERN,
    letters: 'àèéìíòóùú',
    domains: 'it',
    words: /\bnome\b|cognome|azienda|cellulare|paese|italia/i,
  },
  { encodings: WESTERN, letters: 'åäöé', domains: 'se fi', words: /f.rnamn|efternamn|etunimi|sukunimi/i },
  { encodings: WESTERN, letters: 'æøåéö', domains: 'dk no', words: /fornavn|efternavn|etternavn/i },
  { encodings: WESTERN, letters: 'áðéíóúýþæö', domains: 'is' },
  { encodings: WESTERN, letters: 'éëïöüèê', domains: 'nl be', words: /voornaam|achternaam|bedrijf/i },
  { encodings: WESTERN, letters: 'àçéèíïóòúü', domains: 'cat' },
  {
    encodings: CENTRAL,
    letters: 'ąćęłńóśźż',
    domains: 'pl',
    words: /nazwisko|imi|firma|telefon|kraj|polska/i,
  },
  {
    encodings: CENTRAL,
    letters: 'áčďéěíňóřšťúůýž',
    domains: 'cz',
    words: /jm.no|p..jmen|spole|telefon|zem/i,
  },
  { encodings: CENTRAL, letters: 'áäčďéíĺľňóôŕšťúýž', domains: 'sk', words: /meno|priezvisko/i },
  { encodings: CENTRAL, letters: 'áéíóöőúüű', domains: 'hu', words: /vezet.kn.v|keresztn.v|\bn.v\b|magyar/i },
  { encodings: CENTRAL, letters: 'ăâîşţ', domains: 'ro', words: /prenume|\bnume\b|rom.nia/i },
  { encodings: CENTRAL, letters: 'čćđšž', domains: 'hr si rs ba', words: /\bime\b|prezime|tvrtka/i },
  { encodings: CYRILLIC, letters: 'абвгдежзийклмнопрстуфхцчшщъыьэюяё', domains: 'ru by kz' },
  {
    encodings: ['windows-1251', 'koi8-u', 'iso-8859-5', 'x-mac-cyrillic'],
    letters: 'абвгґдеєжзиіїйклмнопрстуфхцчшщьюя',
    domains: 'ua',
  },
  { encodings: CYRILLIC, letters: 'абвгдежзийклмнопрстуфхцчшщъьюя', domains: 'bg' },
  { encodings: SOUTH_SLAVIC, letters: 'абвгдђежзијклљмнњопрстћуфхцчџшѓќѕ', domains: 'rs mk' },
  {
    encodings: ['windows-1253', 'iso-8859-7'],
    letters: 'αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋ',
    domains: 'gr cy',
  },
  {
    encodings: ['windows-1254'],
    letters: 'çğıöşüâîû',
    domains: 'tr',
    words: /soyad|\bad.\b|telefon|.irket|.lke/i,
  },
  { encodings: ['windows-1255', 'iso-8859-8'], letters: 'אבגדהוזחטיךכלםמןנסעףפץצקרשת', domains: 'il' },
  {
    encodings: ['windows-1256', 'iso-8859-6'],
    letters: 'ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيپچژگ',
    domains: 'eg sa ae ir iq jo ma',
  },
  {
    encodings: ['windows-874'],
    letters: 'กขฃคฅฆงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรฤลฦวศษสหฬอฮฯะัาำิีึืฺุูเแโใไๅๆ็่้๊๋์ํ๎',
    domains: 'th',
  },
  {
    encodings: ['windows-1257', 'iso-8859-13'],
    letters: 'ąčęėįšųūž',
    domains: 'lt',
    words: /vardas|pavard/i,
  },
  {
    encodings: ['windows-1257', 'iso-8859-13'],
    letters: 'āčēģīķļņšūž',
    domains: 'lv',
    words: /v.rds|uzv.rds/i,
  },
  {
    encodings: ['windows-1257', 'iso-8859-13'],
    letters: 'äõöüšž',
    domains: 'ee',
    words: /eesnimi|perenimi/i,
  },
  {
    encodings: ['shift_jis', 'euc-jp', 'iso-2022-jp'],
    letters:
      '佐藤鈴木高橋田中伊渡辺山本村小林加吉井口松清水斎崎森池石前岡川長谷近後遠青坂福太西三上原金和野竹内谷大丸今河武杉千菅島桜久保安工菊古市横宮新一郎二美子由香恵真幸健明正弘浩隆博之介翔蓮陽葵結愛優奈菜花彩智裕也直樹拓誠株式会社様東京都府県区町氏名姓電話番号会社住所日国',
    domains: 'jp',
  },
  {
    encodings: ['gb18030'],
    letters:
      '王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀英霞平刚桂华建国红玉兰梅姓名公司电话邮箱手机地址国家中国北京上海市有限省区路号',
    domains: 'cn',
  },
  {
    encodings: ['big5'],
    letters:
      '陳林黃張李王吳劉蔡楊許鄭謝郭洪邱曾廖賴徐周葉蘇莊呂江何蕭羅高潘簡朱鍾游彭詹胡施沈余盧梁趙顏柯翁魏孫戴范方宋鄧杜傅侯曹薛丁卓阮馬董温唐藍石蔣田康古白汪鄒尤巫涂温志明俊傑家豪淑芬美玲雅婷怡君建宏佳穎宗翰冠宇承恩姓名公司電話郵件手機地址國家台灣臺北市有限區路號',
    domains: 'tw hk',
  },
  {
    encodings: ['euc-kr'],
    letters:
      '김이박최정강조윤장임한오서신권황안송전홍유고문양손배백허남심노하곽성차주우구라민진지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용예경봉사부수영준호민서윤하은지우현우도윤시우건우혜숙순희철상재동성미정자옥회사전화번호이름주소대한국서울시구주식',
    domains: 'kr',
  },
];
