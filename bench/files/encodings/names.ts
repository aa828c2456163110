/** Names of people, as contacts files have them, with the encodings in which their offices write. */
export interface NamesOfLanguage {
  readonly language: string;
  readonly encodings: readonly string[];
  readonly names: readonly string[];
}

const list = (text: string) => text.split(',').map((name) => name.trim());

export const namesByLanguage: readonly NamesOfLanguage[] = [
  {
    language: 'German',
    encodings: ['windows-1252', 'macintosh', 'ibm850'],
    names: list(
      'Jörg Müller,Ursula Schröder,Jürgen Weiß,Käthe Böhm,Günther Krämer,Anna Schmidt,Björn Köhler,Sabine Groß,Lothar Jäger,Heike Schäfer,Peter Meier,Renate Lübke,Götz Hübner,Bärbel Förster,Uwe Strauß,Zoë Döring',
    ),
  },
  {
    language: 'French',
    encodings: ['windows-1252', 'macintosh'],
    names: list(
      'François Lefèvre,Hélène Béranger,André Gonçalves,Zoé Crépeau,Joël Château,Anaïs Forêt,Jérôme Besançon,Marie Dupont,Benoît Léger,Gaëlle Hébert,Cécile Rivière,Noémie Pâquet,Théo Lemaître,Chloé Guérin,Éric Bouché,Loïc Cœur',
    ),
  },
  {
    language: 'Thai',
    encodings: ['windows-874'],
    names: list(
      'สมชาย ใจดี,สมหญิง รักไทย,ณัฐพล ศรีสุข,กนกวรรณ ทองดี,วิชัย แก้วมณี,ปิยะดา สุวรรณ,ธนากร บุญมา,อรุณี พงษ์ไพร,ชัยวัฒน์ วงศ์ทอง,สุภาพร จันทร์แก้ว,พิมพ์ชนก ศักดิ์สิทธิ์,ประเสริฐ มั่นคง,นภา สายทอง,กิตติ เจริญสุข,ดวงใจ อินทร์แก้ว,มานพ เพชรดี',
    ),
  },
  {
    language: 'Spanish',
    encodings: ['windows-1252'],
    names: list(
      'José Núñez,María García,Begoña Ibáñez,Raúl Martínez,Íñigo Peña,Ángel Muñoz,Lucía Fernández,Óscar Gutiérrez,Sofía Ordóñez,Jesús Avilés,Ana Ruiz,Inés Cañas,Ramón Pérez,Verónica Yáñez,Adrián López,Belén Güell',
    ),
  },
  {
    language: 'Portuguese',
    encodings: ['windows-1252'],
    names: list(
      'João Gonçalves,Conceição Araújo,Antônio Guimarães,Inês Brandão,Sebastião Magalhães,Mônica Falcão,Luís Assunção,Ana Silva,Lúcia Galvão,Estêvão Simões,Júlia Cabeço,Zélia Luzó,Vânia Leão,Simão Fragão,Flávio Jordão,Cátia Bragança',
    ),
  },
  {
    language: 'Italian',
    encodings: ['windows-1252'],
    names: list(
      'Nicolò Cantù,Mosè Calì,Niccolò Foà,Giosuè Alò,Noè Tomasicchiò,Maria Rossi,Desirée Muccì,Aloè Scurò,Dorò Salò,Salomè Pagà',
    ),
  },
  {
    language: 'Swedish',
    encodings: ['windows-1252'],
    names: list(
      'Åsa Söderberg,Björn Åkerström,Märta Hägg,Göran Sjöström,Håkan Öberg,Anna Lindqvist,Pär Nyström,Lovisa Wallén,Örjan Åberg,Sören Hägglund',
    ),
  },
  {
    language: 'Danish',
    encodings: ['windows-1252'],
    names: list(
      'Søren Kjærgaard,Bjørn Østergård,Åse Sørensen,Jørgen Nørgaard,Kåre Bæk,Mette Hansen,Læsø Grøn,Pål Ødegård,Ærø Møller,Jesper Højlund',
    ),
  },
  {
    language: 'Polish',
    encodings: ['windows-1250', 'iso-8859-2', 'ibm852'],
    names: list(
      'Łukasz Wójcik,Małgorzata Dąbrowska,Paweł Zieliński,Agnieszka Kozłowska,Michał Jabłoński,Wojciech Wiśniewski,Żaneta Gąsior,Józef Pająk,Bożena Świątek,Anna Kowalska,Stanisław Krawczyński,Elżbieta Wróbel,Rafał Źrebiec,Urszula Łęcka,Grażyna Sęk,Zdzisław Ćwik',
    ),
  },
  {
    language: 'Czech',
    encodings: ['windows-1250', 'iso-8859-2', 'ibm852'],
    names: list(
      'Jiří Dvořák,Tomáš Novák,Lucie Černá,Ondřej Růžička,Kateřina Němcová,Václav Šťastný,Zdeněk Kučera,Hana Svobodová,Božena Ďurišová,Lukáš Veselý,Anežka Říhová,Matěj Žižka,Štěpán Doležal,Alžběta Kovářová,Radim Hájek,Šárka Vaňková',
    ),
  },
  {
    language: 'Hungarian',
    encodings: ['windows-1250'],
    names: list(
      'Gábor Szőke,Zsófia Kovács,László Szűcs,Erzsébet Tóth,Győző Fehér,István Nagy,Ágnes Lőrincz,József Bíró,Gergő Őry,Tünde Sükösd,Márton Vörös,Éva Fűzfa,Béla Bartók,Ödön Dühös,Réka Főző,Levente Szabó',
    ),
  },
  {
    language: 'Croatian',
    encodings: ['windows-1250'],
    names: list(
      'Željko Horvatić,Živko Čačić,Goran Đukić,Anđela Šimić,Krešimir Perišić,Marija Babić,Saša Žunić,Lučka Kovačić,Dražen Ćosić,Tomislav Jurčić',
    ),
  },
  {
    language: 'Russian',
    encodings: ['windows-1251', 'koi8-r', 'maccyrillic', 'iso-8859-5'],
    names: list(
      'Иван Петров,Ольга Сидорова,Сергей Щербаков,Юлия Цветкова,Пётр Ёлкин,Наталья Кузнецова,Дмитрий Жуков,Эльвира Хохлова,Алексей Объедков,Татьяна Рыжова,Андрей Чернышёв,Мария Яковлева,Фёдор Шишкин,Ксения Зайцева',
    ),
  },
  {
    language: 'Ukrainian',
    encodings: ['windows-1251', 'koi8-u'],
    names: list(
      'Ганна Шевченко,Олександр Ковальчук,Їжакевич Ірина,Євген Ґудзь,Юрій Мельник,Наталія Бойко,Сергій Кравчук,Оксана Лисенко,Андрій Дячук,Зінаїда Хоменко,Тарас Цимбалюк,Леся Щербина,Микола Жук,Дар’я Яремчук',
    ),
  },
  {
    language: 'Greek',
    encodings: ['windows-1253'],
    names: list(
      'Γιώργος Παπαδόπουλος,Ελένη Νικολάου,Κώστας Δημητρίου,Μαρία Γεωργίου,Άννα Οικονόμου,Ιωάννης Βασιλείου,Χρήστος Ζαφείρης,Δήμητρα Ψαρρού,Στέλιος Ξένος,Φωτεινή Αγγέλου',
    ),
  },
  {
    language: 'Turkish',
    encodings: ['windows-1254'],
    names: list(
      'Ayşe Yılmaz,Çağlar Öztürk,İbrahim Şahin,Gülşen Doğan,Uğur Kılıç,Mehmet Çelik,Özlem Güneş,Işıl Aydın,Barış Yıldırım,Şükrü Erdoğan,Tuğba Ağaoğlu,Müge Koç,Oğuz Çakır,Zeynep Taş',
    ),
  },
  {
    language: 'Japanese',
    encodings: ['shift_jis', 'euc-jp'],
    names: list(
      '太郎 佐藤,花子 鈴木,健一 高橋,由美 田中,翔太 伊藤,さくら 渡辺,陽子 山本,大輔 中村,直樹 小林,まゆみ 加藤,誠 吉田,真理子 斎藤,浩二 長谷川,結衣 森,ケンジ 藤原,美咲 遠藤',
    ),
  },
  {
    language: 'Chinese, simplified',
    encodings: ['gb18030'],
    names: list(
      '伟 王,芳 李,娜 张,秀英 刘,敏 陈,静 杨,丽 赵,强 黄,磊 周,军 吴,洋 徐,勇 孙,艳 胡,杰 朱,娟 高,涛 林,明 何,超 郭,霞 马,平 罗,雪梅 欧阳,志强 司马,晓东 谭,建国 韩',
    ),
  },
  {
    language: 'Chinese, traditional',
    encodings: ['big5'],
    names: list(
      '志明 陳,淑芬 林,俊傑 黃,美玲 張,家豪 李,雅婷 王,怡君 吳,建宏 劉,佳穎 蔡,宗翰 楊,冠宇 許,淑惠 鄭,承恩 謝,麗華 郭,文雄 洪,慧敏 歐陽,國強 蕭,秀蘭 羅,詩涵 鍾,子軒 葉',
    ),
  },
  {
    language: 'Korean',
    encodings: ['euc-kr'],
    names: list(
      '민준 김,서연 이,도윤 박,지우 최,하은 정,준호 강,수빈 조,현우 윤,예진 장,지훈 임,은지 한,성민 오,유나 서,동현 신,미경 권,재석 황,혜진 안,상우 송,보람 전,영희 홍',
    ),
  },
];
